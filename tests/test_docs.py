"""What the pages say is so: the guide is followed, the examples run, and every name exists."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def files_of(page: Path) -> dict[str, str]:
    """The blocks of a page that name a file, by that name."""
    return {name: body for _, name, body in BLOCK.findall(page.read_text()) if name}


# --- the connector guide ---

COPIED = ("tests/__init__.py", "tests/conftest.py", "tests/connectors/__init__.py", "tests/connectors/every.py",
          "tests/journeys/__init__.py", "tests/journeys/office.py")


@pytest.fixture
def followed(tmp_path: Path) -> Path:
    """A checkout in which the guide was followed: its files written, its entry point installed."""
    for name in ("connectors", "manifests"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("agent", "scripts", "webhooks"):
        (tmp_path / name).symlink_to(ROOT / name)
    for name in COPIED:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    written = files_of(DOCS / "connector.md")
    told = tomllib.loads(written.pop("pyproject.toml"))
    for name, body in written.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(body)
    project = (ROOT / "pyproject.toml").read_text()
    (tmp_path / "pyproject.toml").write_text(project)
    points = tomllib.loads(project)["project"]["entry-points"]["deskhand.connectors"]
    points |= told["project"]["entry-points"]["deskhand.connectors"]
    installed = tmp_path / f"deskhand-{version('deskhand')}.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text(f"Metadata-Version: 2.1\nName: deskhand\nVersion: {version('deskhand')}\n")
    (installed / "entry_points.txt").write_text(
        "\n".join(["[deskhand.connectors]", *(f"{name} = {place}" for name, place in points.items())]) + "\n")
    return tmp_path


def run_in(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join((str(folder), str(ROOT)))
    return subprocess.run([sys.executable, *command], cwd=folder, capture_output=True, text=True, check=False,
                          env={**os.environ, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"})


def test_who_follows_the_connector_guide_has_a_connector_that_moves_money_once(followed: Path) -> None:
    """Its own tests: the shared promises, and a ticket's journey that ends in the made-up vendor's books."""
    told = run_in(followed, "-m", "pytest", "tests/connectors/purse", "-q", "-p", "no:cacheprovider", "-n", "0")
    assert told.returncode == 0, told.stdout[-4000:] + told.stderr[-2000:]
    passed = re.search(r"(\d+) passed", told.stdout)
    assert passed
    assert int(passed[1]) >= 35
    assert "skipped" not in told.stdout


def test_the_connector_guides_code_is_in_our_style(followed: Path) -> None:
    told = run_in(followed, "-m", "ruff", "check", "--no-cache", "connectors/purse", "tests/connectors/purse")
    assert told.returncode == 0, told.stdout
