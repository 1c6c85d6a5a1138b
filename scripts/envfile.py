"""`.env` as `deskhand init`, `setup` and `rotate` write it: readable by its owner alone, and never half written."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import parse_stream

PRIVATE = 0o600


@dataclass(frozen=True)
class EnvFile:
    """Keeps every line it does not set: comments, order and what others wrote stay."""

    path: Path

    def values(self) -> dict[str, str]:
        """As `deskhand serve` will read them."""
        return {name: value for name, value in dotenv_values(self.path, interpolate=False).items() if value is not None}

    def put(self, settings: Mapping[str, str]) -> tuple[str, ...]:
        """Sets these and returns the names whose value changed; an empty value takes the line away."""
        before = self.values()
        changed = tuple(name for name, value in settings.items() if before.get(name, "") != value)
        if changed:
            self._write(self._text({name: settings[name] for name in changed}))
        return changed

    def _text(self, changed: Mapping[str, str]) -> str:
        """Cut as `values` reads it: a value pasted over several lines goes or stays as a whole."""
        kept, left = "", dict(changed)
        for one in parse_stream(StringIO(self.path.read_text() if self.path.exists() else "")):
            written = one.original.string
            if one.key is not None and one.key in changed:
                before = written[:len(written) - len(written.lstrip())]
                value = left.pop(one.key, "")  # a name set twice is written once
                written = before + (f"{one.key}={_quoted(value)}\n" if value else "")
            kept += written
        if kept and not kept.endswith("\n"):
            kept += "\n"
        return kept + "".join(f"{name}={_quoted(value)}\n" for name, value in left.items() if value)

    def _write(self, text: str) -> None:
        """A killed write leaves the file as it was."""
        place = self.path.resolve()  # a link to it stays one
        handle, name = tempfile.mkstemp(dir=place.parent, prefix=".env-")  # made readable by its owner alone
        try:
            with os.fdopen(handle, "w") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(PRIVATE)
            Path(name).replace(place)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def _quoted(value: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9_./:@,+=-]*", value, re.ASCII):
        return value
    escaped = value.replace("\\", "\\\\")
    if "\n" in value or "\r" in value:  # a key in PEM; only between double quotes is \n read as a new line
        return '"' + escaped.replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r") + '"'
    return "'" + escaped.replace("'", "\\'") + "'"
