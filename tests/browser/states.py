"""States by hand, as the API tells them: what presses are tried on, and what no ticket of tickets.py shows."""

from __future__ import annotations

from typing import Any

TOO_LONG = (
    "Guten Tag, ich habe die Sonderanfertigung des höhenverstellbaren Schreibtischs bestellt und "
    "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenhersteller" * 3 + " dazu. "
) * 4
LATER = "2026-11-24T10:30:00Z"
EARLIER = "2026-11-21T08:12:00Z"


def money(minor: int, currency: str = "USD") -> dict[str, Any]:
    return {"minor": minor, "currency": currency, "words": f"{currency} {minor // 100:,}.{minor % 100:02}"}


def card(**more: Any) -> dict[str, Any]:
    return {
        "wait": 7,
        "digest": "d" * 64,
        "kind": "refund",
        "title": "Refund USD 47.00",
        "details": ["Payment: USD 47.00 paid with Visa ending in 4242 on 20 Nov 2026", "For: Order 1042"],
        "charge": "ch_again",
        "whose": "Ana López (a•••@customer.example)",
        "amount": money(4700),
        "lowest": money(1),
        "highest": money(4700),
        "claim": "charged twice",
        "proven": True,
        "why_proven": "The same payer paid the same amount for order 1042, 10 min earlier.",
        "quote": "I was charged twice for my order 1042. Please send the second payment back.",
        "evidence": "They wrote from the e-mail address that this payment was made with.",
        "missing": [],
        "rule": ["The planner is not sure that it read the message rightly: a colleague must approve"],
        "risk": "The payments prove it, but the planner is not sure that it read the message rightly.",
        "can_be_undone": False,
        "undo": "A card refund cannot be undone.",
        "on_no": "Nothing is done. Your reason becomes a note on the ticket, and a person answers the customer.",
        "on_timeout": "If nobody answers in time, nothing is done and a person takes over.",
        "reply_preview": "Hello Ana,\n\nwe have sent USD 47.00 back to your Visa ending in 4242. Banks usually need "
        "5 to 10 days.\n\nThis reply was automatic. Answer “person” to reach one.",
        "for_whom": "agent",
        "for_whom_words": "A colleague must approve it",
        "approved_by": None,
        "wrote_again": False,
        "may_i": True,
        "may_decline": True,
        "why_not": None,
        "expires_at": LATER,
        "waiting_since": EARLIER,
        **more,
    }


def done(*, undo: bool) -> dict[str, Any]:
    if undo:
        return {
            "operation": "op_contact_1",
            "title": "Change the contact’s phone",
            "at": EARLIER,
            "by": ["Lea Lead"],
            "receipt": None,
            "state": "done",
            "words": "Phone: “+1 212 555 0141” → “+1 212 555 0199”.",
            "undo": {
                "possible": True,
                "words": "Can be taken back: the earlier values are written back, unless someone changed them since.",
                "digest": "u" * 64,
            },
        }
    return {
        "operation": "op_refund_1",
        "title": "Refund USD 47.00",
        "at": EARLIER,
        "state": "done",
        "words": "USD 47.00 was sent back to Visa ending in 4242.",
        "by": ["the customer", "Lea Lead"],
        "receipt": "re_1",
        "undo": {"possible": False, "words": "A card refund cannot be undone.", "digest": None},
    }


def payment(charge: str, minor: int, date: str, state: str, refunded: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "charge": charge,
        "amount": money(minor),
        "date": date,
        "state": state,
        "refunded": refunded,
        "method": "Visa ending in 4242",
    }


TRAIL = [
    {
        "at": EARLIER,
        "words": "The customer’s message was read: a refund (needs a yes first)",
        "facts": {"read by": "model"},
        "step": False,
        "times": 1,
    },
    {
        "at": EARLIER,
        "words": "Begun: the update of the ticket",
        "facts": {"action": "ticket_update", "amount": money(4700), "entries": ["36000000000050", "36000000000051"]},
        "step": True,
        "times": 3,
    },
    {
        "at": EARLIER,
        "words": "Written on the ticket: waiting for an answer",
        "facts": None,
        "step": False,
        "times": 1,
    },
]
CUSTOMER = {
    "name": "Ana López",
    "email": "a•••@customer.example",
    "match_words": "Matched by e-mail only: not verified",
    "read_at": EARLIER,
    "payments": [
        payment("ch_again", 4700, "2026-11-20T09:00:00Z", "paid"),
        payment("ch_first", 4700, "2026-11-20T08:59:00Z", "paid"),
        payment("ch_desk", 129900, "2026-08-02T12:00:00Z", "partly refunded", money(29900)),
    ],
    "contact": {
        "id": "003A",
        "name": "Ana López",
        "account": "López Design",
        "phone": "+1 212 555 0141",
        "mobile": None,
    },
}


def state(status: str = "idle", words: str = "", **more: Any) -> dict[str, Any]:
    return {
        "ticket": "zendesk:acme:123",
        "link": "https://acme.zendesk.com/agent/tickets/123",
        "status": status,
        "words": words,
        "mode": "execute",
        "paused": None,
        "taken": None,
        "paused_digest": None,
        "me": {"name": "Lea Lead", "role": "lead", "admin": False},
        "cards": [],
        "done": [],
        "customer": CUSTOMER,
        "trail": TRAIL,
        "shadow": [],
        "digest": "s" * 64,
        **more,
    }


