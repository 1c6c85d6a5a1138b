"""The one place where things are put together: connectors, ledger, planner, policy, doors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, jsonify
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from agent import audit, switch, workflow
from agent.audit.heads import Signing
from agent.audit.keepers import FileKeeper, HelpdeskKeeper, Keeper, Keeping, UrlKeeper
from agent.database import Database, open_database
from agent.desk import Choices, Desk, Threads, Together
from agent.engine import State, Worker
from agent.ledger import Ledger
from agent.planner import ModelPlanner, RulesPlanner
from agent.policy import Policy
from agent.polling import Poll
from agent.proposal import Planner
from agent.published import Published
from agent.retention import Sweep
from agent.vault import Vault
from connectors.contract import Helpdesk, KeepsHeads, Payments, Surroundings
from connectors.contract.connector import Role
from connectors.stripe.told import TOLD
from webhooks.api import People, api
from webhooks.assets import Assets
from webhooks.config import Config, Roles, read_config
from webhooks.confirm import confirm_door
from webhooks.delivered import LARGEST_BODY
from webhooks.docs import docs_door
from webhooks.guard import Guard, Vouching
from webhooks.hearing import Hearing
from webhooks.inbox import Inbox
from webhooks.metrics import Metrics, page
from webhooks.pages import Pages
from webhooks.renewing import Renewing
from webhooks.salesforce import SalesforceDoor, salesforce_door
from webhooks.sessions import Sessions, origin_of
from webhooks.settings import Own, Settings, environment, load_settings
from webhooks.sidebar import ZendeskFrame, sidebar_door
from webhooks.signed import SignedOrg
from webhooks.stripe import OwnAccount, StripeDoor, stripe_door
from webhooks.zendesk import ZendeskDoor, zendesk_door

POOL = 20
"""Connections that an installation opens at most for everything but its doors' events and its worker."""


def build_desk(connected: Mapping[str, Mapping[Role, Any]], engine: Engine, vault: Vault, planner: Planner,
               policy: Callable[[Connection], Policy | None], choices: Choices, around: Surroundings,
               together: Together | None = None) -> Desk:
    """The desk over what each vendor plays, by its name and the role."""
    def having(role: Role) -> dict[str, Any]:
        return {name: roles[role] for name, roles in connected.items() if role in roles}

    payments = next(iter(having("payments").values()), None)
    records = next(iter(having("records").values()), None)
    return Desk(ledger=Ledger(engine, vault), helpdesks=having("helpdesk"), payments=payments, records=records,
                planner=planner, policy=policy, choices=choices, now=around.now, sleep=around.sleep,
                together=together or Threads())


