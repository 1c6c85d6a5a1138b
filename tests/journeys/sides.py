"""The helpdesk's side of an office: the same people and happenings, told in each vendor's own way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from connectors.contract import Surroundings
from connectors.salesforce import CONNECTOR as SALESFORCE
from connectors.salesforce.standin import people
from connectors.zendesk import CONNECTOR as ZENDESK

US = "deskhand@acme.example"
ORG = "00D000000000001EAA"
STATUS = {"New": "new", "Working": "open", "Escalated": "open", "Waiting on Customer": "pending", "Closed": "solved"}
PRIORITY = {"Low": "low", "Medium": "normal", "High": "high"}
"""How a case stands, in our words."""


@dataclass(frozen=True)
class Call:
    """Tells one kind of call of a pass from all others, for faults."""

    vendor: str
    method: str
    path: str
    body: str = ""


CONTACTS = Call("salesforce", "POST", "/composite", "FROM%20Contact%20")


class Side:
    """One helpdesk: its stand-in does what people do there, its connector is what Deskhand works with."""

    vendor = ""
    account = ""
    reply: ClassVar[Call]
    """What sends a reply to the customer."""
    updates: ClassVar[Mapping[str, Call]]
    """Every call that writes on a ticket when it is told."""
    looks: ClassVar[Mapping[str, Call]]
    """The calls that read a ticket and its people."""
    away: tuple[str, str, str] = ("", "", "")
    """Which calls fail while tickets cannot be read: vendor, method and part of the path."""
    merged = "merged"
    """Why a ticket is left alone that was merged into another one."""
    untold = 1
    """Replies in the books of one that reached nobody, because the helpdesk tells nobody."""

    def __init__(self, rules: Any, clock: Callable[[], datetime]) -> None:
        self.rules, self.clock = rules, clock

    def connected(self, around: Surroundings) -> Mapping[Any, Any]:
        """What plays the helpdesk's role, and others that the same account plays."""
        raise NotImplementedError

    def writes(self, **told: Any) -> Any:
        """A customer's message makes a ticket, or stands on the `ticket` it answers; returns the ticket's id."""
        return self.happens("customer_writes", **told)["ticket"]

    def happens(self, op: str, **told: Any) -> Any:
        """What a colleague or the helpdesk itself does."""
        return self.rules.control(op, told, self.clock())

    def ticket(self, id: Any) -> dict[str, Any]:
        """What the books say: our `notes` and `replies`, and how the ticket stands, in our words."""
        return dict(self.rules.books()["tickets"][str(id)])

    def shuts_out(self, email: str) -> None:
        """A colleague may use the helpdesk no more."""
        raise NotImplementedError

    def moves(self, email: str, before: str, to: str) -> None:
        """A colleague leaves one group for another."""
        raise NotImplementedError

    def hides_tickets(self, email: str) -> None:
        """A colleague sees no ticket any more that is not their own."""
        raise NotImplementedError

    def tells_nobody(self) -> None:
        """From now on a reply notifies nobody."""
        raise NotImplementedError

    def tells_again(self) -> None:
        raise NotImplementedError

    def group(self, name: str) -> str:
        """The id of a group that takes tickets over; it is made when missing."""
        raise NotImplementedError

    def solvable(self, assignee: str, **told: Any) -> Any:
        """As `writes`; of what a helpdesk wants of a ticket before it may be solved, nothing is missing."""
        return self.writes(**told)


