"""What the pages say is so: the guide is followed, the examples run, and every name exists."""

from __future__ import annotations

import itertools
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, get_args

import click
import pytest
import yaml
from pydantic import BaseModel

from agent import switch
from agent.database import Database, connect_engine
from agent.planner.model import text
from agent.proposal import Case, SeenCharge, SeenContact, SeenMessage, SeenRefund
from agent.published import Published
from connectors.zendesk.setup.app import URL as APP_URL
from scripts.cli import main
from scripts.static.command import main as check_static
from tests.scripts.policy.conftest import policy, run
from tests.scripts.policy.drafts import SHIPPED, Say, flat
from webhooks.app import Health
from webhooks.config import Config, load_config
from webhooks.metrics import Metrics
from webhooks.settings import Own, connectors

__all__ = ["policy", "run"]

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def files_of(page: Path) -> dict[str, str]:
    """The blocks of a page that name a file, by that name."""
    return {name: body for _, name, body in BLOCK.findall(page.read_text()) if name}


COPIED = ("tests/__init__.py", "tests/conftest.py", "tests/loopback.py", "tests/connectors/__init__.py",
          "tests/connectors/every.py", "tests/connectors/unruly.py", "tests/journeys/__init__.py",
          "tests/journeys/office.py", "tests/journeys/sides.py")


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
            assert load_config(Path(name)) != Config()
        elif name == "policy.yaml":
            Path("policy/policy.yaml").write_text(yaml.safe_dump(edited(yaml.safe_load(body)), sort_keys=False))
    checked = policy("check")
    assert checked.exit_code == 0, checked.output
    assert "can never matter" not in flat(checked) or re.search(r"adds? nothing", EXAMPLES[title]), checked.output
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


CODE = re.compile(r"`([^`\n]+)`")


def rows_of(page: str, first_heading: str) -> list[list[str]]:
    """The cells of the table whose first heading this is."""
    lines = iter((DOCS / page).read_text().splitlines())
    next(line for line in lines if line.startswith(f"| {first_heading} |"))
    next(lines)
    return [[cell.strip() for cell in line[1:-1].split("|")]
            for line in itertools.takewhile(lambda line: line.startswith("|"), lines)]


def test_every_metric_is_in_the_table_with_its_labels(database: Database) -> None:
    made = {family.name: set(family._labelnames)  # type: ignore[attr-defined]
            for family in Metrics(database.engine, Published(), NOW).collect()}
    told = {CODE.findall(row[0])[0]: set(CODE.findall(row[1])) for row in rows_of("operations.md", "metric")}
    assert told == made


def test_every_problem_of_readyz_has_its_row_and_each_row_is_a_problem(database: Database, tmp_path: Path) -> None:
    (tmp_path / "paused").touch()
    with database.engine.begin() as c:
        switch.pause(c, "refund", "Ana", "a look", NOW)
    away = connect_engine("postgresql://nobody@127.0.0.1:1/nothing")
    problems = [
        *Health(database.engine, lambda: "running", Published(), "a test key stands beside a production account",
                stop_file=tmp_path / "paused").look()[1],
        *Health(away, lambda: "running", Published()).look()[1],
        *(one for state in ("connecting", "disconnected", "stopping", "stopped")
          for one in Health(database.engine, lambda state=state: state, Published()).look()[1])]  # type: ignore[misc]
    told = [name for row in rows_of("operations.md", "`/readyz` says") for name in CODE.findall(row[0])]
    assert [one for one in problems if not any(name in one for name in told)] == []
    assert [name for name in told if not any(name in one for one in problems)] == []


def test_the_paths_that_must_be_reachable_are_doors() -> None:
    doors = "\n".join(file.read_text() for place in ("webhooks/*.py", "connectors/*/*.py") for file in ROOT.glob(place))
    told = [path.rstrip("/…") for row in rows_of("operations.md", "path") for path in CODE.findall(row[0])]
    assert len(told) >= 5
    assert [path for path in told if not re.search(rf'"{path}["/]', doors)] == []


