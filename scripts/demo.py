"""`deskhand demo`: seven customers write, and each story is told as it happens, from the vendors' books."""

from __future__ import annotations

import json
import re
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

import click

from agent.database import DatabaseError
from scripts.homes import HOMES
from scripts.office import Counted, Office, Seen
from scripts.processes import DidNotStart, wait_for
from scripts.stories import (
    ANA,
    BEN,
    BENS_NUMBER,
    BOOKS,
    CARLA,
    DAVID,
    EVA,
    FRANK,
    GINA,
    LEAD,
    REFUNDED,
    STORIES,
    Story,
)
from scripts.telling import Teller

Json = dict[str, Any]

HANGS = 30.0
"""Seconds Stripe's answer to Gina's refund would take; Deskhand is killed long before."""


@click.command()
@click.option("--helpdesk", type=click.Choice(sorted(HOMES, reverse=True)), default="zendesk", show_default=True,
              help="Where the customers' tickets are.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object at the end and nothing else.")
@click.option("--keep", is_flag=True, help="Leave everything running until Ctrl-C, to look around.")
def demo(helpdesk: str, as_json: bool, keep: bool) -> None:
    """Seven customers write; Deskhand works. All on this machine, without any account."""
    for each in (signal.SIGTERM, signal.SIGINT):  # started in the background, a shell has Ctrl-C ignored
        signal.signal(each, _interrupt)
    office, teller = Office(helpdesk=helpdesk), Teller(silent=as_json)
    try:
        shown = Demo(office, teller)
        ok = shown.run()
        if as_json:
            click.echo(json.dumps(shown.as_json(ok)))
        if keep:
            shown.look_around()
    except (DidNotStart, DatabaseError, TimeoutError) as error:
        click.echo(f"The demo stopped: {error}\n{office.app.tail()}", err=True)
        ok = False
    except KeyboardInterrupt:
        click.echo("Stopped.", err=True)
        ok = False
    finally:
        for each in (signal.SIGTERM, signal.SIGINT):  # a second Ctrl-C must not leave processes behind
            signal.signal(each, signal.SIG_IGN)
        office.close()
    sys.exit(0 if ok else 1)


