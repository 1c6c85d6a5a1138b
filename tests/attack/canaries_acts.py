"""Everything that an installation does in its life, done once, with something planted wherever somebody can write."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from connectors.standin import Json
from scripts.control import AskedFault
from tests.attack.canaries_house import House
from tests.attack.canaries_planted import MARKS

BEARERS: list[str] = []
"""Of the sessions that colleagues opened."""
KIM = "mia@acme.example"
LENA = "lena@acme.example"
TWICE = "Hi, I was charged twice for my order. Please refund the second one. Thank you"
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
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("doctor",), ("audit", "export", "--out", "export.jsonl"), ("backup", "backup.zip"), ("report",),
    ("doctor", "--json"), ("held",), ("pauses",), ("audit", "verify"), ("audit", "key"), ("audit", "replay"),
    ("audit", "export", "--csv", "--out", "export.csv"), ("audit", "verify", "export.jsonl"),
    ("audit", "reconcile", "--month", "2026-11"), ("database", "status"),
    ("erase", "ana@customer.example", "--dry-run"),
    ("pause", "--by", "Ana", "--reason", "a test"), ("resume", "--by", "Ana"), ("catchup",), ("report", "--json"),
    ("erase", "ana@customer.example", "--by", "Ana Admin"), ("restore", "backup.zip"), ("no-such-command",),
)
QUICK_COMMANDS = 3


def everything(house: House, *, quick: bool) -> dict[str, int]:
    """What was done, counted."""
    BEARERS.clear()
    house.start()
    tickets = list(_tickets(house, quick))
    pressed = _pressed(house, tickets)
    _later(house, tickets)
    wrongs = list(_wrong_requests(house))
    for method, path, more in wrongs:
        house.asks(method, path, **more)
    commands = COMMANDS[:QUICK_COMMANDS] if quick else COMMANDS
    with ThreadPoolExecutor(QUICK_COMMANDS if quick else 1) as one_by_one:
        for arguments, printed in zip(commands, one_by_one.map(lambda each: house.runs(*each), commands), strict=True):
            house.keeps(f"deskhand {' '.join(arguments)}", printed)
    broken = sum(1 for _ in _broken(house, quick))
    return {"tickets lived in real processes": len(tickets), "presses of colleagues": pressed,
            "wrong requests": len(wrongs), "commands": len(commands) + broken}


def _tickets(house: House, quick: bool) -> Iterator[int]:
    """Each with cards in all of it; every second one while a vendor fails."""
    house.sandbox.control.load({"zendesk": {"users": [
        {"name": f"Fred {house.card('name')}", "email": "fred@customer.example", "created_at": "-300d"}]}})
    yield house.writes("ana", house.with_cards(TWICE))
    yield house.person()
    yield house.writes("fred", house.with_cards("I want to speak to a person."))
    yield house.writes("ben", house.with_cards("Some money back would be nice, 18 USD, as goodwill."))
    yield house.writes("stranger", f"Nice weather. {house.card('ticket of nobody')}", tags=["no_deskhand"])
    house.quiet()
    if quick:
        return
    people = ("carla", "david", "eva", "gina")
    for number, fault in enumerate(FAULTS):
        house.sandbox.control.fault(AskedFault.model_validate(fault))
        asks = (TWICE, "My new phone number is +49 30 7654321, please change it.", "Where is my refund?",
                "I want to speak to a person, my lawyer says so.")[number % 4]
        yield house.writes(people[number % 4], house.with_cards(asks))
    house.quiet(120)


def _pressed(house: House, tickets: list[int]) -> int:
    """A colleague looks at every ticket and agrees to what waits; a customer opens the link of theirs."""
    pressed = 0
    for ticket in tickets:
        seat = house.seat(LENA, ticket)
        BEARERS.append(seat.proof("GET", "", "")["Authorization"].removeprefix("Bearer "))
        state = house.asks("GET", "/api/ticket", headers=seat.proof("GET", "", "")).json()
        for card in state.get("cards", []):
            said = {"digest": card["digest"], "amount": None, "reason": f"because {house.card('body')}"}
            house.asks("POST", f"/api/approvals/{card['wait']}", json=said, headers=seat.proof("POST", "", ""))
            pressed += 1
        pressed += 1
    for link in house.links():
        house.http.get(f"{house.url}/confirm/{link.value}", timeout=30)
        house.http.post(f"{house.url}/confirm/{link.value}", timeout=30,
                        data={"answer": "yes", "proof": house.card("body")})
    house.quiet()
    return pressed


def _later(house: House, tickets: list[int]) -> None:
    """Customers write again, and a colleague notes a card down."""
    for ticket, who in ((tickets[0], "ana"), (tickets[2], "fred")):
        house.happens("zendesk/agent_replies", {"ticket": ticket, "agent": KIM, "public": False,
                                                "body": f"Told me by phone: {house.card('colleague comment')}"})
        house.writes(who, f"Any news? {house.card('later message')}", ticket=ticket)
    house.happens("zendesk/customer_writes", {"email": MARKS["address"], "ticket": tickets[1],
                                              "body": f"Any news? By the way, {MARKS['later words']}."})
    house.quiet(120)


def _wrong_requests(house: House) -> Iterator[tuple[str, str, Json]]:
    """Each door, asked wrongly, with what must not come back."""
    given = {name: one.value for name, one in house.canaries.items()}
    card, bearer, taken = house.card("body"), BEARERS[0], given["DESKHAND_SECRET_KEY"]
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
                 "/api/sessions/bind", "/api/ticket/take"):
        for headers in ({}, stolen, basic, {"Authorization": f"Bearer {bearer}", "Origin": house.url},
                        {"Authorization": f"Bearer {bearer}", "Origin": "https://evil.example"}):
            yield "POST", path, {"headers": headers, "json": {"digest": card, "amount": card, "ticket": card}}
            yield "GET", path, {"headers": headers}
    yield "POST", f"/confirm/{taken}", {"data": {"answer": "yes", "proof": card}}
    yield "POST", "/sidebar/zendesk", {"data": {"token": given["OPENAI_API_KEY"]}}
    yield "POST", "/webhooks/zendesk", {"data": b"x" * 300_000}


def _broken(house: House, quick: bool) -> Iterator[None]:
    """Commands whose settings are wrong: what they say is kept."""
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
            house.keeps(f"deskhand {command[0]} with a wrong {next(iter(other))}", house.runs(*command, **other))
            yield
