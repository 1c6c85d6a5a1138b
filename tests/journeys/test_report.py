"""Two weeks of tickets handled by people, then the report: its numbers against those counted by hand from the books."""

from __future__ import annotations

import heapq
import io
import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from click import ClickException
from rich.console import Console
from sqlalchemy import Engine, text

from agent.planner import RulesPlanner
from agent.policy import Policy, load
from agent.report.live import LiveTickets
from agent.report.making import live_report, past_report
from agent.report.page import page
from agent.report.past import PastTickets
from agent.report.summary import Report, as_json
from connectors.zendesk.helpdesk import ZendeskHelpdesk
from scripts.report import read_past, show
from tests.journeys.office import AGENT, DANA, POLICY, WORLD, Office

DOUBLE = "I was charged twice for order {order}, please refund the second one."
DAMAGED = "The lamp of order {order} came broken. Please refund it."
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BEGIN = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
REPORTED = BEGIN + 14 * DAY


@dataclass(frozen=True)
class Story:
    """One ticket: what was charged and asked, what people did about it, and what is right to say of it."""

    at: timedelta
    """After the two weeks began."""
    would: str
    """What Deskhand would have done, by the policy as shipped, read by a person."""
    people: str
    """What the report must say of the people."""
    ask: str = DOUBLE
    charges: tuple[int, ...] = (1800, 1800)
    refunds: tuple[tuple[timedelta, int, int], ...] = ()
    """By people: how long after the message, of which charge, how much."""
    disputed: timedelta | None = None
    """When, before or after the message, the bank questioned the last charge."""
    deskhand: bool = False
    """Deskhand was switched on for this one."""
    currency: str = "usd"
    customer: str = ""
    order: str = "1042"
    claim: str | None = "duplicate"


def paid(after: timedelta, amount: int = 1800, charge: int = -1) -> tuple[tuple[timedelta, int, int], ...]:
    return ((after, charge, amount),)


def stories() -> list[Story]:
    times = (n * 4 * HOUR for n in itertools.count())
    said: list[Story] = [
        *(Story(next(times), "done", "same", refunds=paid(after))
          for after in (HOUR, 3 * HOUR, 20 * HOUR, 2 * DAY, 6 * DAY)),
        *(Story(next(times), "done", "same", charges=(2000, 2000), currency="eur", refunds=paid(5 * HOUR, 2000))
          for _ in range(2)),
        Story(next(times), "done", "same", refunds=(*paid(HOUR, 800), *paid(3 * DAY, 1000))),
        *(Story(next(times), "done", "other_amount", refunds=paid(after, 900))
          for after in (2 * HOUR, 2 * DAY, 4 * DAY)),
        *(Story(next(times), "done", "other_charge", refunds=paid(DAY, charge=0)) for _ in range(2)),
        *(Story(next(times), "done", "nothing") for _ in range(2)),
        *(Story(next(times), "done", "nothing", refunds=paid(after)) for after in (7 * DAY + HOUR, 8 * DAY)),
        Story(next(times), "done", "nothing", disputed=2 * HOUR),
        *(Story(next(times), "done", "by_deskhand", deskhand=True) for _ in range(2)),
        *(Story(next(times), "confirm", "same", charges=(6000, 6000), refunds=paid(after, 6000))
          for after in (HOUR, 5 * DAY)),
        Story(next(times), "confirm_and_approve lead", "same", charges=(40000, 40000), refunds=paid(3 * DAY, 40000)),
        *(Story(next(times), "approve agent", "same", ask=DAMAGED, claim="damaged", charges=(1200,),
                refunds=paid(4 * HOUR, 1200)) for _ in range(3)),
        *(Story(next(times), "approve agent", "nothing", ask=DAMAGED, claim="damaged", charges=(1300,))
          for _ in range(2)),
        Story(next(times), "approve agent", "other_amount", ask=DAMAGED, claim="damaged", charges=(2400,),
              refunds=paid(6 * HOUR, 500)),
        Story(next(times), "refused", "nothing", disputed=-HOUR),
        *(Story(next(times), "silent", "nothing", ask="Thank you very much!", charges=(), claim=None)
          for _ in range(2)),
        Story(next(times), "silent", "other_charge", ask="Thank you, that is kind!", charges=(700,), claim=None,
              refunds=paid(2 * HOUR, 700)),
        Story(next(times), "handed_over", "other_charge", ask="Please refund me.", charges=(1100, 2600), claim=None,
              refunds=paid(DAY, 2600)),
        *(Story(12 * DAY + n * HOUR, "done", "not_yet") for n in range(2)),
        Story(12 * DAY + 3 * HOUR, "done", "same", refunds=paid(DAY)),
    ]
    budget = [("done", 0), ("done", 1), ("approve lead", 2)]
    return said + [Story(5 * DAY + 2 * n * HOUR, would, "same", customer="often", order=f"20{n}", refunds=paid(HOUR))
                   for would, n in budget]


