"""What a restricted key may do, asked without any effect: reads by a list of one, writes by a change of nothing.

No call lists a key's own permissions. What is not permitted is refused with 403 before anything is looked up; a change
of an object that does not exist is refused with 404 where it is permitted (Stripe docs, "Restricted API keys",
"Errors"; that the permission is judged first is unverified).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from connectors.contract import NotFound, Rejected, Surroundings, Unavailable
from connectors.stripe.client import Client
from connectors.stripe.settings import StripeSettings

Access = Literal["read", "write"]
Ask = Callable[[Any], Any]

ONE = {"limit": 1}
NOTHING = {"metadata": {"deskhand": "may this key write here?"}}
NOWHERE = "deskhand_none"
"""No object has this id, whatever stands before it."""


@dataclass(frozen=True)
class Permission:
    """One line of the page on which a restricted key is made."""

    name: str
    """As that page says it (unverified)."""
    access: Access

    def __str__(self) -> str:
        return f"{self.name}: {self.access.capitalize()}"


NEEDED: dict[Permission, Ask] = {
    Permission("Account", "read"): lambda v1: v1.accounts.retrieve_current(),
    Permission("Customers", "read"): lambda v1: v1.customers.list(ONE),
    Permission("Charges", "read"): lambda v1: v1.charges.list(ONE),
    Permission("Invoices", "read"): lambda v1: v1.invoices.list(ONE),
    Permission("Subscriptions", "read"): lambda v1: v1.subscriptions.list(ONE),
    Permission("Disputes", "read"): lambda v1: v1.disputes.list(ONE),
    Permission("Events", "read"): lambda v1: v1.events.list(ONE),
    Permission("Refunds", "write"): lambda v1: v1.refunds.update(f"re_{NOWHERE}", NOTHING),
}
"""All that running Deskhand takes, each with a call that shows it."""

NEEDLESS: dict[Permission, Ask] = {
    Permission("Customers", "write"): lambda v1: v1.customers.update(f"cus_{NOWHERE}", NOTHING),
    Permission("Payment Intents", "write"): lambda v1: v1.payment_intents.update(f"pi_{NOWHERE}", NOTHING),
    Permission("Invoices", "write"): lambda v1: v1.invoices.update(f"in_{NOWHERE}", NOTHING),
    Permission("Subscriptions", "write"): lambda v1: v1.subscriptions.update(f"sub_{NOWHERE}", NOTHING),
    Permission("Disputes", "write"): lambda v1: v1.disputes.update(f"dp_{NOWHERE}", NOTHING),
    Permission("Credit notes", "write"): lambda v1: v1.credit_notes.update(f"cn_{NOWHERE}", NOTHING),
    Permission("Payouts", "write"): lambda v1: v1.payouts.update(f"po_{NOWHERE}", NOTHING),
    Permission("Transfers", "write"): lambda v1: v1.transfers.update(f"tr_{NOWHERE}", NOTHING),
    Permission("Products", "write"): lambda v1: v1.products.update(f"prod_{NOWHERE}", NOTHING),
    Permission("Prices", "write"): lambda v1: v1.prices.update(f"price_{NOWHERE}", NOTHING),
    Permission("Webhook Endpoints", "write"): lambda v1: v1.webhook_endpoints.update(f"we_{NOWHERE}", NOTHING),
    Permission("Payment Intents", "read"): lambda v1: v1.payment_intents.list(ONE),
    Permission("Credit notes", "read"): lambda v1: v1.credit_notes.list(ONE),
    Permission("Payouts", "read"): lambda v1: v1.payouts.list(ONE),
    Permission("Transfers", "read"): lambda v1: v1.transfers.list(ONE),
    Permission("Products", "read"): lambda v1: v1.products.list(ONE),
    Permission("Prices", "read"): lambda v1: v1.prices.list(ONE),
    Permission("Webhook Endpoints", "read"): lambda v1: v1.webhook_endpoints.list(ONE),
    Permission("Balance", "read"): lambda v1: v1.balance.retrieve(),
}
"""What no call of ours needs and a stolen key could use. Writing charges is not among them: the page grants it together
with refunds (unverified)."""


@dataclass(frozen=True)
class Rights:
    """How a key's permissions differ from what is needed."""

    unrestricted: bool
    """A secret key: it may do everything, and nothing was asked."""
    missing: tuple[Permission, ...] = ()
    needless: tuple[Permission, ...] = ()


def rights(settings: StripeSettings, around: Surroundings) -> Rights:
    """Asks Stripe, and changes nothing. Raises Unavailable when the key does not count, or Stripe does not answer."""
    if settings.api_key.get_secret_value().startswith("sk_"):
        return Rights(unrestricted=True)
    client = Client(settings, around)
    missing = tuple(one for one, ask in NEEDED.items() if not _granted(client, ask))
    return Rights(False, missing, tuple(_needless(client)))


def _needless(client: Client) -> Iterator[Permission]:
    """Writing includes reading: of a resource that may be written, only that is told."""
    written: set[str] = set()
    for one, ask in NEEDLESS.items():
        if one.name not in written and _granted(client, ask):
            written.add(one.name)
            yield one


def _granted(client: Client, ask: Ask) -> bool:
    """Of a call that nothing can come of. Raises Unavailable when Stripe did not say."""
    try:
        client.read(ask, lambda row: row)
    except NotFound as none:
        return none.reason == "resource_missing"  # else the address itself is not known there
    except Rejected:
        return True
    except Unavailable as no:
        if no.reason == "permission":
            return False
        raise
    return True
