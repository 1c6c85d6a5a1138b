"""A ledger of what would have been done: in memory, in order, and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from agent.ledger import JUST_CHANGED, Bearing, Ledger
from agent.report.then import open_at
from agent.vault import PersonKey, Vault
from connectors.contract import ActionBase, Conversation, Money, Refund

MONTH = timedelta(days=30)


@dataclass(frozen=True)
class _Refunded:
    operation: str
    ref: str
    charge: str
    customer: str
    money: Money
    at: datetime


@dataclass(frozen=True)
class _Done:
    operation: str
    ref: str
    kind: str
    target: str
    at: datetime


class Imagined(Ledger):
    """Knows what bears on an ask from what would have been done before it; has no database to write to."""

    def __init__(self, vault: Vault) -> None:
        self.vault = vault
        self._refunds: list[_Refunded] = []
        self._done: list[_Done] = []
        self._tickets: dict[str, dict[int, Conversation]] = {}
        self._about_money: set[int] = set()

    def would_do(self, ref: str, customer: str, action: ActionBase, at: datetime) -> None:
        """This would have been done without asking anyone."""
        operation = self.operation_id(ref, action)
        self._done.append(_Done(operation, ref, str(action.model_dump()["kind"]), action.target(), at))
        if isinstance(action, Refund):
            self._refunds.append(_Refunded(operation, ref, action.charge, customer, action.money, at))

    def looked_at(self, ticket_id: int, person: str, whole: Conversation, *, about_money: bool) -> None:
        """The ticket is known from now on; `whole` tells when it was open."""
        self._tickets.setdefault(person, {})[ticket_id] = whole
        if about_money:
            self._about_money.add(ticket_id)

    def bearing(self, c: Connection, *, ref: str, ticket_id: int, person: PersonKey, customer: str, kind: str,
                action: ActionBase | None, rests_on: tuple[str, ...], contact: str | None, asking: str,
                now: datetime) -> Bearing:
        operation = self.operation_id(ref, action) if action else ""
        charge = action.charge if isinstance(action, Refund) else None
        currency = action.money.currency if isinstance(action, Refund) else ""
        elsewhere = any(one.charge == charge and one.ref != ref and one.at > now - MONTH for one in self._refunds)
        others = [id for id, whole in self._tickets.get(person.id, {}).items()
                  if id != ticket_id and open_at(whole, now)]
        month = [one for one in self._refunds if one.customer == customer and one.at.date() >= _first_day(now)]
        day = [one for one in month if one.at.date() == now.date()]
        desk_day = [one for one in self._refunds if one.at.date() == now.date()]
        return Bearing(
            same_here=any(one.operation == operation for one in self._done), same_elsewhere=elsewhere,
            older_money_ticket=any(id < ticket_id and id in self._about_money for id in others),
            other_open_tickets=len(others),
            attempts=sum(one.ref == ref and one.kind == kind for one in self._done),
            begun_refund=bool(charge) and any(one.charge in rests_on and one.operation != asking
                                              for one in self._refunds),
            contact_changed=any(one.kind == "contact_change" and one.target == contact and one.at > now - JUST_CHANGED
                                for one in self._done),
            wanted=0, customer_day=_sum(day, currency), customer_30d=_sum(month, currency),
            customer_day_refunds=len(day), customer_30d_refunds=len(month),
            desk_day={name: _sum(desk_day, name) for name in {one.money.currency for one in desk_day}})


def _first_day(now: datetime) -> date:
    return now.date() - timedelta(days=29)


def _sum(refunds: list[_Refunded], currency: str) -> int:
    return sum(one.money.amount for one in refunds if one.money.currency == currency)