def _interrupt(signal_number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


class Demo:
    """The seven stories in one installation."""

    def __init__(self, office: Office, teller: Teller) -> None:
        self.office = office
        self.teller = teller
        self.seen: list[tuple[Story, Seen]] = []
        self.before: Json = {}
        self.after: Json = {}

    def run(self) -> bool:
        """Tells everything; True when the books are right."""
        say, office = self.teller.say, self.office
        say("Deskhand at work: seven customers write to a support desk.")
        vendors = ", ".join(dict.fromkeys([office.home.title, "Stripe", "Salesforce"]))
        say(f"{vendors} and the model are stand-ins on this machine; the rest is the real thing.")
        began = time.monotonic()
        office.open()
        say(f"The database, the stand-ins and Deskhand are running, after {time.monotonic() - began:.0f} seconds.")
        self.before = self.office.books()
        for story in STORIES:
            self.teller.title(f"({story.letter}) {story.title}")
            self.teller.line(story.name, f"“{_flat(story.body)}”")
            self.seen.append((story, STAGED.get(story.letter, Demo._happens)(self, story)))
        self.after = self.office.books()
        return self._the_books()

    def _happens(self, story: Story) -> Seen:
        since = len(self.office.calls())
        ticket = self.office.writes(story.email, story.subject, story.body)
        seen = self.office.look(ticket, since)
        self._tell(story, seen, ticket)
        return seen

    def _tell(self, story: Story, seen: Seen, ticket: str) -> None:
        books = self.office.books()
        on_ticket = {**books[self.office.home.vendor]["tickets"][ticket], "where": self.office.home.title}
        TELLS[story.letter](self.teller, books, on_ticket)
        self.teller.aside(f"{seen.outcome.replace('_', ' ').capitalize()}. {_effort(seen.calls)}")

    def _is_killed(self, story: Story) -> Seen:
        """Stripe makes the refund, and Deskhand is killed before it can hear so."""
        office, line = self.office, self.teller.line
        office.control("faults", [{"vendor": "stripe", "kind": "timeout_after", "method": "POST",
                                   "path": "^/v1/refunds$", "params": {"seconds": HANGS}}])
        since = len(office.calls())
        ticket = office.writes(story.email, story.subject, story.body)
        charge = "ch_gina_again"
        wait_for("Gina's refund", lambda: _refunds(office.books(), charge) or None, 30)
        line("Stripe", "has made the refund. Its answer is still on the way …")
        office.app.kill()
        line("Deskhand", "is killed with kill -9. It has not heard of the refund.")
        office.start_app()
        line("Deskhand", "is started again. It knows what it meant to do, and looks before it does anything.")
        seen = office.look(ticket, since)
        self._tell(story, seen, ticket)
        return seen

    def _is_approved(self, story: Story) -> Seen:
        """A lead reads the card in the sidebar and approves; the customer is asked, and says yes."""
        office, line = self.office, self.teller.line
        since = len(office.calls())
        ticket = office.writes(story.email, story.subject, story.body)
        office.look(ticket, since)
        line("Stripe", "nothing was refunded: 180 dollars are above what goes out without asking.")
        seat = office.sidebar(LEAD, ticket)
        card = seat.card()
        self.teller.written("a lead reads in the sidebar", "\n".join([
            f"{card['title']} – {card['whose']}", f"{card['why_proven']}", *card["rule"], card["risk"], card["undo"]]))
        seat.approve(card)
        office.look(ticket, since)
        line("Lena", "approves exactly this. Now the customer is asked:")
        _answered(self.teller, office.books()[office.home.vendor]["tickets"][ticket])
        line(story.name, "“Yes”")
        office.answers(story.email, ticket, "Yes")
        wait_for("David's refund", lambda: _refunds(office.books(), "ch_david_again") or None, 30)
        seen = office.look(ticket, since)
        self._tell(story, seen, ticket)
        return seen

    def _the_books(self) -> bool:
        self.teller.title("The books")
        said, wanted = self.books(), BOOKS
        rows = [[_words(name), _amounts(said[name]), _amounts(wanted[name]), "" if said[name] == wanted[name] else "✗"]
                for name in wanted]
        self.teller.table([["", "the vendors' books say", "there should be", ""], *rows])
        wrong = self.mistakes()
        for mistake in wrong:
            self.teller.line("Wrong", mistake)
        if not wrong:
            self.teller.say("Everything that was owed was paid once, and nothing else was.")
        return not wrong

    def books(self) -> Json:
        """What was done since the start, counted in the vendors' books."""
        new = self._new_refunds()
        refunded: dict[str, int] = {}
        for refund in new:
            refunded[refund["currency"]] = refunded.get(refund["currency"], 0) + refund["amount"]
        helpdesk, activities = self.after[self.office.home.vendor], self.after["salesforce"]["activities"]
        return {"refunds": len(new), "refunded": refunded, "notes": helpdesk["notes"], "replies": helpdesk["replies"],
                "activities": len(activities)}

    def _new_refunds(self) -> list[Json]:
        known = {refund["id"] for refund in self.before["stripe"]["refunds"]}
        return [refund for refund in self.after["stripe"]["refunds"] if refund["id"] not in known]

    def mistakes(self) -> list[str]:
        """What is not as it should be, in words; expectations are written out in `stories`."""
        said = self.books()
        found = [f"{_words(name)}: {_amounts(said[name])} instead of {_amounts(wanted)}."
                 for name, wanted in BOOKS.items() if said[name] != wanted]
        paid = [(refund["charge"], refund["amount"]) for refund in self._new_refunds()]
        if sorted(paid) != REFUNDED:
            found.append(f"refunded were {paid} instead of {REFUNDED}.")
        if _digits(_contact(self.after, BEN.email)["Phone"]) != _digits(BENS_NUMBER):
            found.append("Ben's contact does not hold his new number.")
        found += [f"{story.name}'s ticket ended as {seen.outcome} ({seen.why}) instead of {story.outcome}."
                  for story, seen in self.seen if seen.outcome != story.outcome]
        return found

    def as_json(self, ok: bool) -> Json:
        tickets = [{"ref": seen.ref, "story": story.letter, "outcome": seen.outcome, "rules": seen.rules,
                    "vendor_calls": seen.calls.vendors, "sequential_calls": seen.calls.one_after_the_other,
                    "model_calls": seen.calls.model} for story, seen in self.seen]
        return {"tickets": tickets, "books": self.books(), "ok": ok}

    def look_around(self) -> None:
        """Says where everything is, and waits for Ctrl-C."""
        office = self.office
        control = f"{office.sandbox_url}/_control"
        mail = json.dumps({"email": ANA.email, "subject": "A question", "body": "Where is my refund?"})
        self.teller.title("Look around")
        for what, command in (
            ("the vendors' books", f"curl {control}/books"),
            ("every call they had", f"curl {control}/calls"),
            ("write as Ana", f"curl {control}/{office.home.vendor}/customer_writes -d '{mail}'"),
            ("is Deskhand ready?", f"curl {office.url}/readyz"),
            ("what needs a person", f". {office.folder}/settings.env && {sys.executable} -m scripts.cli held"),
            ("was the trail changed?",
             f". {office.folder}/settings.env && {sys.executable} -m scripts.cli audit verify"),
            ("Deskhand's log", f"tail -f {office.app.log}"),
        ):
            self.teller.command(what, command)
        self.teller.say("Ctrl-C ends everything.")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return


STAGED: dict[str, Callable[[Demo, Story], Seen]] = {DAVID.letter: Demo._is_approved, GINA.letter: Demo._is_killed}


def _refunded(teller: Teller, books: Json, ticket: Json, charge: str) -> None:
    made = _refunds(books, charge)
    paid = next(c for c in books["stripe"]["charges"] if c["id"] == charge)
    times = {0: "no refund", 1: "one refund"}.get(len(made), f"{len(made)} refunds")
    teller.line("Stripe", f"{times} of {_money(sum(r['amount'] for r in made), paid['currency'])} on the later charge, "
                          f"{charge}.")
    _answered(teller, ticket)


def _answered(teller: Teller, ticket: Json) -> None:
    for reply in ticket["replies"]:
        teller.written("the customer reads", reply["body"])


def _noted(teller: Teller, ticket: Json) -> None:
    for note in ticket["notes"]:
        teller.written("a colleague reads", note["body"])


def _tell_ana(teller: Teller, books: Json, ticket: Json) -> None:
    _refunded(teller, books, ticket, "ch_ana_again")
    _noted(teller, ticket)
    contact = _contact(books, ANA.email)["Id"]
    for activity in books["salesforce"]["activities"]:
        if activity["WhoId"] == contact:
            teller.line("Salesforce", f"on Ana's contact: {activity['Subject']}")


def _tell_ben(teller: Teller, books: Json, ticket: Json) -> None:
    contact = _contact(books, BEN.email)
    for change in books["salesforce"]["changes"]:
        if change["contact"] == contact["Id"]:
            teller.line("Salesforce", f"{change['field']}, before: {change['old']}, after: {change['new']}")
    _answered(teller, ticket)


def _tell_carla(teller: Teller, books: Json, ticket: Json) -> None:
    _answered(teller, ticket)


def _tell_david(teller: Teller, books: Json, ticket: Json) -> None:
    _refunded(teller, books, {**ticket, "replies": ticket["replies"][-1:]}, "ch_david_again")
    _noted(teller, {**ticket, "notes": ticket["notes"][-1:]})


def _tell_eva(teller: Teller, books: Json, ticket: Json) -> None:
    if not ticket["replies"]:
        teller.line(ticket["where"], "no machine argues with Eva. A colleague gets five lines:")
    _noted(teller, ticket)


def _tell_frank(teller: Teller, books: Json, ticket: Json) -> None:
    if not (ticket["notes"] or ticket["replies"]):
        teller.line(ticket["where"], "no reply, no note: Deskhand keeps silent.")


def _tell_gina(teller: Teller, books: Json, ticket: Json) -> None:
    _refunded(teller, books, ticket, "ch_gina_again")


TELLS: dict[str, Callable[[Teller, Json, Json], None]] = {
    ANA.letter: _tell_ana, BEN.letter: _tell_ben, CARLA.letter: _tell_carla, DAVID.letter: _tell_david,
    EVA.letter: _tell_eva, FRANK.letter: _tell_frank, GINA.letter: _tell_gina}


def _effort(calls: Counted) -> str:
    model = {0: "did not ask the model", 1: "asked the model once"}.get(
        calls.model, f"asked the model {calls.model} times")
    if calls.vendors == 1:
        return f"It took one look at the vendor, and {model}."
    return (f"It took {calls.vendors} calls to the vendors, {calls.one_after_the_other} of them one after the other, "
            f"{model}, and was through in {calls.seconds:.1f} seconds.")


def _refunds(books: Json, charge: str) -> list[Json]:
    return [refund for refund in books["stripe"]["refunds"] if refund["charge"] == charge]


def _contact(books: Json, email: str) -> Json:
    return next(c for c in books["salesforce"]["contacts"].values() if c["Email"] == email)


def _flat(text: str) -> str:
    return " ".join(text.split())


def _digits(text: str | None) -> str:
    return re.sub(r"\D", "", text or "")


def _money(cents: int, currency: str) -> str:
    return f"{cents // 100}.{cents % 100:02} {currency.upper()}"


def _words(name: str) -> str:
    return {"refunded": "sent back", "activities": "Salesforce activities"}.get(name, name)


def _amounts(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(_money(cents, currency) for currency, cents in sorted(value.items())) or "nothing"
    return str(value)
