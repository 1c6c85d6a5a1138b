"""The house keeps its shape: imports point one way, and nothing ours names a machine."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
FIXED = {"agent", "connectors", "manifests", "scripts", "tests", "webhooks"}


def test_imports_point_one_way() -> None:
    """scripts and webhooks, then agent, then connectors' contract; the rules stand in pyproject.toml."""
    told = subprocess.run([sys.executable, "-c", "from importlinter.cli import lint_imports; raise SystemExit("
                           "lint_imports(no_cache=True))"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr


def test_the_top_level_is_the_one_agreed_on() -> None:
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith((".", "__"))}
    assert FIXED <= folders <= FIXED | {"docs", "var", "dist", "build"}


def test_no_banner_cuts_a_file_in_two() -> None:
    """A file of two rooms is two files."""
    banner = re.compile(r"^\s*(#|//) ?[-=]{3,}", re.MULTILINE)
    ours = [path for folder in FIXED for path in (ROOT / folder).rglob("*") if path.suffix in (".py", ".js")]
    assert [str(path.relative_to(ROOT)) for path in ours if banner.search(path.read_text())] == []