def test_every_line_of_the_log_that_is_explained_is_written() -> None:
    source = "\n".join(file.read_text() for folder in ("agent", "connectors", "webhooks")
                       for file in (ROOT / folder).rglob("*.py"))
    told = [line for row in rows_of("operations.md", "line") for line in CODE.findall(row[0])]
    fixed = [max(re.split(r"[A-Z]+ /\S+|\d+|…|\(.*?\)|op-", line), key=len).strip() for line in told]
    assert [one for one in fixed if one not in source] == []


def test_every_reason_to_hold_is_explained() -> None:
    act, noted, endings, records = ((ROOT / name).read_text() for name in (
        "agent/act.py", "agent/noted.py", "agent/endings.py", "connectors/salesforce/records.py"))
    told = [row[0].removeprefix("altered: ") for row in rows_of("operations.md", "reason")]
    beginnings = [one.removesuffix("someone changed the contact since") for one in told]
    assert [one for one in beginnings if f'"{one}' not in act + endings + records] == []
    assert len(told) == len(re.findall(r"return self._hold\(|NOT_AGAIN\}|NOTE_REFUSED\}", act + noted))


def test_the_figures_are_those_that_were_measured() -> None:
    measured = (ROOT / "README.md").read_text()
    for figure in ("1,391", "29.1/s", "0.75 %", "6 s"):
        assert figure in measured
    told = " ".join(" ".join(row) for row in rows_of("operations.md", "question"))
    assert all(figure in told for figure in ("1,391", "29 per second", "0.75 %", "6 seconds"))


def test_the_page_names_every_field_that_a_model_is_sent_and_no_other() -> None:
    told = {name for row in rows_of("security.md", "part") for name in CODE.findall(row[1] + row[2])}
    sent = {field for model in (SeenCharge, SeenContact, SeenMessage, SeenRefund) for field in model.model_fields}
    many = tuple(SeenCharge(handle=f"c{n}", amount="1.00", refundable="1.00", currency="USD", on=NOW, paid_with="card",
                            description=None, order=None, status="succeeded") for n in range(30))
    written = text(Case(subject="?", messages=(), charges=many, contacts=(), today=NOW))
    for block in re.findall(r"^\{.*\}$", written, re.MULTILINE):
        sent |= set(json.loads(block))
    assert told == sent - {"charges", "contacts", "messages"}


def test_every_secret_has_its_row_among_the_keys_that_may_be_stolen() -> None:
    secrets = {field.alias for model in MODELS for field in model.model_fields.values()
               if "SecretStr" in str(field.annotation)}
    told = {name for row in rows_of("security.md", "key") for name in CODE.findall(row[0])}
    assert secrets - told == set()


PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
OF_FOLDERS = sorted(page for folder in ("connectors", "manifests") for page in (ROOT / folder).glob("*/README.md"))
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
every_page_and_readme = pytest.mark.parametrize("page", [*PAGES, *OF_FOLDERS],
                                                ids=lambda page: str(page.relative_to(ROOT)))
MODELS: list[type[BaseModel]] = [Own, *(connector.settings for connector in connectors())]
SETTINGS = {field.alias for model in MODELS for field in model.model_fields.values() if field.alias} | {
    value.variable for connector in connectors() for value in connector.admin} | {APP_URL}


def code_of(page: Path) -> Iterator[str]:
    """Every span of code, and every line of a block that is for the shell."""
    for kind, name, body in BLOCK.findall(page.read_text()):
        if kind == "sh" and not name:
            yield from body.splitlines()
    yield from spans_of(page)


def spans_of(page: Path) -> Iterator[str]:
    for span in re.findall(r"`([^`]+)`", BLOCK.sub("", page.read_text())):
        yield " ".join(span.split())


def command_of(words: list[str]) -> click.Command | None:
    """The command that these words begin with; None when there is none of that name."""
    at: click.Command = main
    for word in words:
        if not isinstance(at, click.Group) or word.startswith("-"):
            break
        found = at.get_command(click.Context(at), word)
        if found is None:
            return None
        at = found
    return at


