"""Where the demo's tickets live: the same customers and colleagues, in Zendesk or in Salesforce Service Cloud."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import requests

from connectors.standin import Call
from scripts.processes import DidNotStart

Json = dict[str, Any]
Ask = Callable[[str, Any], Json]
"""An operation of the sandbox's control, by name and body."""


@dataclass(frozen=True)
class Seat:
    """One colleague's place beside one ticket, where Deskhand is seen and pressed."""

    http: requests.Session
    url: str
    proof: Callable[[str, str, str], dict[str, str]]
    """The headers that say who is looking, for a method, a path and a body."""

    def state(self) -> Json:
        """The ticket at a glance."""
        return self._sent("GET", "/api/ticket", "")

    def card(self) -> Json:
        """What waits for them."""
        card: Json = self.state()["cards"][0]
        return card

    def approve(self, card: Json) -> None:
        self.post(f"/api/approvals/{card['wait']}", {"digest": card["digest"], "amount": None})

    def post(self, path: str, said: Json) -> None:
        self._sent("POST", path, json.dumps(said))

    def _sent(self, method: str, path: str, body: str) -> Json:
        headers = {**self.proof(method, path, body), "Content-Type": "application/json"}
        answered = self.http.request(method, f"{self.url}{path}", data=body or None, headers=headers, timeout=30)
        answered.raise_for_status()
        told: Json = answered.json()
        return told


class Home(Protocol):
    """One helpdesk, as the demo's office knows it."""

    vendor: str
    title: str
    roles: str
    """The table of deskhand.toml that names its groups."""

    def prepare(self, world: Json, url: str, secret: str) -> None:
        """Has the world's helpdesk tell the Deskhand at `url` what happens, signed with the secret if it takes one."""

    def settings(self, ask: Ask, sandbox: Json) -> Json:
        """What Deskhand's settings hold for it, from what the sandbox's settings are."""

    def ref(self, ticket: str) -> str: ...

    def is_about(self, call: Call, ticket: str) -> bool:
        """Whether it is not plainly about another ticket, nor a look for what no event told."""

    def seat(self, http: requests.Session, url: str, ask: Ask, email: str, ticket: str) -> Seat:
        """A colleague opens the ticket, and Deskhand beside it."""


class Zendesk:
    vendor, title = "zendesk", "Zendesk"
    roles = '[roles]\nagent = ["Support"]\nlead = ["Team leads"]\n'

    def prepare(self, world: Json, url: str, secret: str) -> None:
        for webhook in world["zendesk"]["webhooks"]:
            webhook |= {"endpoint": f"{url}/webhooks/zendesk", "secret": secret}

    def settings(self, ask: Ask, sandbox: Json) -> Json:
        app = ask("zendesk/opens_sidebar", {"email": "lena@acme.example"})
        return {**sandbox, "ZENDESK_APP_PUBLIC_KEY": app["public_key"],
                "ZENDESK_APP_INSTALLATION_ID": str(app["installation"])}

    def ref(self, ticket: str) -> str:
        return f"zendesk:acme:{ticket}"

    def is_about(self, call: Call, ticket: str) -> bool:
        if call.path.endswith("/events") or "/incremental/" in call.path:
            return False
        parts = call.path.removesuffix(".json").split("/")
        return call.vendor != "zendesk" or "tickets" not in parts or any(
            part.removesuffix(".json") == ticket for part in parts)

    def seat(self, http: requests.Session, url: str, ask: Ask, email: str, ticket: str) -> Seat:
        opened = ask("zendesk/opens_sidebar", {"email": email})
        page = http.post(f"{url}/sidebar/zendesk", data={"token": opened["token"]}, timeout=30)
        page.raise_for_status()
        found = re.search(r'name="deskhand-session" content="([^"]+)"', page.text)
        if found is None:
            raise DidNotStart("the sidebar opened without a session")
        proof = {"Authorization": f"Bearer {found[1]}", "Origin": url}
        seat = Seat(http, url, lambda method, path, body: proof)
        seat.post("/api/sessions/bind", {"ticket": ticket})
        return seat


class Salesforce:
    """The org holds the customers' contacts, too; one login serves both."""

    vendor, title = "salesforce", "Salesforce"
    roles = '[roles]\nagent = ["Deskhand Agent"]\nlead = ["Deskhand Approver"]\n'
    sender = "support@acme.example"

    def __init__(self) -> None:
        self.org = ""

    def prepare(self, world: Json, url: str, secret: str) -> None:
        org = world["salesforce"]
        self.org = org["org_id"]
        org |= {"domain": "acme--demo.sandbox", "deskhand_url": url}

    def settings(self, ask: Ask, sandbox: Json) -> Json:
        kept = {name: value for name, value in sandbox.items() if not name.startswith("ZENDESK_")}
        return {**kept, "SALESFORCE_ORG_ID": self.org, "SALESFORCE_SENDER": self.sender, "SALESFORCE_SENDER_AUTH": "on",
                "SALESFORCE_CERTIFICATE": ask("salesforce/certificate", {})["certificate"]}

    def ref(self, ticket: str) -> str:
        return f"salesforce:{self.org}:{ticket}"

    def is_about(self, call: Call, ticket: str) -> bool:
        """Composites name no case in their path; the demo's customers write one after the other."""
        return not call.path.endswith("/events") and call.vendor != "zendesk"

    def seat(self, http: requests.Session, url: str, ask: Ask, email: str, ticket: str) -> Seat:
        def proof(method: str, path: str, body: str) -> dict[str, str]:
            signed: dict[str, str] = ask("salesforce/signs", {"method": method, "path": path, "user": email,
                                                              "case": ticket, "body": body})["headers"]
            return signed

        return Seat(http, url, proof)


HOMES: dict[str, Callable[[], Home]] = {"zendesk": Zendesk, "salesforce": Salesforce}
