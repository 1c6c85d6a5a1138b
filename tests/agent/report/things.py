"""Tickets and charges in few words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.contract import (
    Change,
    Charge,
    Comment,
    Conversation,
    Entry,
    Method,
    Money,
    PaidRefund,
    Role,
    Ticket,
    User,
)

BEGIN = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
USERS = {"1": User(id="1", name="Dana", email="dana@example.com", role=Role.CUSTOMER),
         "2": User(id="2", name="Mia", email="mia@acme.example", role=Role.AGENT)}
DANA, MIA = "1", "2"


def usd(amount: int) -> Money:
    return Money(amount=amount, currency="USD")


def entry(after: timedelta, author: str, text: str | None = None, *, public: bool = True, operation: str | None = None,
          changes: tuple[Change, ...] = ()) -> Entry:
    id = str(int(after.total_seconds()))
    said = (Comment(id=f"c{id}", author=author, public=public, text=text, channel="email"),) if text else ()
    return Entry(id=id, at=BEGIN + after, author=author, channel="email", operation=operation, comments=said,
                 changes=changes)


def changed(field: str, before: str | None, value: str | None, *, by_rule: bool = False) -> Change:
    return Change(field=field, before=before, value=value, by_rule=by_rule)


def conversation(*entries: Entry, **now: Any) -> Conversation:
    """As it stands now: `now` is what the ticket holds."""
    told: dict[str, Any] = {"ref": "zendesk:acme:1", "id": "1", "subject": "Order", "status": "open",
                            "channel": "email", "requester": DANA, "created_at": BEGIN, "updated_at": entries[-1].at}
    return Conversation(ticket=Ticket(**{**told, **now}), users=USERS, entries=entries, read_at=BEGIN + 30 * DAY)


def refund(id: str, after: timedelta, amount: int = 1800, status: str = "succeeded",
           operation: str | None = None) -> PaidRefund:
    return PaidRefund(id=id, money=usd(amount), status=status, created=BEGIN + after, operation=operation)


def charge(id: str, *refunds: PaidRefund, amount: int = 1800, disputed: bool = False) -> Charge:
    back = sum(one.money.amount for one in refunds if one.status in ("succeeded", "pending"))
    return Charge(id=id, payer="cus_1", payment=None, money=usd(amount), captured=usd(amount), refunded=usd(back),
                  status="succeeded", created=BEGIN - DAY, method=Method(kind="card"), refunds=refunds,
                  disputed=disputed)
