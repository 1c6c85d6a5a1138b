"""An app's package, as Zendesk's checker reads it."""

from __future__ import annotations

import io
import json
import stat
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

Json = dict[str, Any]
MOST_UNPACKED = 50 * 1024 * 1024
TEXT_TYPES = ("html", "htm", "xml", "js", "jsx", "json", "css", "svg", "txt", "md", "map", "hbs", "hdbs")


class Unreadable(ValueError):
    """What lies there is not what it should be; the words say what to do."""


@dataclass(frozen=True)
class Place:
    """Where the app shows itself: `support`, `ticket_sidebar`, and what the manifest says of it."""

    product: str
    name: str
    options: Json

    def __str__(self) -> str:
        return f"location.{self.product}.{self.name}"


@dataclass(frozen=True)
class App:
    """The files by their path in the package, and what the manifest says."""

    size: int
    files: Mapping[str, bytes]
    links: tuple[str, ...] = ()
    twice: tuple[str, ...] = ()

    @classmethod
    def read(cls, raw: bytes) -> App:
        """Raises Unreadable for what is no zip, or unpacks to far more than an app holds."""
        try:
            with zipfile.ZipFile(io.BytesIO(raw)) as package:
                entries = [one for one in package.infolist() if not one.is_dir()]
                if sum(one.file_size for one in entries) > MOST_UNPACKED:
                    raise Unreadable("The package unpacks to more than 50 MB: take out what the app does not need.")
                names = [one.filename for one in entries]
                return cls(len(raw), {one.filename: package.read(one) for one in entries},
                           tuple(one.filename for one in entries if stat.S_ISLNK(one.external_attr >> 16)),
                           tuple(sorted({name for name in names if names.count(name) > 1})))
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
            raise Unreadable("This is no zip file that can be opened: build it again with deskhand package zendesk."
                             ) from error

    def json(self, path: str) -> Json:
        """Raises Unreadable for what is no JSON object, or names a key twice."""
        try:
            read = json.loads(self.files[path].decode("utf-8"), object_pairs_hook=_named_once)
        except _Twice as key:
            raise Unreadable(f"{path} says {key} twice: keep one of the two.") from key
        except (ValueError, RecursionError) as error:
            raise Unreadable(f"{path} is not JSON ({error}): correct it.") from error
        if not isinstance(read, dict):
            raise Unreadable(f"{path} is not a JSON object: write it as {{…}}.")
        return read

    @cached_property
    def manifest(self) -> Json:
        """Empty while it cannot be read; `manifest_is_json` says why."""
        try:
            return self.json("manifest.json") if "manifest.json" in self.files else {}
        except Unreadable:
            return {}

    @property
    def private(self) -> bool:
        return self.manifest.get("private", True) is not False

    @property
    def requirements_only(self) -> bool:
        return self.manifest.get("requirementsOnly") is True

    @property
    def marketing_only(self) -> bool:
        return self.manifest.get("marketingOnly") is True

    @property
    def places(self) -> list[Place]:
        """A place given as a text is its address (Zendesk docs, "Manifest reference")."""
        return [Place(product, name, said if isinstance(said, dict) else {"url": said})
                for product, named in _object(self.manifest.get("location")).items()
                for name, said in _object(named).items()]

    @property
    def parameters(self) -> list[Json]:
        """Those that are written as objects; another rule speaks of the rest."""
        listed = self.manifest.get("parameters")
        return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []

    def text_files(self) -> Iterable[tuple[str, str]]:
        for path, content in self.files.items():
            if extension(path) in TEXT_TYPES:
                yield path, content.decode("utf-8", "replace")


Rule = Callable[[App], Iterable[str]]
"""Says each thing that is wrong, and what to do, in a sentence."""


def extension(path: str) -> str:
    return PurePosixPath(path).suffix.removeprefix(".").lower()


class _Twice(Exception):
    """The key that stands twice."""


def _named_once(pairs: list[tuple[str, Any]]) -> Json:
    read: Json = {}
    for key, value in pairs:
        if key in read:
            raise _Twice(key)
        read[key] = value
    return read


def _object(said: object) -> Json:
    return said if isinstance(said, dict) else {}
