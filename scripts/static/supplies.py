"""The gates that look at what we depend on: licences, the bill of materials, and hashes."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import ssl
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import Distribution, PathDistribution, distributions
from pathlib import Path
from typing import Any

from scripts.checkers import last_lines
from scripts.gating import Found
from scripts.static import licensing
from scripts.static.finding import Excuses
from scripts.static.tools import Tools, run, uv

PAGE = Path("docs") / "licences.md"
OUR_OWN = "deskhand"
BEGINNERS = ("pip", "setuptools", "uv")
"""What makes the environment before anything is locked."""
AUTHORITIES = "cacert.pem"
"""To the end of this file of certifi some machines add an authority of their own, such as that of a company's proxy."""
ITS_OWN = ("INSTALLER", "REQUESTED", "RECORD", "direct_url.json", "uv_cache.json", "uv_build.json")


class CannotTell(Exception):
    """uv did not answer; says what it said."""


@lru_cache
def locked(root: Path) -> Mapping[str, Mapping[str, Any]]:
    """What uv.lock names, without ourselves."""
    packages = tomllib.loads((root / "uv.lock").read_text())["package"]
    return {one["name"]: one for one in packages if one["name"] != OUR_OWN}


@lru_cache
def here() -> Mapping[str, Distribution]:
    """What is installed beside this Python."""
    return {_plain(one.metadata["Name"]): one for one in distributions()}


@lru_cache
def shipped(root: Path) -> frozenset[str]:
    """The packages that an installation brings, on any machine."""
    told = _uv(root, "export", "--frozen", "--no-dev", "--no-hashes", "--no-emit-project", "--no-header",
               "--no-annotate", "--quiet")
    return frozenset(_plain(re.split(r"[=\[ ;]", line)[0]) for line in told.splitlines() if line.strip())


def licences(tools: Tools, root: Path, excuses: Excuses) -> Found:
    """The licence of every installed package is allowed, and docs/licences.md says which they are."""
    del tools, excuses
    brought = shipped(root)
    read = {name: licensing.of(here()[name]) for name in locked(root) if name in here()}
    faults = [f"{name}: {said}" for name, licence in sorted(read.items())
              if (said := licensing.wrong(name, licence, shipped=name in brought))]
    faults += [f"{name}: excepted in scripts/static/licensing.py, and not there: take it out."
               for name in licensing.EXCEPTED if name not in read]
    if not (root / PAGE).is_file() or (root / PAGE).read_text() != page(root):
        faults.append(f"{PAGE}: not what the packages say; write it anew: scripts/check-static --write")
    return Found(len(read), "packages", tuple(faults), f"{sum(name in brought for name in read)} of them shipped")


def page(root: Path) -> str:
    """docs/licences.md, as the installed packages have it."""
    brought = shipped(root)
    read = {name: licensing.of(here()[name]) for name in locked(root) if name in here()}
    return licensing.page({name: one for name, one in read.items() if name in brought},
                          {name: one for name, one in read.items() if name not in brought},
                          sorted(brought - read.keys()))


def bill(root: Path) -> dict[str, Any]:
    """What an installation brings, as CycloneDX 1.5, with licences; the same for the same uv.lock."""
    made: dict[str, Any] = json.loads(_uv(root, "export", "--frozen", "--no-dev", "--format", "cyclonedx1.5",
                                          "--preview-features", "sbom-export", "--quiet"))
    made.pop("serialNumber", None)
    made["metadata"].pop("timestamp", None)
    made["metadata"]["component"]["licenses"] = [{"license": {"id": "Apache-2.0"}}]
    for component in made["components"]:
        if (installed := here().get(_plain(component["name"]))) is not None:
            component["licenses"] = [licensing.as_cyclonedx(licensing.of(installed))]
    return made


def sbom(tools: Tools, root: Path, excuses: Excuses) -> Found:
    """The bill of materials can be made, and names each shipped package with its version, hashes and licence."""
    del tools, excuses
    components = {_plain(one["name"]): one for one in bill(root)["components"]}
    faults = [f"{name}: not in the bill" for name in sorted(shipped(root) - components.keys())]
    for name, one in sorted(components.items()):
        if one.get("purl") != f"pkg:pypi/{name}@{locked(root)[name]['version']}":
            faults.append(f"{name}: the bill calls it {one.get('purl')}")
        if not _sums(one) >= {_sum(part) for part in _parts(locked(root)[name])}:
            faults.append(f"{name}: the bill lacks a hash that uv.lock has")
        if name in here() and not one.get("licenses"):
            faults.append(f"{name}: the bill names no licence")
    return Found(len(components), "components", tuple(faults))


