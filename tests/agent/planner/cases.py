"""Cases for planner tests, written short."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from agent.proposal import Case, SeenCharge, SeenContact, SeenMessage, SeenRefund

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
ANN = SeenContact(handle="k1", name="Ann Example", phone="+44 20 7946 0000")


def charge(handle: str, amount: str, days: float, order: str | None, description: str | None = None, *,
           refundable: str | None = None, refunds: tuple[SeenRefund, ...] = (), currency: str = "EUR",
           card: str = "visa ending in 4242", status: str = "succeeded") -> SeenCharge:
    return SeenCharge(handle=handle, amount=amount, refundable=refundable or amount, currency=currency,
                      on=NOW - timedelta(days=days), paid_with=card, description=description, order=order,
                      status=status, refunds=refunds)


PAIR = (charge("c1", "18.00", 2.04, "1001", "Desk lamp"), charge("c2", "18.00", 2, "1001", "Desk lamp"))
TWO = (charge("c1", "60.00", 9, "1002", "Blue armchair", card="mastercard ending in 4444"),
       charge("c2", "18.50", 2, "1001", "Desk lamp"))
CHAIR = TWO[:1]


def case(text: str, charges: tuple[SeenCharge, ...] = PAIR, contacts: tuple[SeenContact, ...] = (ANN,),
         subject: str = "", order: str | None = None, earlier: tuple[str, ...] = ()) -> Case:
    old = [SeenMessage(who="customer", at=NOW - timedelta(days=1), text=words, new=False) for words in earlier]
    return Case(subject=subject, messages=(*old, SeenMessage(who="customer", at=NOW, text=text, new=True)),
                charges=charges, contacts=contacts, order=order, today=NOW)
