"""What the pages say is so: the guide is followed, the examples run, and every name exists."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.scripts.policy.conftest import policy, run
from tests.scripts.policy.drafts import SHIPPED, Say, flat
from webhooks.config import load_config

__all__ = ["policy", "run"]

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
    return subprocess.run([sys.executable, *command], cwd=folder,  # noqa: S603 - this file's own commands
                          capture_output=True, text=True, check=False,
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


# --- the admin guide ---

SECTION = re.compile(r"^### ([^\n]+)\n(.*?)(?=^##)", re.MULTILINE | re.DOTALL)
EXAMPLES = {title: body for title, body in SECTION.findall((DOCS / "admin.md").read_text())
            if "```yaml policy.yaml" in body}


def test_the_admin_guide_has_examples_for_what_admins_ask() -> None:
    assert len(EXAMPLES) >= 8


@pytest.mark.parametrize("title", EXAMPLES)
def test_an_example_can_be_used_keeps_never_yaml_and_says_what_the_page_says(
        policy: Say, title: str) -> None:
    blocks = BLOCK.findall(EXAMPLES[title])
    for _, name, body in blocks:
        if name == "deskhand.toml":
            Path(name).write_text(body)
            assert load_config(Path(name)) != load_config(Path("absent.toml"))
        elif name == "policy.yaml":
            Path("policy/policy.yaml").write_text(yaml.safe_dump(edited(yaml.safe_load(body)), sort_keys=False))
    checked = policy("check")
    assert checked.exit_code == 0, checked.output
    for idle in re.findall(r"the rule (\S+) can never matter", flat(checked)):
        assert f"`{idle}`" in EXAMPLES[title]
    proven = policy("prove")
    assert proven.exit_code == 0, proven.output
    asked = [words for kind, _, body in blocks if kind == "sh" for words in said(body)]
    assert asked
    for command, answer in asked:
        told = policy(*shlex.split(command)[2:])
        assert told.exit_code == 0, told.output
        assert told.output.strip().startswith(answer + "  ("), f"{command}\n{told.output[:200]}"


def edited(part: dict[str, Any]) -> dict[str, Any]:
    """The shipped policy with this part in it: actions and rules of the same name are replaced."""
    whole: dict[str, Any] = yaml.safe_load(SHIPPED.read_text())
    whole["actions"] |= part.get("actions", {})
    new = {rule["id"]: rule for rule in part.get("rules", [])}
    kept = [new.pop(rule["id"], rule) for rule in whole["rules"]]
    return {**whole, "rules": [*kept, *new.values()]}


def said(block: str) -> list[tuple[str, str]]:
    """Each command of a block with what the page says it answers."""
    lines = block.strip().splitlines()
    return [(command, answer.removeprefix("# ")) for command, answer in zip(lines[::2], lines[1::2], strict=True)]
