"""Contacts, and what a CRM must offer."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from connectors.contract.actions import ContactField, Performs
from connectors.contract.frozen import Frozen


class Contact(Frozen):
    id: str
    name: str
    email: str | None
    values: dict[ContactField, str | bool | None]
    """What the fields hold; a field that cannot be read is missing here and named in `unreadable`."""
    unreadable: frozenset[ContactField] = frozenset()
    account: str | None = None
    account_name: str | None = None
    flags: frozenset[str] = frozenset()
    """vip, fraud, legal_hold, where the admin named a field for them."""
    flags_unreadable: bool = False
    email_changed_at: datetime | None = None
    """When the e-mail last changed, from field history."""
    email_history_known: bool = False
    modified_at: datetime | None = None


class Records(Performs, Protocol):
    """Who the customer is to the company. Performs ContactChange, its Undo, and LogActivity."""

    vendor: str
    production: bool

    def contacts(self, email: str) -> tuple[Contact, ...]:
        """Contacts with this e-mail address, whatever its case; one call."""

    def link(self, contact: str) -> str:
        """Where people see this contact; "" where no page shows it."""
