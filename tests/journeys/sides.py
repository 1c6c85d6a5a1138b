"""The helpdesk's side of an office: the same people and happenings, told in each vendor's own way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from connectors.contract import Surroundings
from connectors.salesforce import CONNECTOR as SALESFORCE
from connectors.zendesk import CONNECTOR as ZENDESK

US = "deskhand@acme.example"
ORG = "00D000000000001EAA"


class Side:
    """One helpdesk: its stand-in does what people do there, its connector is what Deskhand works with."""

    vendor = ""
    account = ""

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
        """What the books say: our `notes` and `replies`, and how the ticket stands."""
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

    away: tuple[str, str, str] = ("", "", "")
    """Which calls fail while tickets cannot be read: vendor, method and part of the path."""


class ZendeskSide(Side):
    """Tickets in Zendesk, the contacts in Salesforce."""

    vendor, account = "zendesk", "acme"
    away = ("zendesk", "GET", "audits")

    def shuts_out(self, email: str) -> None:
        self.happens("change_user", email=email, suspended=True)

    def moves(self, email: str, before: str, to: str) -> None:
        self.happens("change_user", email=email, groups=[to])

    def hides_tickets(self, email: str) -> None:
        self.happens("change_user", email=email, ticket_restriction="assigned")

    def connected(self, around: Surroundings) -> Mapping[Any, Any]:
        return ZENDESK.connected(ZENDESK.settings.model_validate({
            "ZENDESK_SUBDOMAIN": "acme", "ZENDESK_EMAIL": US, "ZENDESK_API_TOKEN": "zendesk-token"}), around)


class SalesforceSide(Side):
    """Cases in the same org as the contacts."""

    vendor, account = "salesforce", ORG
    away = ("salesforce", "POST", "composite")

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


SIDES: dict[str, type[Side]] = {"zendesk": ZendeskSide, "salesforce": SalesforceSide}