@every_page
def test_every_command_and_option_exists_and_none_that_is_needed_lacks(page: Path) -> None:
    wrong = []
    for said in (one.strip() for code in code_of(page) for one in COMMAND.findall(code)):
        named = command_of(said.split())
        if named is None:
            wrong.append(said)
            continue
        known = {opt for param in named.params for opt in param.opts} | {"--help", "--version"}
        given = OPTION.findall(said)
        wrong += [f"{said}: {one}" for one in given if one not in known]
        wrong += [f"{said}: without {param.opts[0]}" for param in named.params if given and param.required
                  and isinstance(param, click.Option) and param.opts[0] not in given]
        wrong += [f"{said}: {one}" for option, one in re.findall(r"(--[a-z-]+) ([a-z_]+)", said)
                  for param in named.params if option in param.opts and isinstance(param.type, click.Choice)
                  and one not in param.type.choices]
    assert wrong == []


COMMAND = re.compile(r"(?:^|[ /])(?:deskhand )+(?!…|deskhand|touch )([^#|;&(]+)")
OPTION = re.compile(r"(?<!\S)\(?(--[a-z][a-z-]+)")


def every_option(of: click.Command = main) -> set[str]:
    below = [of.get_command(click.Context(of), name) for name in of.list_commands(click.Context(of))] if isinstance(
        of, click.Group) else []
    return {opt for param in of.params for opt in param.opts}.union(*(every_option(one) for one in below if one))


@every_page
def test_every_option_belongs_to_a_command(page: Path) -> None:
    known = every_option() | every_option(check_static) | {"--help"}
    assert [one for code in spans_of(page) for one in OPTION.findall(code) if one not in known] == []


@every_page
def test_every_setting_exists(page: Path) -> None:
    named = set(re.findall(r"\b(?:DESKHAND|ZENDESK|STRIPE|SALESFORCE|OPENAI)_[A-Z_]+\b", page.read_text()))
    assert named - SETTINGS == set()


@every_page
def test_every_table_and_key_of_deskhand_toml_exists(page: Path, tmp_path: Path) -> None:
    for kind, name, body in BLOCK.findall(page.read_text()):
        if kind == "toml" and name != "pyproject.toml":
            (tmp_path / "deskhand.toml").write_text(body)
            load_config(tmp_path / "deskhand.toml")
    for code in code_of(page):
        if found := re.match(r"\[([a-z_]+)\](?: ([a-z_]+)\b)?", code):
            assert found[1] in Config.model_fields, code
            assert found[2] is None or found[2] in keys_of(Config.model_fields[found[1]].annotation), code


def keys_of(table: Any) -> set[str]:
    """Of a table that may be left away, too."""
    return {key for one in (table, *get_args(table)) for key in getattr(one, "model_fields", ())}


@every_page_and_readme
def test_every_file_exists(page: Path) -> None:
    named = [code.rstrip(":") for code in code_of(page)
             if re.fullmatch(r"(agent|connectors|docs|manifests|scripts|tests|webhooks)/[\w./-]*", code)]
    assert [one for one in named if "NAME" not in one and "purse" not in one and not (ROOT / one).exists()] == []


@every_page_and_readme
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for where in re.findall(r"\]\(([^)\s]+)\)", BLOCK.sub("", page.read_text())):
        if where.startswith("https://"):
            continue
        file, _, place = where.partition("#")
        target = (page.parent / file).resolve() if file else page
        if not target.exists() or (place and place not in places_in(target)):
            broken.append(where)
    assert broken == []


def places_in(page: Path) -> set[str]:
    """The names a reader's browser gives to headings."""
    headings = re.findall(r"^#+ (.+)$", BLOCK.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@every_page_and_readme
def test_no_page_names_a_machine(page: Path) -> None:
    assert re.findall(r"(?<![\w.])/(?:work|home|root|Users)/\S*", page.read_text()) == []
