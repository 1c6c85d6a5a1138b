"""An installation, opened for one command: settings, database, connectors, desk. What is wrong is said in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from flask import Flask

from agent.database import Database, DatabaseError, open_database
from agent.desk import Desk
from agent.planner.model import ModelPlanner
from agent.planner.rules import RulesPlanner
from agent.policy import Policy, PolicyUnusable, load_file, shipped_policy_path
from agent.proposal import Planner
from agent.vault import Vault, VaultError
from connectors.contract import Surroundings
from webhooks.app import Health, build_desk, create_app
from webhooks.config import Config, ConfigUnusable, load_config
from webhooks.settings import Settings, SettingsUnusable, environment, load_settings
from webhooks.zendesk import ZendeskDoor, zendesk_door

LEAST = """\
Set variables in the environment or in a file named .env in this folder. The least it needs:
  DESKHAND_SECRET_KEY      a secret of your own; make one with: openssl rand -base64 36
  ZENDESK_SUBDOMAIN        acme for acme.zendesk.com
  ZENDESK_EMAIL            the account whose API token it is
  ZENDESK_API_TOKEN        Admin Center, Apps and integrations, Zendesk API
  ZENDESK_WEBHOOK_SECRET   the signing secret of the webhook that calls Deskhand
  STRIPE_API_KEY           a restricted key, for refunds; without it a person refunds
README.md lists all of them. To see Deskhand work without any account: deskhand demo"""


@dataclass(frozen=True)
class Installation:
    settings: Settings
    database: Database
    desk: Desk

    @property
    def off(self) -> tuple[str, ...]:
        """Vendors without settings."""
        return tuple(self.settings.off)

    def app(self, worker: Callable[[], str]) -> Flask:
        """The doors; `worker` says the state of the worker in this process."""
        own, engine = self.settings.own, self.database.engine
        doors = tuple(zendesk_door(ZendeskDoor(helpdesk.account, own.webhook_secrets(), own.zendesk_account_id),
                                   engine, self.desk.now)
                      for name, helpdesk in self.desk.helpdesks.items() if name == "zendesk")
        return create_app(Health(engine, worker, self.desk.policy), doors)


@contextmanager
def opened() -> Iterator[Installation]:
    """The installation that the environment, `.env` and deskhand.toml describe. Raises click.ClickException."""
    settings, config = read_settings()
    try:
        database = open_database(settings.own.database_url, settings.own.data)
    except DatabaseError as error:
        raise click.ClickException(str(error)) from error
    try:
        yield Installation(settings, database, _desk(settings, config, database))
    except VaultError as error:
        raise click.ClickException(str(error)) from error
    finally:
        database.close()


def read_settings() -> tuple[Settings, Config]:
    env = environment()
    try:
        config = load_config(Path(env.get("DESKHAND_CONFIG", "").strip() or "deskhand.toml"))
        return load_settings(env, config), config
    except SettingsUnusable as error:
        raise click.ClickException(f"Settings are missing or wrong.\n{_indented(error)}\n\n{LEAST}") from error
    except ConfigUnusable as error:
        raise click.ClickException(f"deskhand.toml cannot be used.\n{_indented(error)}") from error


def _indented(error: Exception) -> str:
    return "\n".join(f"  {line}" for line in str(error).splitlines())


def _desk(settings: Settings, config: Config, database: Database) -> Desk:
    around = Surroundings()
    vault = Vault(settings.own.secret_key.get_secret_value())
    vault.prepare(database.engine)
    policy = _policy(settings.own.policy)
    connected = {name: connector.connect(given, around) for name, (connector, given) in settings.connectors.items()}
    roles = {name: str(connector.role) for name, (connector, _) in settings.connectors.items()}
    model = next((connected[name] for name, role in roles.items() if role == "model"), None)
    planner: Planner = ModelPlanner(model) if model else RulesPlanner()
    choices = config.model_copy(update={"sender_authenticated": settings.own.sender_auth})
    return build_desk(connected, roles, database.engine, vault, planner, lambda: policy, choices, around)


def _policy(folder: Path | None) -> Policy:
    """The policy in DESKHAND_POLICY, or the one as shipped."""
    file = folder / "policy.yaml" if folder else shipped_policy_path()
    try:
        return load_file(file)
    except PolicyUnusable as error:
        raise click.ClickException(f"The policy in {file} cannot be used.\n{_indented(error)}") from error
    except OSError as error:
        raise click.ClickException(f"DESKHAND_POLICY: {file} cannot be read ({error.strerror}). Name a folder with a "
                                   "policy.yaml in it, or unset it for the policy as shipped.") from error