ADMIN = {"name": "Ana Admin", "role": "finance", "admin": True}
WATCHER = {"name": "Lou Light", "role": None, "admin": False}
WAITS = "A colleague must approve it."

STATES: dict[str, dict[str, Any]] = {
    "shadow_nothing": state("shadow", "Refunds are only watched: nothing was done.", mode="shadow"),
    "waiting_for_me": state("waiting", WAITS, cards=[card()]),
    "waiting_unknown": state(
        "waiting",
        WAITS,
        cards=[card(proven=None, why_proven="Stripe did not answer in time", missing=["the charge's disputes"])],
    ),
    "waiting_watcher": state(
        "waiting",
        WAITS,
        me=WATCHER,
        cards=[
            card(
                may_i=False,
                may_decline=False,
                why_not="Only an agent, a lead or finance can approve this.",
                highest=None,
                lowest=None,
            )
        ],
    ),
    "waiting_less_only": state(
        "waiting",
        WAITS,
        cards=[
            card(
                title="Refund USD 900.00",
                amount=money(90000),
                highest=money(50000),
                for_whom="finance",
                may_i=False,
                for_whom_words="Finance must approve it",
                why_not="Only finance can approve this.",
            )
        ],
    ),
    "two_cards": state(
        "waiting",
        "Two things wait for a colleague.",
        cards=[
            card(),
            card(
                wait=8,
                digest="e" * 64,
                kind="contact_change",
                title="Change the contact’s phone",
                amount=None,
                lowest=None,
                can_be_undone=True,
                details=["Phone: “+1 212 555 0141” → “+1 212 555 0199”"],
                highest=None,
                claim=None,
                proven=None,
                why_proven="",
                quote="My new number is +1 212 555 0199.",
                charge=None,
                undo="Can be taken back: the earlier values are written back, unless someone changed them since.",
                risk="Low: the contact asks from their own address, and the earlier values are kept.",
            ),
        ],
    ),
    "working": state("working", "Deskhand is refunding USD 47.00."),
    "done_with_undo": state("done", "Done, and the customer was told.", done=[done(undo=True)]),
    "done_without_undo": state("done", "Done, and the customer was told.", done=[done(undo=False)]),
    "paused_admin": state(
        "paused", "Everything has been paused since 09:12.", paused="checking a wrong refund (Ana Admin)",
        paused_digest="p" * 64, me=ADMIN
    ),
    "taken_over": state("taken_over", "A colleague has taken this ticket over."),
    "admin": state("done", "Done, and the customer was told.", me=ADMIN, done=[done(undo=False)]),
    "draft": state("waiting", WAITS, mode="draft", cards=[card()]),
    "long": state(
        "waiting",
        TOO_LONG,
        cards=[
            card(
                title="Change the address to " + "Donaudampfschifffahrtsgesellschaft " * 8,
                whose=TOO_LONG[:200],
                quote=TOO_LONG,
                why_proven=TOO_LONG[:400],
                missing=[TOO_LONG[:150]] * 3,
                rule=[TOO_LONG[:150]] * 4,
                risk=TOO_LONG[:300],
                reply_preview=TOO_LONG,
            )
        ],
    ),
}


def hostile(text: str) -> dict[str, Any]:
    """A state that shows this text in every field that holds words."""
    one = card(
        title=text,
        whose=text,
        claim=text,
        why_proven=text,
        quote=text,
        evidence=text,
        missing=[text],
        rule=[text],
        risk=text,
        undo=text,
        on_no=text,
        on_timeout=text,
        reply_preview=text,
        for_whom_words=text,
        details=[text],
        approved_by=text,
        amount={**money(4700), "currency": text[:3] or "X"},
    )
    other = card(wait=8, digest="e" * 64, may_i=False, why_not=text, for_whom="customer", kind=text, may_decline=False)
    finished = {
        **done(undo=True),
        "title": text,
        "words": text,
        "by": [text],
        "undo": {"possible": True, "words": text, "digest": "u" * 64},
    }
    return state(
        "waiting",
        text,
        link=text,
        paused=text,
        me={"name": text, "role": "lead", "admin": True},
        cards=[one, other],
        done=[finished],
        customer={
            **CUSTOMER,
            "name": text,
            "email": text,
            "match_words": text,
            "payments": [
                {
                    "charge": text,
                    "amount": {**money(1), "words": text},
                    "date": EARLIER,
                    "state": text,
                    "method": text,
                    "refunded": {**money(1), "words": text},
                }
            ],
            "contact": dict.fromkeys(("id", "name", "account", "phone", "mobile"), text),
        },
        shadow=[{**dict.fromkeys(("title", "words", "quote", "claim", "why_proven"), text), "rule": [text],
                 "proven": None}],
        trail=[{"at": EARLIER, "words": text, "facts": {text: text, "list": [text], "more": {text: text}},
                "step": False, "times": 1}],
    )
