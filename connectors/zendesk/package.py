"""The private Zendesk app as one zip: what the admin uploads, or `deskhand setup zendesk` does."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import manifests
from connectors.zendesk.rules import App, check
from connectors.zendesk.rules.keys import values_of

SIDEBAR = "/sidebar/zendesk"
FILES = ("assets/logo-small.png", "assets/logo.png", "manifest.json", "translations/de.json", "translations/en.json")
"""All that Zendesk needs; the sidebar's page itself comes from Deskhand."""
LOOPBACK = ("localhost", "127.0.0.1", "::1")
BEGINNING = (1980, 1, 1, 0, 0, 0)
"""The first time a zip can name."""
PLAIN_FILE = 0o100644
UNIX = 3


class CannotPackage(ValueError):
    """The package cannot be built, or would be refused; each line says what to do."""


@dataclass(frozen=True)
class Packed:
    """One file of a package."""

    path: str
    size: int


def build(url: str, version: str, *, env: Mapping[str, str] | None = None, sources: Path | None = None) -> bytes:
    """The app of the Deskhand at this origin: the same bytes for the same address and version, on every machine.

    The address stands in the package and not in a setting of the installation: Zendesk posts its signed tokens to it,
    and so a changed setting could lead them elsewhere. `env` are variables none of whose values may be inside.
    Raises CannotPackage.
    """
    app, opens = _files(sources or shipped()), sidebar_url(url)
    app["manifest.json"] = _manifest(app["manifest.json"], opens, version)
    package = _zip(app)
    wrong = [one.says for one in check(package)]
    wrong += values_of(App.read(package), env or {}, public=opens)
    if wrong:
        raise CannotPackage("\n".join(wrong))
    return package


def shipped() -> Path:
    """The folder with the app's sources as they come with Deskhand."""
    return Path(manifests.__path__[0]) / "zendesk"


def contents(package: bytes) -> list[Packed]:
    with zipfile.ZipFile(io.BytesIO(package)) as read:
        return [Packed(one.filename, one.file_size) for one in read.infolist()]


def sidebar_url(origin: str) -> str:
    """Where Zendesk opens the sidebar. Zendesk takes http only at localhost, so the numbers of this machine become
    that name. Raises CannotPackage."""
    try:
        parts = urlsplit(origin.strip())
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise CannotPackage(f"{origin!r} is no address: write it as in https://deskhand.example.com.") from error
    local = host in LOOPBACK
    if not host or parts.scheme not in ("http", "https"):
        raise CannotPackage(f"{origin!r} is no address: write it as in https://deskhand.example.com.")
    if parts.scheme == "http" and not local:
        raise CannotPackage(f"{origin} is not encrypted, and Zendesk opens only https: put a certificate before "
                            "Deskhand, and write its https address.")
    if parts.username or parts.password or parts.path.strip("/") or parts.query or parts.fragment:
        raise CannotPackage("Write the address alone, without user, path or query: https://deskhand.example.com.")
    name = "localhost" if local and parts.scheme == "http" else host
    return f"{parts.scheme}://{name}{f':{port}' if port else ''}{SIDEBAR}"


def _files(folder: Path) -> dict[str, bytes]:
    missing = [path for path in FILES if not (folder / path).is_file()]
    if missing:
        raise CannotPackage(f"The app's sources are not complete: {', '.join(missing)} is missing. Install Deskhand "
                            "again.")
    return {path: (folder / path).read_bytes() for path in FILES}


def _manifest(source: bytes, url: str, version: str) -> bytes:
    try:
        said = json.loads(source)
        for place in said["location"]["support"].values():
            place["url"] = url
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CannotPackage("manifest.json of the app's sources cannot be read. Install Deskhand again.") from error
    said["version"] = version
    return json.dumps(said, indent=2, ensure_ascii=False).encode() + b"\n"


def _zip(app: Mapping[str, bytes]) -> bytes:
    """Stored, not deflated: what a compressor makes differs from one zlib to the next."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as package:
        for path in sorted(app):
            entry = zipfile.ZipInfo(path, BEGINNING)
            entry.create_system, entry.external_attr = UNIX, PLAIN_FILE << 16
            package.writestr(entry, app[path])
    return packed.getvalue()