@dataclass(frozen=True)
class Installation:
    """Everything one installation runs with, put together from settings."""

    settings: Settings
    config: Config
    database: Database
    desk: Desk
    published: Published
    renewing: Renewing | None = None
    """Where `.env` is read again; None where the settings were given by hand."""

    def worker(self, concurrency: int = 8, patience: float = 25) -> Worker:
        """A worker for this process, not yet started; it catches up, too. `patience`: as of Worker."""
        poll = Poll(self.desk, self.hearing(), self.config.catchup, self.payment_events())

        def on_state(state: State) -> None:
            if state in ("stopping", "stopped"):
                poll.stop()

        return Worker(self.database.url, lambda id, why: workflow.run(self.desk, id, why), concurrency=concurrency,
                      chores=[audit.seal_chain, self.keeping().tick, poll.tick,
                              Sweep(self.config.retention, self.desk.now).tick],
                      on_state=on_state, patience=patience)

    def keeping(self) -> Keeping:
        """Signs the audit's head when it is due, and brings it to its keepers."""
        signing = Signing(self.settings.own.secret_key.get_secret_value())
        return Keeping(self.database.engine, signing, self.keepers(), self.desk.now)

    def keepers(self) -> list[Keeper]:
        """Where the audit's heads are kept, as deskhand.toml says."""
        chosen, data = self.config.audit, self.desk.stop_file.parent if self.desk.stop_file else self.settings.own.data
        made: dict[str, list[Keeper]] = {
            "file": [FileKeeper(data / chosen.file)],
            "url": [UrlKeeper(chosen.url)] if chosen.url else [],
            "helpdesk": [HelpdeskKeeper(one, f"helpdesk {vendor}") for vendor, one in self.desk.helpdesks.items()
                         if isinstance(one, KeepsHeads)]}
        return [keeper for name in dict.fromkeys(chosen.keepers) for keeper in made[name]]

    def hearing(self) -> Hearing:
        """Keeps what no event told."""
        payments, said = self.desk.payments, self.settings.own.stripe_account_id
        account = OwnAccount(payments.account, said) if payments else str
        return Hearing(self.database.engine, self.desk.now, account)

    def payment_events(self) -> tuple[str, ...]:
        """The kinds that the payment provider's door acts upon."""
        return TOLD if self.desk.payments is not None and self.desk.payments.vendor == "stripe" else ()

    def app(self, worker_state: Callable[[], str]) -> Flask:
        """The doors; `worker_state` says how the worker of this process does, "elsewhere" when it has none."""
        health = Health(self.database.engine, worker_state, self.published, self.desk.crossed_modes, self.desk.now,
                        self.desk.stop_file, instance(self.desk.ledger.vault))
        own = self.settings.own
        inbox = Inbox(self.database.url, self.desk.ledger.vault.digest)
        doors = [zendesk_door(ZendeskDoor(helpdesk.account, self._secrets(Own.webhook_secrets), own.zendesk_account_id),
                              inbox, self.desk.now)
                 for helpdesk in self.desk.helpdesks.values() if helpdesk.vendor == "zendesk"]
        if org_desk := self.desk.helpdesks.get("salesforce"):
            org = self._org() or SignedOrg(org_desk.account, ())
            doors.append(salesforce_door(SalesforceDoor(org, self._secrets(Own.salesforce_outbound_tokens)), inbox,
                                         self.desk.now))
        payments = self.desk.payments
        secrets = self._secrets(Own.stripe_webhook_secrets)
        if payments is not None and payments.vendor == "stripe" and secrets:
            account = OwnAccount(payments.account, own.stripe_account_id)
            doors.append(stripe_door(StripeDoor(payments.live, secrets, account), inbox, self.desk.now))
        return create_app(health, (*doors, *self._pages()))

    def _secrets(self, of: Callable[[Own], tuple[str, ...]]) -> Sequence[str]:
        return self.renewing.secrets(of) if self.renewing else of(self.settings.own)

    def _pages(self) -> list[Blueprint]:
        """What people open, where they can reach it: the confirmation page, the sidebar and its API."""
        own, helpdesk = self.settings.own, self.desk.helpdesks.get("zendesk")
        if not own.public_url:
            return []
        frame = own.frame(helpdesk.account) if helpdesk else None
        return people_doors(self.desk, self.config.roles, own.public_url, helpdesk, frame, self._org())

    def _org(self) -> SignedOrg | None:
        """The Salesforce org whose signed requests count; None where it is no helpdesk of ours, or signs nothing."""
        helpdesk, certificates = self.desk.helpdesks.get("salesforce"), self._secrets(Own.salesforce_certificates)
        return SignedOrg(helpdesk.account, certificates) if helpdesk and certificates else None

    def watching(self) -> tuple[str, ...]:
        """The actions that are only decided and recorded: nothing is written for them."""
        with self.desk.ledger.begin() as c:
            policy = self.published.newest(c)
        return tuple(name for name, row in policy.actions.items() if row.mode == "shadow") if policy else ()

    def worries(self) -> list[str]:
        """Why nothing is executed, each with what to do."""
        with self.desk.ledger.begin() as c:
            problem = self.published.problem(c)
            held_back = [one.in_words() for one in (*switch.of_file(self.desk.stop_file), *switch.pauses(c))
                         if one.action == switch.ALL]
        return [words for words in (problem, self.desk.crossed_modes, *held_back) if words]

    def off(self) -> dict[str, str]:
        """The vendors that are not configured, and what to set."""
        return self.settings.off


def install(folder: Path = Path(), env: Mapping[str, str] | None = None, *, pool: int = POOL) -> Installation:
    """Puts an installation together. Raises SettingsUnusable, ConfigUnusable or DatabaseUnusable with what to do."""
    given = dict(environment(folder) if env is None else env)
    config = read_config(given, folder)
    settings = load_settings(given, config)
    own = settings.own
    database = open_database(own.database_url, folder / own.data, pool=pool)
    vault = Vault(own.secret_key.get_secret_value())
    vault.prepare(database.engine)
    around = Surroundings()
    connected = {name: connector.connected(said, around) for name, (connector, said) in settings.connectors.items()}
    model = next((roles["model"] for roles in connected.values() if "model" in roles), None)
    planner: Planner = ModelPlanner(model) if model else RulesPlanner()
    published = Published()
    choices = config.model_copy(update={"senders_checked": own.senders_checked()})
    desk = build_desk(connected, database.engine, vault, planner, published.newest, choices, around)
    desk = replace(desk, crossed_modes=crossed(desk.payments, desk.helpdesks), public_url=own.public_url or "",
                   stop_file=folder / own.data / switch.FILE)
    return Installation(settings, config, database, desk, published, Renewing(folder, own) if env is None else None)


