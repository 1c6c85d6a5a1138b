"""Who is on a case: the one who asks, colleagues, portal users, and what the org does by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from connectors.contract import Role, User
from connectors.salesforce.rows import CaseRow, MadeRow, PersonRow, UserRow

STANDARD = "Standard"
CUSTOMERS = ("CspLitePortal", "CSPLitePortal", "CustomerSuccess", "PowerCustomerSuccess", "PowerPartner", "CSNOnly",
             "SelfService")
"""`UserType` of people who use a portal (Object Reference, "User"). Standard users are colleagues; all others, such as
AutomatedProcess, CloudIntegrationUser and Guest, are the org itself."""
AUTOMATION = "automation"
"""Stands for the org where it acts in the name of a colleague: in the transaction that a customer's mail began."""


def role(type: str | None) -> Role:
    if type == STANDARD:
        return Role.AGENT
    return Role.CUSTOMER if type in CUSTOMERS else Role.SYSTEM


def requester(case: CaseRow, person: PersonRow | None) -> User:
    """The case's contact, or the account of a person; else whoever gave an address in a web form; else nobody."""
    if person is not None:
        return User(id=person.id, name=person.name or "", email=person.email, role=Role.CUSTOMER)
    email = (case.supplied_email or "").strip()
    return User(id=email.lower() or f"{case.id}:nobody", name=case.supplied_name or "", email=email or None,
                role=Role.CUSTOMER)


@dataclass
class People:
    """The people of one case, as far as its rows and what is known of users tell."""

    asks: User
    ours: str
    """The integration user's id."""
    known: Mapping[str, UserRow]
    users: dict[str, User] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.users[self.asks.id] = self.asks

    def user(self, id: str) -> str:
        """Who a user is here: the customer in person where it is a portal user of theirs."""
        known = self.known.get(id) or UserRow(id=id)
        kind = Role.SYSTEM if id == self.ours else role(known.type)
        if kind is Role.CUSTOMER and known.contact == self.asks.id:
            return self.asks.id
        if id not in self.users:
            self.users[id] = User(id=id, name=known.name or "Salesforce", email=known.email, role=kind,
                                  active=known.active, time_zone=known.zone)
        return id

    def sender(self, address: str | None, name: str | None) -> str:
        """Whoever wrote a mail: the one who asks, by their own address, or somebody known by the address alone."""
        plain = (address or "").strip().lower()
        if plain and plain == (self.asks.email or "").strip().lower():
            return self.asks.id
        id = plain or "unknown sender"
        if id not in self.users:
            self.users[id] = User(id=id, name=name or plain, email=plain or None, role=Role.CUSTOMER)
        return id

    def automation(self) -> str:
        self.users.setdefault(AUTOMATION, User(id=AUTOMATION, name="Salesforce", email=None, role=Role.SYSTEM))
        return AUTOMATION

    def is_colleague(self, id: str) -> bool:
        found = self.users.get(id)
        return found is not None and found.role is Role.AGENT


def told_by(rows: Iterable[MadeRow]) -> dict[str, UserRow]:
    """Users as far as the rows they made tell what they are."""
    return {row.created_by: UserRow(id=row.created_by, name=row.by.Name, type=row.by.UserType, contact=row.by.ContactId)
            for row in rows if row.by and row.by.UserType}