class ZendeskSide(Side):
    """Tickets in Zendesk, the contacts in Salesforce."""

    vendor, account = "zendesk", "acme"
    away = ("zendesk", "GET", "audits")
    reply = Call("zendesk", "PUT", "/tickets/")
    updates: ClassVar = {"update": reply}
    looks: ClassVar = {"audits": Call("zendesk", "GET", "/audits"), "identities": Call("zendesk", "GET", "/identities"),
                       "contacts": CONTACTS}

    def __init__(self, rules: Any, clock: Callable[[], datetime]) -> None:
        super().__init__(rules, clock)
        self.triggers: list[Any] = []

    def shuts_out(self, email: str) -> None:
        self.happens("change_user", email=email, suspended=True)

    def moves(self, email: str, before: str, to: str) -> None:
        self.happens("change_user", email=email, groups=[to])

    def hides_tickets(self, email: str) -> None:
        self.happens("change_user", email=email, ticket_restriction="assigned")

    def connected(self, around: Surroundings) -> Mapping[Any, Any]:
        return ZENDESK.connected(ZENDESK.settings.model_validate({
            "ZENDESK_SUBDOMAIN": "acme", "ZENDESK_EMAIL": US, "ZENDESK_API_TOKEN": "zendesk-token"}), around)

    def tells_nobody(self) -> None:
        self.triggers, self.rules.state.triggers = self.rules.state.triggers, []

    def tells_again(self) -> None:
        self.rules.state.triggers = self.triggers

    def group(self, name: str) -> str:
        self.rules.load({"groups": [{"name": name}]}, self.clock())
        return str(self.rules.state.group(name))

    def solvable(self, assignee: str, **told: Any) -> Any:
        """Zendesk solves no ticket that nobody is assigned to."""
        self.rules.load({"tickets": [{**told, "assignee": assignee}]}, self.clock())
        return max(self.rules.state.tickets)


class SalesforceSide(Side):
    """Cases in the same org as the contacts."""

    vendor, account = "salesforce", ORG
    away = ("salesforce", "POST", "composite")
    reply = Call("salesforce", "POST", "/composite/batch")
    updates: ClassVar = {"reply": reply, "note": Call("salesforce", "POST", "/composite", '"CommentBody"')}
    looks: ClassVar = {"case": Call("salesforce", "POST", "/composite", "CaseHistory"),
                       "contacts": CONTACTS}
    merged = "deleted"
    untold = 0

    def shuts_out(self, email: str) -> None:
        self.happens("deactivate_user", user=email)

    def moves(self, email: str, before: str, to: str) -> None:
        self.happens("leave", user=email, group=before)
        self.happens("join", user=email, group=to)

    def hides_tickets(self, email: str) -> None:
        self.happens("private", objects=["Case"])

    def connected(self, around: Surroundings) -> Mapping[Any, Any]:
        return SALESFORCE.connected(SALESFORCE.settings.model_validate({
            "SALESFORCE_DOMAIN": "acme", "SALESFORCE_CLIENT_ID": "deskhand", "SALESFORCE_ORG_ID": ORG,
            "SALESFORCE_CLIENT_SECRET": "salesforce-secret", "SALESFORCE_SENDER": "support@acme.example"}), around)

    def happens(self, op: str, **told: Any) -> Any:
        """A case is given to a contact, which a colleague makes where there is none."""
        if op == "change_requester" and not self.rules.state.find("Contact", "Email", told["email"]):
            self.rules.load({"contacts": [{"LastName": told["email"].split("@")[0].title(), "Email": told["email"]}]},
                            self.clock())
        if "status" in told:
            told["status"] = next(theirs for theirs, ours in STATUS.items() if ours == told["status"])
        return super().happens(op, **told)

    def ticket(self, id: Any) -> dict[str, Any]:
        book = super().ticket(id)
        return {**book, "status": STATUS[book["status"]], "priority": PRIORITY[book["priority"]]}

    def tells_nobody(self) -> None:
        """No mail leaves the org, and none is logged ("Email Deliverability")."""
        self.happens("deliverability", level="system")

    def tells_again(self) -> None:
        self.happens("deliverability", level="all")

    def group(self, name: str) -> str:
        return str(people.group(self.rules.state, name, self.clock())["Id"])


SIDES: dict[str, type[Side]] = {"zendesk": ZendeskSide, "salesforce": SalesforceSide}