@dataclass
class TwoWeeks:
    """Plays the stories in virtual time, and remembers which ticket and charges each one got."""

    office: Office
    tickets: dict[int, Story] = field(default_factory=dict)
    charges: dict[int, list[str]] = field(default_factory=dict)
    due: list[tuple[datetime, int, Callable[[], Any]]] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    count: Iterator[int] = field(default_factory=itertools.count)

    def play(self) -> None:
        for n, story in enumerate(stories()):
            self._customer(n, story)
            self._later(BEGIN + story.at, self._begin, n, story)
        while self.due:
            at, _, happens = heapq.heappop(self.due)
            if at >= REPORTED:
                break
            self.office.clock.moment = max(at, self.office.clock.moment)
            happens()
        self.office.clock.moment = REPORTED

    def _later(self, at: datetime, happens: Callable[..., Any], *told: Any, **more: Any) -> None:
        heapq.heappush(self.due, (at, next(self.count), partial(happens, *told, **more)))

    def _name(self, n: int, story: Story) -> str:
        return story.customer or f"customer{n}"

    def _customer(self, n: int, story: Story) -> None:
        name = self._name(n, story)
        if name not in self.known:
            self.known.add(name)
            told = {"id": f"cus_{name}", "email": f"{name}@example.com", "name": name.title()}
            self.office.stripe.load({"customers": [told]}, self.office.clock())

    def _begin(self, n: int, story: Story) -> None:
        name, at = self._name(n, story), self.office.clock()
        email = f"{name}@example.com"
        made = [self.office.charge(amount, email=email, ago=f"-{180 - 10 * k}m", order=story.order,
                                   customer=f"cus_{name}", currency=story.currency)
                for k, amount in enumerate(story.charges)]
        if story.disputed is not None and story.disputed < timedelta(0):
            self.office.clock.moment = at + story.disputed
            self.office.happens("stripe", "dispute", charge=made[-1])
            self.office.clock.moment = at
        ticket = self.office.writes(story.ask.format(order=story.order), email, name=name.title())
        self.tickets[ticket], self.charges[ticket] = story, made
        if story.deskhand:
            self.office.event(ticket)
            self.office.run()
        for after, which, amount in story.refunds:
            self._later(at + after, self.office.happens, "stripe", "dashboard_refund", charge=made[which],
                        amount=amount)
        if story.disputed is not None and story.disputed > timedelta(0):
            self._later(at + story.disputed, self.office.happens, "stripe", "dispute", charge=made[-1])
        self._later(at + max([HOUR, *(after for after, _, _ in story.refunds)]), self._solve, ticket)

    def _solve(self, ticket: int) -> None:
        self.office.at_desk("agent_sets", ticket=ticket, agent=AGENT, assignee=AGENT)
        self.office.at_desk("agent_replies", ticket=ticket, agent=AGENT, body="This is settled.",
                            status="solved")


@pytest.fixture
def weeks(engine: Engine) -> TwoWeeks:
    told = TwoWeeks(Office(engine, planner=RulesPlanner(), world=WORLD))
    told.play()
    return told


def past(office: Office, policy: Policy | None = None, most: int | None = None) -> Report:
    """The report on the last two weeks; stopped after `most` tickets."""
    now = office.clock()
    reading = PastTickets(office.desk, now - 14 * DAY, now)
    refs = reading.refs()
    for _ in itertools.islice(reading.read_all(refs), most):
        pass
    with office.engine.begin() as c:
        return past_report(c, reading, policy or office.policy, "the policy as shipped", of=len(refs))


def counted_from_the_books(weeks: TwoWeeks) -> dict[int, tuple[int, set[str], timedelta | None]]:
    """Ticket → what people refunded within seven days of the message, of which charges, and when the last of it."""
    written = {id: datetime.fromisoformat(one.created_at) for id, one in weeks.office.zendesk.state.tickets.items()}
    found: dict[int, tuple[int, set[str], timedelta | None]] = {}
    for ticket, charges in weeks.charges.items():
        own = [row for row in weeks.office.refunds() if row["charge"] in charges and "op_id" not in row["metadata"]
               and timedelta(0) <= datetime.fromtimestamp(row["created"], UTC) - written[ticket] <= 7 * DAY]
        last = max((datetime.fromtimestamp(row["created"], UTC) - written[ticket] for row in own), default=None)
        found[ticket] = (sum(row["amount"] for row in own), {row["charge"] for row in own}, last)
    return found


def number(line: dict[str, Any]) -> int:
    return int(line["ticket"].rsplit(":", 1)[1])


