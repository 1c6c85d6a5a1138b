"""The vendor's checkers: npm installs what manifests/salesforce/package-lock.json names, outside the checkout."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scripts.checkers import ROOT, NoTools, alone, cache, last_lines

PROJECT = ROOT / "manifests" / "salesforce"
NAMED_BY = ("package.json", "package-lock.json")
SYSTEMS = {"linux": "linux", "darwin": "darwin", "windows": "win"}
MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}
OLDEST_NODE = (22, 19)
"""What @salesforce/source-deploy-retrieve asks for."""


@dataclass(frozen=True)
class Tools:
    """Where the checkers are, and what runs them."""

    folder: Path
    node: str
    java: str

    @property
    def modules(self) -> Path:
        return self.folder / "node_modules"

    @property
    def jars(self) -> Path:
        return self.modules / "@salesforce" / "code-analyzer-pmd-engine" / "dist" / "java-lib"

    @contextmanager
    def copy_of(self, project: Path) -> Iterator[Path]:
        """The project in a folder of its own from which Node finds the checkers; gone afterwards."""
        with tempfile.TemporaryDirectory(prefix="run-", dir=self.folder) as place:
            at = Path(place) / "salesforce"
            shutil.copytree(project, at, ignore=shutil.ignore_patterns("node_modules", ".*cache"))
            yield at

    def run(self, *command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run([str(part) for part in command], cwd=cwd, env=_quiet(os.environ), text=True,  # noqa: S603 - our own words
                              capture_output=True, check=False, encoding="utf-8", errors="replace")


def tools_for(project: Path = PROJECT) -> Tools:
    """Installs what is not there yet. Raises NoTools where npm or Java is missing or npm cannot install."""
    java = shutil.which("java")
    if java is None:
        raise NoTools("Java 11 or newer is missing. On Debian or Ubuntu: apt install default-jre-headless")
    at = _folder(project)
    with alone(at):
        if not (at / "node_modules").is_dir():
            _install(project, at)
    return Tools(at, _node(at), java)


def installed(project: Path = PROJECT) -> Tools | None:
    """What an earlier call installed; None where that was never done."""
    java, at = shutil.which("java"), _folder(project)
    return Tools(at, _node(at), java) if java and (at / "node_modules").is_dir() else None


def _folder(project: Path) -> Path:
    named = hashlib.sha256(b"\0".join((project / name).read_bytes() for name in NAMED_BY)).hexdigest()
    return cache() / f"salesforce-{named[:16]}"


def _install(project: Path, at: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise NoTools("npm is missing. On Debian or Ubuntu: apt install npm. (Any version: a Node that is new enough "
                      "is installed by it.)")
    with tempfile.TemporaryDirectory(prefix="half-", dir=at.parent) as half:
        for name in NAMED_BY:
            shutil.copy(project / name, half)
        told = subprocess.run([npm, "ci", *NPM_OPTIONS], cwd=half, env=_quiet(os.environ), text=True,  # noqa: S603 - our own words
                              capture_output=True, check=False)
        if told.returncode:
            raise NoTools(f"npm could not install the checkers:\n{last_lines(told.stderr)}")
        Path(half).rename(at)
        Path(half).mkdir()


NPM_OPTIONS: Sequence[str] = ("--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error")
"""No package's install script runs on this machine."""


def _node(at: Path) -> str:
    """The pinned Node where npm has one for this machine, else the machine's own."""
    system = SYSTEMS.get(platform.system().lower(), "")
    pinned = at / "node_modules" / f"node-{system}-{MACHINES.get(platform.machine().lower(), '')}" / "bin" / "node"
    if pinned.is_file():
        pinned.chmod(0o755)
        return str(pinned)
    own = shutil.which("node")
    if own is None or _version(own) < OLDEST_NODE:
        raise NoTools(f"npm has no Node for this machine ({platform.system()} {platform.machine()}): install Node "
                      f"{'.'.join(map(str, OLDEST_NODE))} or newer.")
    return own


def _version(node: str) -> tuple[int, ...]:
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603 - our own words
    return tuple(int(part) for part in told.strip().lstrip("v").split(".")[:2] if part.isdigit())


def _quiet(env: Mapping[str, str]) -> dict[str, str]:
    """Nothing is told to a vendor, and nothing of this shell changes what is found."""
    kept = {name: value for name, value in env.items() if name not in ("NODE_OPTIONS", "NODE_PATH", "NODE_ENV")}
    return {**kept, "CI": "1", "NO_COLOR": "1", "SF_DISABLE_TELEMETRY": "true", "SFDX_DISABLE_TELEMETRY": "true"}
