"""`deskhand doctor --rehearse`: one test-mode refund, a note and a reply on a throwaway ticket, each read back; then
what the accounts show of the sentences our vendor pages mark as not verified."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib.resources import files
from typing import Any, TypeVar

from agent import audit, switch
from agent.database import Database
from connectors.contract import (
    ActionBase,
    Connector,
    Helpdesk,
    Key,
    Money,
    Payments,
    Performs,
    ReceiptBase,
    Refund,
    RefundReceipt,
    TicketUpdate,
    UpdateReceipt,
    VendorError,
    digest,
    operation_id,
)
from connectors.parts import Rehearsal, Seen, Verdict
from scripts.doctor import database as db
from scripts.doctor.premises import Premises

Done = TypeVar("Done", bound=ReceiptBase)
LOOK = "what our page could not verify"
SMALL = 100
"""Minor units that are refunded at most."""


class Refused(Exception):
    """Nothing is rehearsed; the message says why and what to do."""


@dataclass(frozen=True)
class Act:
    """One thing that was tried."""

    name: str
    done: bool
    says: str
    vendor: str = ""


@dataclass(frozen=True)
class Fact:
    """A sentence of a vendor page, and what this account showed of it."""

    vendor: str
    id: str
    says: str
    how: str
    verdict: Verdict = "not seen"
    because: str = ""


@dataclass
class Walk:
    """What came of it, as far as it went."""

    acts: list[Act] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)

    def went_well(self) -> bool:
        return all(act.done for act in self.acts)

    def tried(self, vendor: str, name: str, do: Callable[[], str]) -> bool:
        """Writes down how it ended; a failure stops what builds on it, and nothing else."""
        try:
            self.acts.append(Act(name, True, do(), vendor))
        except VendorError as error:
            self.acts.append(Act(name, False, str(error), vendor))
        return self.acts[-1].done


def rehearse(premises: Premises, choices: Mapping[str, str]) -> Walk:
    """Raises Refused before anything is made."""
    _refuse(premises)
    walk, house = Walk(), premises.house(choices)
    seen: dict[str, list[Seen]] = {}
    on = premises.read.connectors
    made: dict[str, tuple[Rehearsal, str]] = {}
    try:
        for name, (connector, said) in on.items():
            if connector.rehearsal is not None:
                part = connector.rehearsal(said, premises.around, house)
                walk.tried(name, _beginning(connector, premises.helpdesks()), partial(_begun, part, name, made))
        _acts(premises, walk, {name: thing for name, (_, thing) in made.items()})
        for name, (part, thing) in made.items():
            walk.tried(name, LOOK, partial(_looked, part, thing, seen.setdefault(name, [])))
    finally:
        for name, (part, thing) in made.items():
            if thing:
                walk.tried(name, "tidy up", partial(_ended, part, thing))
    walk.facts = [fact for name in on for fact in _facts(name, seen.get(name, []))]
    if premises.database is not None:
        _record(premises, premises.database, walk)
    return walk


def _refuse(premises: Premises) -> None:
    payments = premises.payments()
    if premises.read.mistakes or not premises.helpdesks():
        raise Refused("The settings are not complete: mend what deskhand doctor says of them first.")
    if payments is not None and payments.live:
        raise Refused(f"The {payments.vendor} key is a LIVE one: nothing is rehearsed with real money. Put a test-mode "
                      "key into .env, rehearse, and put the live one back.")
    paused = switch.of_file(premises.data / switch.FILE)
    if premises.database is not None and db.usable(premises.database):
        with premises.database.engine.connect() as c:
            paused += switch.pauses(c)
    if paused:
        raise Refused(f"{paused[0].in_words()}. To go on: deskhand resume --by NAME.")


def _beginning(connector: Connector, desks: Iterable[str]) -> str:
    role = "helpdesk" if connector.name in desks else connector.role
    return {"helpdesk": "throwaway ticket", "payments": "test charge"}.get(role, "connection")


def _begun(part: Rehearsal, name: str, made: dict[str, tuple[Rehearsal, str]]) -> str:
    thing = part.begin()
    made[name] = (part, thing)
    return f"it is {thing}" if thing else "nothing needs to be made"


def _looked(part: Rehearsal, thing: str, told: list[Seen]) -> str:
    told.extend(part.look(thing))
    return f"{len(told)} sentences were tried"


def _ended(part: Rehearsal, thing: str) -> str:
    part.end(thing)
    return f"this was done for {thing}"


def _acts(premises: Premises, walk: Walk, made: Mapping[str, str]) -> None:
    name, helpdesk = next(iter(premises.helpdesks().items()))
    if not (ref := made.get(name)):
        return
    payments = premises.payments()
    if payments is not None and (charge := made.get(payments.vendor)):
        walk.tried(payments.vendor, "refund", lambda: _refund(payments, ref, charge))
    walk.tried(name, "internal note", lambda: _update(helpdesk, ref, public=False))
    walk.tried(name, "public reply", lambda: _update(helpdesk, ref, public=True))
    walk.tried(name, "reading the ticket", lambda: _read(helpdesk, ref))


def _refund(payments: Payments, ref: str, charge: str) -> str:
    left = payments.charge(charge).left()
    action = Refund(charge=charge, money=Money(amount=min(SMALL, left.amount), currency=left.currency),
                    reason="requested_by_customer")
    receipt = _performed(payments, ref, action, RefundReceipt)
    return f"{receipt.money} of {charge} went back as {receipt.id}, {receipt.status}; it was found and read back"


def _update(helpdesk: Helpdesk, ref: str, *, public: bool) -> str:
    action = TicketUpdate(ref=ref, about=f"rehearsal:{'reply' if public else 'note'}", public=public,
                          text="A rehearsal by deskhand doctor. Nothing needs to be done.")
    receipt = _performed(helpdesk, ref, action, UpdateReceipt)
    kind = "public" if receipt.public else "internal"
    mailed = ", and the requester was notified" if receipt.notified else ""
    wrong = " although it was sent as public: the login may write internal notes only" if public and (
        not receipt.public) else ""
    return f"it stands as {kind} comment {receipt.comment}{mailed}; it was found and read back{wrong}"


def _performed(vendor: Performs, ref: str, action: ActionBase, kind: type[Done]) -> Done:
    """Done once, found again by our operation id, and read back: what the product does with each action."""
    key = Key(operation=operation_id(ref, action, digest))
    receipt = vendor.read_back(action, vendor.perform(action, key))
    if vendor.find(action, key) is None:
        raise VendorError("it was done, and is not found by our operation id", vendor="", reason="not found")
    if not isinstance(receipt, kind):
        raise VendorError(f"its receipt is that of a {receipt.kind}", vendor="", reason="other receipt")
    return receipt


def _read(helpdesk: Helpdesk, ref: str) -> str:
    conversation = helpdesk.read(ref)
    return f"{len(conversation.entries)} entries, as people see them at {helpdesk.link(ref)}"


def facts_of(vendor: str) -> list[dict[str, str]]:
    """The sentences of a vendor's page that are not verified, as its unverified.toml has them."""
    file = files(f"connectors.{vendor}") / "unverified.toml"
    return list(tomllib.loads(file.read_text(encoding="utf-8"))["fact"]) if file.is_file() else []


def _facts(vendor: str, told: list[Seen]) -> Iterator[Fact]:
    by_id = {one.fact: one for one in told}
    for one in facts_of(vendor):
        seen = by_id.get(one["id"])
        yield Fact(vendor, one["id"], one["says"], one["how"], *((seen.verdict, seen.because) if seen else ()))


def _record(premises: Premises, database: Database, walk: Walk) -> None:
    """Into the audit: what was tried, and what was found. Nothing in it is about a customer."""
    if not db.usable(database):
        return
    public: dict[str, Any] = {
        "acts": [{"vendor": act.vendor, "act": act.name, "done": act.done} for act in walk.acts],
        "facts": {f"{fact.vendor}.{fact.id}": fact.verdict for fact in walk.facts}}
    with database.engine.begin() as c:
        audit.record(c, kind="rehearsal.done", ticket=None, operation=None, at=premises.around.now(), public=public)