def test_the_report_on_two_weeks_says_what_the_books_say_ticket_by_ticket(weeks: TwoWeeks) -> None:
    report = as_json(past(weeks.office))
    lines = {number(line): line for line in report["lines"]}

    assert report["tickets"] == len(weeks.tickets) == len(lines) == 40
    told = {ticket: (" ".join(filter(None, (line["would"], line["approve_by"]))), line["people"], line["claim"])
            for ticket, line in lines.items()}
    assert told == {ticket: (story.would, story.people, story.claim) for ticket, story in weeks.tickets.items()}
    for ticket, (amount, charges, last) in counted_from_the_books(weeks).items():
        line = lines[ticket]
        assert (line["paid"]["amount"] if line["paid"] else 0) == amount, ticket
        assert ({line["paid_on"]} if line["paid_on"] else set()) == charges, ticket
        assert line["took_seconds"] == (last.total_seconds() if last is not None else None), ticket


def test_its_sums_are_those_counted_by_hand(weeks: TwoWeeks) -> None:
    report, books = as_json(past(weeks.office)), counted_from_the_books(weeks)
    asked: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for ticket, story in weeks.tickets.items():
        if story.claim and story.currency == "usd":
            sums = asked[story.would, story.people]
            sums[0], sums[1] = sums[0] + 1, sums[1] + story.charges[-1]
            sums[2] += books[ticket][0]
    assert asked["done", "same"] == [9, 16200, 16200]

    cells = {(" ".join(filter(None, (cell["would"], cell["approve_by"]))), cell["people"]): cell
             for cell in report["refunds"]["would_people"]}
    euros = cells["done", "same"]
    assert (euros["asked"].pop("EUR"), euros["paid"].pop("EUR"), euros["count"]) == (4000, 4000, 9 + 2)
    euros["count"] -= 2
    assert {name: [cell["count"], cell["asked"]["USD"], cell["paid"].get("USD", 0)]
            for name, cell in cells.items()} == dict(asked)


def test_disagreements_come_first_and_are_those_a_person_would_name(weeks: TwoWeeks) -> None:
    report = as_json(past(weeks.office))
    found = {kind: {number(line) for line in lines} for kind, lines in report["disagreements"].items()}

    def told_by(would: Callable[[str], bool], *people: str) -> set[int]:
        return {ticket for ticket, story in weeks.tickets.items() if would(story.would) and story.people in people}

    unattended, supervised = (lambda would: would == "done"), (lambda would: would != "done")
    unseen = {ticket for ticket, story in weeks.tickets.items() if story.would in ("silent", "handed_over")
              and story.people == "other_charge"}
    assert list(found) == ["would_pay", "held_back", "differs"]
    assert found["would_pay"] == told_by(unattended, "other_amount", "other_charge", "nothing")
    assert found["held_back"] == told_by(supervised, "same") | unseen
    assert found["differs"] == told_by(supervised, "other_amount", "other_charge") - unseen
    assert [len(tickets) for tickets in found.values()] == [10, 9, 1]


def test_claims_rules_and_waits_are_counted(weeks: TwoWeeks) -> None:
    report, books = as_json(past(weeks.office)), counted_from_the_books(weeks)
    claims = report["refunds"]["by_claim"]
    assert (claims["duplicate"]["asked"]["count"], claims["damaged"]["asked"]["count"]) == (30, 6)
    assert claims["damaged"]["would_pay"]["count"] == 0
    assert claims["damaged"]["people_paid"]["paid"] == {"USD": 3 * 1200 + 500}
    rules = report["refunds"]["by_rule"]
    assert rules["claim-unproven"]["asked"]["count"] == 6
    assert rules["charge-disputed"]["asked"]["count"] == 1
    assert rules["customer-day-budget"]["asked"] == {"count": 1, "asked": {"USD": 1800}, "paid": {"USD": 1800}}
    waits = sorted(last for _, _, last in books.values() if last is not None)
    assert report["people_took_seconds"]["count"] == len(waits) == 26
    assert report["people_took_seconds"]["longest"] == waits[-1].total_seconds() == 6 * 86400
    assert report["people_took_seconds"]["median"] == (waits[12] + waits[13]).total_seconds() / 2


def test_a_report_on_past_tickets_writes_nothing_anywhere(weeks: TwoWeeks) -> None:
    office = weeks.office
    rows, updates, calls = _rows(office.engine), _books(office), len(office.calls())
    past(office)
    assert _rows(office.engine) == rows
    assert _books(office) == updates
    assert {call.split()[1] for call in office.calls()[calls:] if "/composite" not in call} == {"GET"}


def _rows(engine: Engine) -> dict[str, int]:
    with engine.begin() as c:
        names = c.execute(text("select tablename from pg_tables where schemaname = 'public'")).scalars().all()
        return {name: c.execute(text(f'select count(*) from "{name}"')).scalar_one() for name in names}  # noqa: S608


