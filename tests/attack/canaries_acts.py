"""Everything that an installation does in its life, done once, with something planted wherever somebody can write."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass

from connectors.standin import Json
from scripts.control import AskedFault
from tests.attack.canaries_house import IN_CLEAR, House
from tests.attack.canaries_planted import CODE, MARKS
from tests.attack.canaries_presses import ADMIN, LEAST, Pressable, Presses

KIM = "mia@acme.example"
TWICE = "Hi, I was charged twice for my order. Please refund the second one. Thank you"
WRONG_PRESSES = 9
FAULTS: tuple[Json, ...] = (
    {"vendor": "openai", "kind": "malformed_200", "path": "completions"},
    {"vendor": "openai", "kind": "500_before", "path": "completions"},
    {"vendor": "stripe", "kind": "500_after", "method": "POST", "path": "refunds"},
    {"vendor": "stripe", "kind": "429", "path": "customers"},
    {"vendor": "zendesk", "kind": "html_200", "path": "tickets"},
    {"vendor": "zendesk", "kind": "500_before", "method": "PUT", "path": "tickets"},
    {"vendor": "salesforce", "kind": "reset_after", "path": "composite"},
    {"vendor": "salesforce", "kind": "truncated_200", "path": "query"},
    {"vendor": "zendesk", "kind": "auth_lost", "path": "tickets"},
    {"vendor": "stripe", "kind": "auth_lost", "path": "charges"},
)
COMMANDS: tuple[tuple[int, tuple[str, ...]], ...] = (
    (1, ("doctor",)), (0, ("audit", "export", "--out", "export.jsonl")), (0, ("backup", "backup.zip")),
    (0, ("report",)), (1, ("doctor", "--json")), (0, ("held",)), (0, ("audit", "verify")), (0, ("audit", "key")),
    (0, ("audit", "replay")), (0, ("audit", "export", "--csv", "--out", "export.csv")),
    (3, ("audit", "verify", "export.jsonl")), (0, ("audit", "reconcile", "--month", "2026-11")),
    (0, ("database", "status")), (0, ("erase", "ana@customer.example", "--dry-run")),
    (0, ("catchup", "--since", "2d")), (0, ("pause", "--by", "Ana", "--reason", "a test with {card}, cvv {code}")),
    (1, ("pauses",)), (0, ("resume", "--by", "Ana")), (0, ("report", "--json")),
    (0, ("audit", "export", "--open", "--by", "Ana Admin", "--out", IN_CLEAR)),
    (0, ("erase", "ana@customer.example", "--by", "Ana Admin")),
)
"""Each with how it is to end: something is to mend (1), something is paused (1), no head was given to compare (3)."""
AT_LAST: tuple[tuple[int, tuple[str, ...]], ...] = (
    (0, ("restore", "backup.zip", "--replace")), (0, ("resume", "--by", "Ana")))
"""With nothing else running."""
QUICK_COMMANDS = 3
REFUSED: tuple[tuple[int, tuple[str, ...]], ...] = (
    (2, ("no-such-command",)), (2, ("catchup",)), (1, ("restore", "backup.zip")),
    (2, ("audit", "export", "--open", "--out", "no.jsonl")))


@dataclass(frozen=True)
class Done:
    """What was done: of each kind how often it succeeded, and how often it must."""

    counted: dict[str, tuple[int, int]]
    bearers: list[str]
    """Of the sessions that colleagues opened."""


def everything(house: House, *, quick: bool) -> Done:
    """A press counts when it was taken, and a command when it ended as it should; what is wrong on purpose, apart."""
    house.start()
    on = pressable(house)
    others = list(_tickets(house))
    presses = Presses(house)
    presses.all(on, others)
    if not quick:
        others += _while_vendors_fail(house)
        presses.whatever_waits(others)
    house.quiet()
    _later(house, on)
    wrongs = list(_wrong_requests(house, presses.bearers[0]))
    refused = sum(house.asks(method, path, **more).status_code >= 400 for method, path, more in wrongs)
    well, wrongly = list(_commands(house, quick)), list(_wrong_commands(house, quick))
    well += [] if quick else _restored(house)
    return Done({
        "tickets lived in real processes": (len(others) + len(astuple(on)), 1),
        **{f"presses taken: {kind}": (presses.taken[kind], least) for kind, least in LEAST.items()},
        "wrong presses refused": (presses.refused, WRONG_PRESSES), "wrong requests refused": (refused, 1),
        "commands that ended as they should": (sum(well), len(well)),
        "wrong commands refused": (sum(wrongly), len(wrongly)),
    }, presses.bearers)


def pressable(house: House) -> Pressable:
    """Tickets on which a colleague's press is due, with cards in all that customers write.

    Who writes comes first: what is added to the sandbox's world takes with it the events that are not delivered yet.
    """
    house.sandbox.control.load({"zendesk": {"users": [ADMIN, {
        "name": f"Fred {house.card('name')}", "email": "fred@customer.example", "created_at": "-300d"}]}})
    return Pressable(
        person=house.person(), handed_over=house.writes("fred", house.with_cards("I want to speak to a person.")),
        goodwill=house.writes("ben", house.with_cards("Some money back would be nice, 18 USD, as goodwill.")),
        unfounded=house.writes("eva", house.with_cards("Some money back would be nice, 18 USD, as goodwill.")),
        double=house.writes("david", house.with_cards(TWICE)),
        contact=house.writes("gina", house.with_cards("My new phone number is +1 646 555 0123, please update it.")))


def _tickets(house: House) -> Iterator[int]:
    yield house.writes("ana", house.with_cards(TWICE))
    yield house.writes("stranger", f"Nice weather. {house.card('ticket of nobody')}", tags=["no_deskhand"])
    house.quiet()


def _while_vendors_fail(house: House) -> Iterator[int]:
    people = ("carla", "david", "eva", "gina")
    for number, fault in enumerate(FAULTS):
        house.sandbox.control.fault(AskedFault.model_validate(fault))
        asks = (TWICE, "My new phone number is +49 30 7654321, please change it.", "Where is my refund?",
                "I want to speak to a person, my lawyer says so.")[number % 4]
        yield house.writes(people[number % 4], house.with_cards(asks))
    house.quiet(120)


def _later(house: House, on: Pressable) -> None:
    """Customers write again, and a colleague notes a card down."""
    for ticket, who in ((on.goodwill, "ben"), (on.handed_over, "fred")):
        house.happens("zendesk/agent_replies", {"ticket": ticket, "agent": KIM, "public": False,
                                                "body": f"Told me by phone: {house.card('colleague comment')}"})
        house.writes(who, f"Any news? {house.card('later message')}", ticket=ticket)
    house.happens("zendesk/customer_writes", {"email": MARKS["address"], "ticket": on.person,
                                              "body": f"Any news? By the way, {MARKS['later words']}."})
    house.quiet(120)


def _wrong_requests(house: House, bearer: str) -> Iterator[tuple[str, str, Json]]:
    """Each door, asked wrongly, with what must not come back."""
    given = {name: one.value for name, one in house.canaries.items()}
    card, taken = house.card("body"), given["DESKHAND_SECRET_KEY"]
    stolen = {"Authorization": f"Bearer {given['ZENDESK_API_TOKEN']}", "Origin": house.url}
    basic = {"Authorization": "Basic " + base64.b64encode(f"x:{given['STRIPE_API_KEY']}".encode()).decode()}
    for path in ("/healthz", "/readyz", "/metrics", "/", "/nothing", "/api/openapi.json", f"/confirm/{taken}"):
        yield "GET", path, {}
    for vendor in ("zendesk", "salesforce", "stripe"):
        for headers in (stolen, {"Stripe-Signature": f"t=1,v1={given['STRIPE_WEBHOOK_SECRET']}"},
                        {"X-Zendesk-Webhook-Signature": given["ZENDESK_WEBHOOK_SECRET"],
                         "X-Zendesk-Webhook-Signature-Timestamp": card}):
            yield "POST", f"/webhooks/{vendor}", {"headers": headers, "data": f'{{"said": "{card}"'}
            yield "POST", f"/webhooks/{vendor}?token={given['SALESFORCE_OUTBOUND_TOKEN']}", {"data": "{" * 5000}
    for path in ("/api/ticket", "/api/approvals/1", "/api/approvals/1/decline", "/api/operations/op-1/undo",
                 "/api/sessions/bind", "/api/ticket/take-over", "/api/ticket/give-back", "/api/ticket/run",
                 "/api/pause", "/api/resume"):
        for headers in ({}, stolen, basic, {"Authorization": f"Bearer {bearer}", "Origin": house.url},
                        {"Authorization": f"Bearer {bearer}", "Origin": "https://evil.example"}):
            yield "POST", path, {"headers": headers, "json": {"digest": card, "amount": card, "ticket": card}}
            yield "GET", path, {"headers": headers}
    yield "POST", f"/confirm/{taken}", {"data": {"typed": card, "answer": "yes", "proof": card}}
    yield "POST", "/sidebar/zendesk", {"data": {"token": given["OPENAI_API_KEY"]}}
    yield "POST", "/webhooks/zendesk", {"data": b"x" * 300_000}


def _commands(house: House, quick: bool) -> Iterator[bool]:
    """Whether each ended as it should."""
    said = {"card": house.card("a command"), "code": CODE}
    commands = COMMANDS[:QUICK_COMMANDS] if quick else COMMANDS
    with ThreadPoolExecutor(QUICK_COMMANDS if quick else 1) as one_by_one:
        yield from one_by_one.map(
            lambda one: house.runs(*[word.format(**said) for word in one[1]]) == one[0], commands)


def _wrong_commands(house: House, quick: bool) -> Iterator[bool]:
    """Whether each ended as it should that is asked wrongly, or whose settings are wrong."""
    for code, asked in REFUSED[:1] if quick else REFUSED:
        yield house.runs(*asked) == code
    given = {name: one.value for name, one in house.canaries.items()}
    wrong: tuple[dict[str, str], ...] = (
        {"DESKHAND_DATABASE_URL": f"postgresql://desk:{given['DESKHAND_DATABASE_PASSWORD']}@127.0.0.1:1/desk"},
        {"DESKHAND_DATABASE_URL": f"mysql://desk:{given['DESKHAND_DATABASE_PASSWORD']}@127.0.0.1/desk"},
        {"STRIPE_WEBHOOK_SECRET": given["ZENDESK_WEBHOOK_SECRET"]},
        {"DESKHAND_PUBLIC_URL": f"https://x:{given['DESKHAND_SECRET_KEY']}@desk.example"},
        {"DESKHAND_SECRET_KEY": given["ZENDESK_API_TOKEN"]},
        {"STRIPE_API_KEY": given["OPENAI_API_KEY"]},
        {"OPENAI_BASE_URL": f"https://u:{given['OPENAI_API_KEY']}@elsewhere.example/v1"},
    )
    for other in wrong[:1] if quick else wrong:
        for command in (("work", "--json"),) if quick else (("held",), ("doctor",)):
            yield house.runs(*command, **other) == 1


def _restored(house: House) -> Iterator[bool]:
    """Back to the backup, which takes every row that came after it: what is there is kept to be looked at first."""
    house.kept += house.columns()
    house.app.stop()
    for code, asked in AT_LAST:
        yield house.runs(*asked) == code
