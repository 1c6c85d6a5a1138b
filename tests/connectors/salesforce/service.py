"""A small service desk to test against: cases on the stand-in, and our helpdesk connector on it in one process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import BaseAdapter

from connectors.contract import Conversation, Key, Surroundings, TicketUpdate, UpdateReceipt
from connectors.mount import Mounted
from connectors.salesforce import CONNECTOR
from connectors.salesforce.helpdesk import SalesforceHelpdesk
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.standin import SalesforceRules
from connectors.standin import Door, Fault
from tests.connectors.salesforce.acme import NOW, WORLD, Time

ORG = WORLD["org_id"]
ANNA_SAYS = {"email": "anna@example.com", "subject": "Charged twice", "body": "Please refund one."}
SENDER = "support@acme.example"
DESK: dict[str, Any] = {
    **WORLD, "senders": [{"Address": SENDER}],
    "users": [{"Name": "Kim Agent", "Email": "kim@acme.example", "permission_sets": ["Deskhand_Agent"]}],
    "groups": [{"Name": "Refunds", "members": ["kim@acme.example"]}]}
SETTINGS = {"SALESFORCE_DOMAIN": "acme", "SALESFORCE_CLIENT_ID": "deskhand", "SALESFORCE_CLIENT_SECRET": "s3cret",
            "SALESFORCE_ORG_ID": ORG, "SALESFORCE_SENDER": SENDER}
NOTE_KEY, REPLY_KEY = Key(operation="op-" + "a" * 24), Key(operation="op-" + "b" * 24)


class Overheard(BaseAdapter):
    """Carries requests on and keeps them."""

    def __init__(self, through: BaseAdapter) -> None:
        super().__init__()
        self.through = through
        self.sent: list[requests.PreparedRequest] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        self.sent.append(request)
        return self.through.send(request, *args, **kwargs)

    def close(self) -> None:
        self.through.close()


@dataclass
class Service:
    door: Door
    helpdesk: SalesforceHelpdesk
    time: Time

    @property
    def rules(self) -> SalesforceRules:
        rules = self.door.rules
        assert isinstance(rules, SalesforceRules)
        return rules

    def does(self, op: str, **params: Any) -> dict[str, Any]:
        """What people and time do in the org."""
        done: dict[str, Any] = self.rules.control(op, params, self.time())
        return done

    def case(self, **params: Any) -> str:
        """The reference of a case that a customer has just made."""
        return self.ref(self.does("customer_writes", **{**ANNA_SAYS, **params})["case"])

    def ref(self, id: str) -> str:
        return f"salesforce:{ORG}:{id}"

    def read(self, ref: str) -> Conversation:
        return self.helpdesk.read(ref)

    def row(self, ref: str) -> dict[str, Any]:
        """The case as it stands in the books."""
        found: dict[str, Any] = self.rules.state.tables["Case"][ref.rpartition(":")[2]]
        return found

    def rows(self, object: str) -> list[dict[str, Any]]:
        return list(self.rules.state.tables[object].values())

    def id_of(self, object: str, name: str) -> str:
        return next(str(row["Id"]) for row in self.rows(object) if row["Name"] == name)

    def meets(self, kind: str, *, path: str = "composite", times: int = 1, skip: int = 0, **params: Any) -> None:
        self.door.faults.append(Fault(kind, path=path, times=times, skip=skip, params=params))

    def calls(self) -> list[str]:
        """Method and last part of each call, tokens left out."""
        made = [f"{c.method} {c.path.rpartition('/')[2]}" for c in self.door.calls]
        return [call for call in made if not call.endswith("token")]

    def notes(self) -> list[str]:
        return [str(row["CommentBody"]) for row in self.rows("CaseComment")]

    def sent(self) -> list[dict[str, Any]]:
        return list(self.rules.state.sent)

    def performs(self, update: TicketUpdate, key: Key = NOTE_KEY) -> UpdateReceipt:
        receipt = self.helpdesk.perform(update, key)
        assert isinstance(receipt, UpdateReceipt)
        return receipt


def service(world: dict[str, Any] | None = None, carry: Callable[[BaseAdapter], BaseAdapter] = lambda adapter: adapter,
            **settings: Any) -> Service:
    rules, time = SalesforceRules(), Time()
    rules.load({**DESK, **(world or {})}, NOW)
    door = Door(rules, time, wait=lambda seconds: None)
    around = Surroundings(now=time, sleep=lambda seconds: time.on(seconds=seconds),
                          transports={"salesforce": carry(Mounted(door))})
    chosen = SalesforceSettings.model_validate({**SETTINGS, **settings})
    helpdesk = CONNECTOR.connected(chosen, around)["helpdesk"]
    assert isinstance(helpdesk, SalesforceHelpdesk)
    return Service(door, helpdesk, time)


def note(ref: str, **more: Any) -> TicketUpdate:
    return TicketUpdate(**{"ref": ref, "about": "d1:note", "text": "A note.", "public": False, **more})


def reply(ref: str, **more: Any) -> TicketUpdate:
    return TicketUpdate(**{"ref": ref, "about": "d1:reply", "text": "We refunded 18.00 EUR.", "public": True, **more})