def people_doors(desk: Desk, roles: Roles, public_url: str, helpdesk: Helpdesk | None = None,
                 frame: ZendeskFrame | None = None, org: SignedOrg | None = None) -> list[Blueprint]:
    """The confirmation page; with a frame Zendesk's sidebar, with an org Salesforce's, and the API behind them."""
    pages = Pages(Assets())
    doors = [pages.assets.door(), confirm_door(desk, pages)]
    sessions = Sessions(desk.ledger.engine, helpdesk, roles, desk.now,
                        installation=frame.app.installation) if helpdesk and frame else None
    vouching = _vouching(desk, roles, org) if org else None
    if frame is not None and sessions is not None:
        doors.append(sidebar_door(frame, sessions, pages, desk.now))
    if sessions is None and vouching is None:
        return doors
    return [*doors, api(People(desk, Guard(sessions, (origin_of(public_url),), vouching))), docs_door(pages)]


def _vouching(desk: Desk, roles: Roles, org: SignedOrg) -> Vouching:
    helpdesk, engine = desk.helpdesks["salesforce"], desk.ledger.engine
    return Vouching(org, helpdesk, Sessions(engine, helpdesk, roles, desk.now), engine, desk.now)


def instance(vault: Vault) -> str:
    """The installation's name for `/healthz`: whoever asks there can tell this one from another."""
    return vault.token("instance")[:12]


def crossed(payments: Payments | None, helpdesks: Mapping[str, Helpdesk]) -> str | None:
    """A test key beside a production helpdesk, or a live key beside a sandbox one, never executes."""
    if payments is None:
        return None
    for name, helpdesk in helpdesks.items():
        if payments.live != helpdesk.production:
            key = "a live" if payments.live else "a test"
            kind = "a production" if helpdesk.production else "a sandbox"
            return f"{key} {payments.vendor} key stands beside {kind} {name} account"
    return None


@dataclass(frozen=True)
class Health:
    """What `/readyz` asks."""

    engine: Engine
    worker: Callable[[], str]
    published: Published
    crossed: str | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    stop_file: Path | None = None
    instance: str = ""
    """Which installation this is, by a name that tells nothing else."""

    def look(self) -> tuple[bool, list[str]]:
        """Whether events can be taken and worked on, and all that people should know: less may be done with them."""
        working, found = True, [f"nothing is executed: {self.crossed}"] if self.crossed else []
        held_back = switch.of_file(self.stop_file)
        try:
            with self.engine.connect() as connection:
                if problem := self.published.problem(connection):
                    found.append(f"everything is handed to a person: {problem}")
                held_back += switch.pauses(connection)
        except SQLAlchemyError as error:
            working = False
            found.append(f"the database cannot be reached: {type(error).__name__}")
        if (state := self.worker()) not in ("running", "elsewhere"):
            working = False
            found.append(f"the worker is {state}")
        return working, found + [one.for_anyone() for one in held_back]

    def metrics(self) -> bytes:
        """The scrape of `/metrics`."""
        return page(Metrics(self.engine, self.published, self.now(), self.stop_file))


def create_app(health: Health, doors: tuple[Any, ...] = ()) -> Flask:
    """The Flask application: the vendors' doors, and what operations ask."""
    app = Flask("deskhand", static_folder=None)
    started = version("deskhand")  # and not what an upgrade has installed since
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    for door in doors:
        app.register_blueprint(door)

    @app.get("/healthz")
    def healthz() -> Response:
        return jsonify(ok=True, version=started, instance=health.instance)

    @app.get("/readyz")
    def readyz() -> tuple[Response, int]:
        ready, problems = health.look()
        return jsonify(ready=ready, problems=problems), 200 if ready else 503

    @app.get("/metrics")
    def metrics() -> Response:
        return Response(health.metrics(), content_type="text/plain; version=0.0.4; charset=utf-8")

    @app.after_request
    def careful(response: Response) -> Response:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return app
