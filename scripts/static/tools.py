"""The readers of code, installed by what requirements.txt pins, each file by its hash, outside the checkout."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from scripts.checkers import ROOT, NoTools, alone, cache, last_lines

PINNED = Path(__file__).with_name("requirements.txt")
QUIET = {"SEMGREP_SEND_METRICS": "off", "SEMGREP_ENABLE_VERSION_CHECK": "0", "OTEL_SDK_DISABLED": "true",
         "NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONWARNINGS": "ignore"}
"""Nothing is told to a vendor."""


@dataclass(frozen=True)
class Tools:
    """Where the readers are, and what runs them."""

    folder: Path

    def run(self, *command: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
        program, *rest = map(str, command)
        return run(str(self.folder / "bin" / program), *rest, cwd=cwd,
                   path=f"{self.folder / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}")


def run(*command: str, cwd: Path = ROOT, path: str | None = None) -> subprocess.CompletedProcess[str]:
    """A program of ours, without a shell; nothing of a virtual environment around us goes with it."""
    kept = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    return subprocess.run(command, cwd=cwd, text=True, capture_output=True, check=False, encoding="utf-8",  # noqa: S603 - our own words
                          errors="replace", env={**kept, **QUIET, **({"PATH": path} if path else {})})


def tools_for() -> Tools:
    """Installs what is not there yet. Raises NoTools where that fails."""
    at = _folder()
    with alone(at):
        if not (at / "bin").is_dir():
            _install(at)
    return Tools(at)


def installed() -> Tools | None:
    """What an earlier call installed; None where that was never done."""
    at = _folder()
    return Tools(at) if (at / "bin").is_dir() else None


def uv() -> str:
    """The one that installed Deskhand, else the machine's own."""
    beside = Path(sys.executable).with_name("uv")
    found = str(beside) if beside.is_file() else shutil.which(os.environ.get("UV") or "uv")
    if found is None:
        raise NoTools("uv is missing. scripts/check-static gets it.")
    return str(Path(found).absolute())


def _install(at: Path) -> None:
    """Built elsewhere and then named, so that half an installation is never taken for a whole one."""
    half = Path(tempfile.mkdtemp(prefix="half-", dir=at.parent))
    try:
        made = run(uv(), "venv", "--quiet", "--clear", "--relocatable", "--python", sys.executable, str(half))
        if not made.returncode:
            made = run(uv(), "pip", "install", "--quiet", "--require-hashes", "--only-binary", ":all:",
                       "--python", str(half / "bin" / "python"), "--requirement", str(PINNED))
        if made.returncode:
            raise NoTools(f"The readers could not be installed:\n{last_lines(made.stderr)}")
        half.rename(at)
    finally:
        shutil.rmtree(half, ignore_errors=True)


def _folder() -> Path:
    named = hashlib.sha256(PINNED.read_bytes() + sys.version.encode()).hexdigest()
    return cache() / f"static-{named[:16]}"