def _books(office: Office) -> list[Any]:
    return [office.zendesk.books(), office.stripe.books(), office.salesforce.books()]


def test_another_policy_is_tried_on_the_same_tickets(weeks: TwoWeeks) -> None:
    """With nothing unattended above 10, what was done without asking needs the customer's yes."""
    report = past(weeks.office, weeks.office.policy_with(auto=10))
    assert {line.would for line in report.refunds() if line.claim == "duplicate"} == {
        "confirm", "confirm_and_approve", "refused"}


def test_a_report_that_is_stopped_covers_what_was_read_and_says_so(weeks: TwoWeeks) -> None:
    report = past(weeks.office, most=12)
    assert (report.tickets, len(report.lines)) == (12, 12)
    assert report.stopped == "It was stopped early: 12 of 40 tickets were read, and the numbers cover only those."


def test_stopped_by_hand_while_it_rests_between_tickets_it_reports_on_those_it_read(weeks: TwoWeeks) -> None:
    desk, rests = weeks.office.desk, itertools.count(1)

    def sleep(seconds: float) -> None:
        if next(rests) == 5:
            raise KeyboardInterrupt

    report = read_past(replace(desk, sleep=sleep), weeks.office.policy, "policy.yaml", BEGIN, 60)
    assert report.tickets == 5
    assert "5 of 40 tickets were read" in report.stopped
    with pytest.raises(ClickException, match="before anything was read"):
        read_past(replace(desk, helpdesks={"zendesk": Stopped()}), weeks.office.policy, "", BEGIN, 60)


class Stopped(ZendeskHelpdesk):
    """Somebody presses Ctrl-C while the tickets are being found."""

    def __init__(self) -> None:
        self.account, self.production = "acme", False

    def past(self, since: datetime, until: datetime, *, after: str | None = None) -> Any:
        raise KeyboardInterrupt


def test_people_read_it_as_tables_with_links_and_a_page_without_scripts(weeks: TwoWeeks) -> None:
    report, printed = past(weeks.office), io.StringIO()
    show(report, Console(file=printed, width=140))
    said = printed.getvalue()
    assert "Customers wrote on 40 tickets and asked for 36 refunds (EUR 40.00, USD" in said
    assert said.index("Deskhand would have paid; people did not, or paid less: 10") < said.index("By claim")
    assert "https://acme.zendesk.com/agent/tickets/9" in said
    assert "USD 9.00 after 2 days" in said

    drawn = page(report)
    assert len(re.findall("<svg ", drawn)) >= 4
    assert "<script" not in drawn
    assert re.findall(r"(?:src|href)=\"(?!https://acme\.zendesk\.com/agent/tickets/\d+\")", drawn) == []


def test_live_tickets_in_shadow_are_held_against_what_people_did(engine: Engine) -> None:
    office = Office(engine, planner=RulesPlanner())
    office.policy = _shadow()
    _, second = office.double_charge()
    same = office.handle()
    other = office.charge(6000, ago="-3d", order="7"), office.charge(6000, ago="-71h", order="7")
    asked = office.handle("I was charged twice for order 7, please refund the second one.")
    quiet = office.handle("Thank you very much!")
    office.clock.forward(hours=5)
    office.happens("stripe", "dashboard_refund", charge=second, amount=1800)
    office.happens("stripe", "dashboard_refund", charge=other[1], amount=500)
    office.clock.forward(days=8)

    with engine.begin() as c:
        report = live_report(c, LiveTickets(office.desk, BEGIN - DAY, office.clock()))
    lines = {line.link.rsplit("/", 1)[1]: line for line in report.lines}
    assert office.refunded() == {"usd": 2300}
    assert (lines[str(same)].would, lines[str(same)].people) == ("done", "same")
    assert (lines[str(asked)].would, lines[str(asked)].people) == ("confirm_and_approve", "other_amount")
    assert lines[str(same)].took == 5 * HOUR
    assert str(quiet) not in lines
    assert report.silent.total() == 1
    assert report.tickets == 3


def _shadow() -> Policy:
    return load(POLICY)


def test_a_live_ticket_of_a_person_who_was_erased_is_named_as_not_read(engine: Engine) -> None:
    office = Office(engine, planner=RulesPlanner())
    office.double_charge()
    office.handle()
    with engine.begin() as c:
        person = c.execute(text("select person_id from tickets")).scalar_one()
        office.vault.erase(c, person, office.clock())
        report = live_report(c, LiveTickets(office.desk, BEGIN - DAY, office.clock() + DAY))
    assert report.lines == ()
    assert report.unread == (("zendesk:acme:1", "this person was forgotten"),)
    assert DANA not in page(report)
