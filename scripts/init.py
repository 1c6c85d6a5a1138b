"""`deskhand init`: asks what is needed, checks it as it is typed, and writes the files an installation lives in."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import click
from pydantic import BaseModel

from agent.policy import shipped_policy_path
from connectors.contract import Connector, Surroundings, VendorError
from connectors.parts import Notice
from scripts.envfile import PRIVATE, EnvFile
from scripts.setup.asking import Question, ask, questions, variables
from scripts.setup.credentials import tried
from scripts.setup.following import following
from scripts.setup.vendors import spelled
from webhooks.config import FILE, config_path
from webhooks.settings import Own, connectors, environment, read_settings

ENV, POLICY = ".env", "policy"
ROLES = {"helpdesk": "where the tickets are", "payments": "for refunds", "records": "for contacts and activities",
         "model": "to understand tickets; without a model, fixed rules read them"}
"""In the order in which they are asked for, and what each is for."""
URL = "DESKHAND_PUBLIC_URL"
DESK = "ZENDESK_SUBDOMAIN"
"""Needed where the tickets are not somewhere else."""


@dataclass
class Answers:
    """What will stand in `.env`: what is there, and over it what was given."""

    held: dict[str, str]
    given: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)
    """Whose login it is, by vendor."""
    notices: list[Notice] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def now(self) -> dict[str, str]:
        return {**self.held, **self.given}

    def wrong(self, variable: str, value: str) -> str:
        """What is wrong with this value, "" for nothing."""
        said = read_settings({**self.now(), variable: value}).mistakes
        return next((one.partition(": ")[2] for one in said if one.startswith(f"{variable}: ")), "")

    def settings(self, connector: Connector) -> Any:
        """None while they are not complete."""
        found = read_settings(self.now()).connectors.get(connector.name)
        return found[1] if found else None


@click.command()
@click.option("--set", "chosen", multiple=True, metavar="NAME=VALUE",
              help="A setting that is no secret, as in ZENDESK_SUBDOMAIN=acme. Say it again for another.")
@click.option("--non-interactive", is_flag=True, help="Ask nothing; take all from --set, the environment and .env.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object; asks nothing.")
def init(chosen: Sequence[str], non_interactive: bool, as_json: bool) -> None:
    """Write .env, deskhand.toml and the policy folder of an installation in this folder.

    Each login is checked by a harmless call when it is typed. Secrets are typed unseen and never printed; .env can be
    read by you alone. Run it again to change something: Enter keeps what is there. The policy starts in shadow mode:
    Deskhand decides and records, and does nothing. An admin's login is not asked for here but by deskhand setup.

    Exit codes: 0 written, 1 something is missing or wrong (nothing is written), 2 usage.
    """
    answers = Answers(environment(), {**_from_environment(), **_chosen(chosen)})
    if non_interactive or as_json:
        _check_all(answers)
    else:
        _ask_all_or_nothing(answers)
    if answers.problems:
        raise click.ClickException("Nothing was written. Missing or wrong:\n"
                                   + "\n".join(f"  {one}" for one in answers.problems))
    at = answers.held.get(URL, "")
    written = _write(answers)
    to_come = following(answers.now(), moved=at not in ("", answers.now().get(URL)))
    if as_json:
        click.echo(json.dumps({"written": written, "accounts": answers.accounts,
                               "notices": [asdict(one) for one in answers.notices], "next": to_come}))
    else:
        _tell(written, to_come)


def _chosen(pairs: Sequence[str]) -> dict[str, str]:
    known, given = _known(), {}
    for name, sign, value in (one.partition("=") for one in pairs):
        if name not in known or not sign:
            raise click.UsageError(f"--set {name}: write NAME=VALUE with a setting of Deskhand's.")
        if known[name]:
            raise click.UsageError(f"--set {name}: a secret on the command line can be read by others on this machine. "
                                   "Put it into the environment, or type it when asked.")
        given[name] = value.strip()
    return given


def _from_environment() -> dict[str, str]:
    return {name: os.environ[name].strip() for name in _known() if os.environ.get(name, "").strip()}


def _known() -> dict[str, bool]:
    """Every variable that Deskhand reads, and whether it is a secret."""
    models: list[type[BaseModel]] = [Own, *(one.settings for one in connectors())]
    return {name: secret for model in models for name, secret in variables(model).items()}


def _questions() -> list[Question]:
    return [*questions(Own), *(one for connector in connectors() for one in questions(connector.settings))]


def _vendors() -> list[Connector]:
    return sorted(connectors(), key=lambda one: list(ROLES).index(one.role))


def _ask_all_or_nothing(answers: Answers) -> None:
    try:
        _ask_all(answers)
    except click.Abort as stopped:
        click.echo(err=True)
        raise click.ClickException("Nothing was written.") from stopped


def _ask_all(answers: Answers) -> None:
    click.echo(f"Settings are written to {Path(ENV).resolve()}, which only you can read. Enter keeps what is shown.\n")
    click.echo("Deskhand itself")
    _ask_each(answers, questions(Own, "DESKHAND_"))
    for connector in _vendors():
        _ask_about(answers, connector)


def _ask_about(answers: Answers, connector: Connector) -> None:
    name = spelled(connector.name)
    if connector.role == "helpdesk":
        click.echo(f"\n{name}, {ROLES[connector.role]} (Enter: they are in {' or '.join(_other_desks())})")
    elif _is_the_desk(answers, connector):
        click.echo(f"\n{name}, {ROLES['helpdesk']}")
    elif not click.confirm(f"\nUse {name}, {ROLES[connector.role]}?",
                           default=connector.role == "payments" or _is_on(answers, connector)):
        return
    first, *more = questions(connector.settings)
    if connector.role == "helpdesk" or _is_the_desk(answers, connector):
        more += questions(Own, f"{connector.name.upper()}_")
    while True:
        _ask_each(answers, [first])
        if not answers.now().get(first.variable):
            return
        _ask_each(answers, more)
        problem = _try(answers, connector)
        if not problem:
            return
        click.echo(f"    {problem}")
        if not click.confirm("    Type it again?", default=True):
            return


def _ask_each(answers: Answers, these: Sequence[Question]) -> None:
    for one in these:
        if one.only_with and not answers.now().get(one.only_with):
            continue
        needed = Question(**{**asdict(one), "needed": one.variable == URL or (one.needed and one.variable != DESK)})
        answers.given[one.variable] = ask(needed, answers.now(), answers.wrong)


def _other_desks() -> list[str]:
    """Who else may have the tickets."""
    return [spelled(one.name) for one in connectors() if "helpdesk" in one.also]


def _is_the_desk(answers: Answers, connector: Connector) -> bool:
    """Whether the tickets are there, because they are nowhere else."""
    return "helpdesk" in connector.also and not answers.now().get(DESK)


def _is_on(answers: Answers, connector: Connector) -> bool:
    return any(answers.now().get(name) for name in variables(connector.settings))


def _try(answers: Answers, connector: Connector) -> str:
    """Why the vendor does not take the login, "" when it does or there is none to try yet."""
    settings = answers.settings(connector)
    if settings is None:
        if connector.admin:
            click.echo(f"    deskhand setup {connector.name} asks for an admin's login, and makes one for Deskhand.",
                       err=True)
        return ""
    try:
        account, notices = tried(connector, settings, Surroundings(), answers.now())
    except VendorError as error:
        return str(error)
    answers.accounts[connector.name] = account
    answers.notices += notices
    click.echo(f"    {account}", err=True)
    for one in notices:
        click.echo(f"    ! {one.what}. {one.mend}", err=True)
    return ""


def _check_all(answers: Answers) -> None:
    """Every variable that is missing or wrong, and every login that is not taken, at once."""
    said = {one.variable: one.text for one in _questions()}
    for name in _missing(answers):
        answers.problems.append(f"{name} is missing: {said[name]}")
    for name, value in answers.given.items():
        if mistake := answers.wrong(name, value):
            answers.problems.append(f"{name}: {mistake}")
    if answers.problems:
        return
    for connector in _vendors():
        if _is_on(answers, connector) and (problem := _try(answers, connector)):
            answers.problems.append(problem)


def _missing(answers: Answers) -> list[str]:
    now = answers.now()
    needed = [one.variable for connector in _vendors() for one in questions(connector.settings)
              if one.needed and _is_on(answers, connector)]
    elsewhere = any("helpdesk" in one.also and _is_on(answers, one) for one in _vendors())
    always = [URL] if elsewhere else [URL, DESK]
    return [name for name in dict.fromkeys([*always, *needed]) if not now.get(name, "").strip()]


def _write(answers: Answers) -> list[str]:
    """What was made or changed; a file that is there stays as it is, but for the settings that were given."""
    file, now = EnvFile(Path(ENV)), answers.now()
    made = {name: value for name, value in answers.given.items() if value}
    if not now.get("DESKHAND_SECRET_KEY", "").strip():
        made["DESKHAND_SECRET_KEY"] = secrets.token_urlsafe(36)
    folder = Path(now.get("DESKHAND_POLICY") or POLICY)
    made["DESKHAND_POLICY"] = str(folder)
    written = [ENV] if file.put(made) else []
    file.path.chmod(PRIVATE)
    answers.held |= made
    written += _laid_down(config_path(now), (files("scripts") / FILE).read_text())
    shipped = shipped_policy_path().parent
    for name in ("policy.yaml", "never.yaml"):
        written += _laid_down(folder / name, (shipped / name).read_text())
    return written


def _laid_down(at: Path, text: str) -> list[str]:
    if at.exists():
        return []
    at.parent.mkdir(parents=True, exist_ok=True)
    at.write_text(text)
    return [str(at)]


def _tell(written: Sequence[str], to_come: Sequence[str]) -> None:
    click.echo("\nWritten: " + (", ".join(written) if written else "nothing, all is as it was"))
    if any(name.endswith("policy.yaml") for name in written):
        click.echo("The policy is in shadow mode: Deskhand will decide and record, and do nothing.")
    click.echo("Next: " + ", then ".join(to_come))