def _sums(component: Mapping[str, Any]) -> set[str]:
    return {hash["content"] for place in component.get("externalReferences", ()) for hash in place.get("hashes", ())
            if hash["alg"] == "SHA-256"}


def hashes(tools: Tools, root: Path, excuses: Excuses) -> Found:
    """uv.lock fits pyproject.toml and has a SHA-256 for each file; what is installed is that, byte for byte."""
    del tools, excuses
    faults = []
    checked = run(uv(), "lock", "--check", "--offline", "--python", sys.executable, cwd=root)
    if checked.returncode:
        faults.append(f"uv.lock does not fit pyproject.toml: {last_lines(checked.stderr, 2)}")
    faults += [f"{name}: uv.lock has a file without a SHA-256" for name, one in locked(root).items()
               if not _parts(one) or not all(_sum(part) for part in _parts(one))]
    faults += _strangers(root)
    count = 0
    for name, installed in sorted(here().items()):
        if name in locked(root):
            files = list(_recorded(installed))
            count += len(files)
            faults += _changed(name, files)
    return Found(count, "installed files", tuple(faults), f"{len(locked(root))} packages locked")


def _strangers(root: Path) -> Iterator[str]:
    for name, installed in sorted(here().items()):
        if name in (OUR_OWN, *BEGINNERS):
            continue
        wanted = locked(root).get(name)
        if wanted is None:
            yield f"{name}: installed, and not in uv.lock: uv pip uninstall {name}"
        elif wanted["version"] != installed.version:
            yield f"{name}: {installed.version} is installed, and uv.lock says {wanted['version']}"


@dataclass(frozen=True)
class Recorded:
    """A file as its wheel recorded it: the SHA-256 in URL-safe base64 without padding, the size in bytes."""

    path: Path
    digest: str
    size: int | None


def _recorded(installed: Distribution) -> Iterator[Recorded]:
    """The files of a package, each with its SHA-256 from the wheel's RECORD ("Recording installed projects")."""
    for file in installed.files or ():
        if file.hash is not None and file.hash.mode == "sha256" and file.name not in ITS_OWN:
            yield Recorded(Path(str(installed.locate_file(file))), file.hash.value.rstrip("="), file.size)


def _changed(name: str, files: Iterable[Recorded]) -> Iterator[str]:
    nothing = True
    for recorded in files:
        nothing, path = False, recorded.path
        if not path.is_file():
            yield f"{name}: {path.name} is gone"
        elif _digest(path.read_bytes()) != recorded.digest and not _only_authorities_were_added(path, recorded):
            yield f"{name}: {path.name} is not the file that was installed"
    if nothing:
        yield f"{name}: nothing says which files it has"


def changed(folder: Path) -> list[str]:
    """The files of the package whose `.dist-info` folder this is that are not as they were installed."""
    installed = PathDistribution(folder)
    return list(_changed(str(installed.metadata["Name"]), _recorded(installed)))


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def _only_authorities_were_added(path: Path, recorded: Recorded) -> bool:
    """What was installed is all there, and after it nothing but certificates that this machine itself trusts."""
    if path.name != AUTHORITIES:
        return False
    content = path.read_bytes()
    installed, added = content[:recorded.size], content[recorded.size:]
    return (_digest(installed) == recorded.digest and not _CERTIFICATE.sub(b"", added).strip()
            and set(_certificates(added)) <= trusted_here())


_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----")


def _certificates(content: bytes) -> list[bytes]:
    return [b"".join(found.split()) for found in _CERTIFICATE.findall(content)]


@lru_cache
def trusted_here() -> frozenset[bytes]:
    """The certificates that the machine's own store holds, where OpenSSL looks for it."""
    where = ssl.get_default_verify_paths()
    files = {Path(one) for one in (where.cafile, where.openssl_cafile) if one}
    folders = {Path(one) for one in (where.capath, where.openssl_capath) if one}
    files |= {file for folder in folders if folder.is_dir() for file in folder.iterdir()}
    return frozenset(one for file in files if file.is_file() for one in _certificates(file.read_bytes()))


def _parts(one: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [*one.get("wheels", ()), *([one["sdist"]] if "sdist" in one else ())]


def _sum(part: Mapping[str, Any]) -> str:
    kind, _, value = str(part.get("hash", "")).partition(":")
    return value if kind == "sha256" and len(value) == 64 else ""


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _uv(root: Path, *command: str) -> str:
    told = run(uv(), *command, cwd=root)
    if told.returncode:
        raise CannotTell(f"uv {command[0]}: {last_lines(told.stderr, 3)}")
    return told.stdout
