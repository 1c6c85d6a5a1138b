"""The states a ticket's sidebar can be in, as the API tells them."""

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
        "details": ["Payment: USD 47.00 paid with Visa ending in 4242 on 20 Nov 2026", "Charge: ch_again"],
        "whose": "Ana López (a•••@customer.example)",
        "amount": money(4700),
        "lowest": money(1),
        "highest": money(4700),
        "claim": "charged twice",
        "proven": True,
        "why_proven": "two charges of USD 47.00 for order 1042, one minute apart",
        "quote": "I was charged twice for my order 1042. Please send the second payment back.",
        "evidence": "E2: the sender's address is the one on the charge",
        "missing": [],
        "rule": [
            "Refunds of USD 25.00 to USD 100.00: the customer confirms",
            "Card older than 30 days: a lead approves",
        ],
        "risk": "USD 47.00 leaves your Stripe balance.",
        "can_be_undone": False,
        "undo": "A card refund cannot be taken back.",
        "on_no": "Nothing is paid. The ticket stays open for a person.",
        "on_timeout": "It is handed to a person. Nothing is paid.",
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


UNPROVEN = {
    "proven": False,
    "claim": "not received",
    "why_proven": "the parcel was delivered on 12 Nov, signed by “A. López”",
    "quote": "My parcel never came, I want my money back!!",
    "missing": ["proof that it did not arrive", "an order number"],
    "risk": "USD 47.00 is paid although the goods arrived.",
}


def done(*, undo: bool) -> dict[str, Any]:
    if undo:
        return {
            "operation": "op_contact_1",
            "title": "Phone changed to +1 212 555 0199",
            "at": EARLIER,
            "by": ["Lea Lead"],
            "state": "done",
            "words": "The contact's phone was changed from +1 212 555 0141 and read back.",
            "undo": {
                "possible": True,
                "words": "Puts +1 212 555 0141 back, unless someone changed it since.",
                "digest": "u" * 64,
            },
        }
    return {
        "operation": "op_refund_1",
        "title": "Refund USD 47.00",
        "at": EARLIER,
        "state": "done",
        "words": "To Visa ending in 4242, re_1, succeeded. The customer was told.",
        "by": ["the customer", "Lea Lead"],
        "undo": {"possible": False, "words": "A card refund cannot be taken back.", "digest": None},
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
    {"at": EARLIER, "words": "The customer wrote.", "facts": None},
    {
        "at": EARLIER,
        "words": "Deskhand read the ticket, two charges and the contact.",
        "facts": {
            "charges": 2,
            "evidence": "E2",
            "claim": "duplicate",
            "amount": money(4700),
            "rules": ["refund-limit", "card-age"],
        },
    },
    {
        "at": EARLIER,
        "words": "The policy wants a colleague's approval.",
        "facts": {"policy": "version 3", "outcome": "go_ahead"},
    },
]
CUSTOMER = {
    "name": "Ana López",
    "email": "a•••@customer.example",
    "match_words": "matched by e-mail only: not verified",
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
WAITS = "A refund of USD 47.00 waits for a colleague."

STATES: dict[str, dict[str, Any]] = {
    "idle": state("idle", "", customer=None, trail=[]),
    "shadow": state(
        "shadow",
        "Refunds are only watched: nothing was done.",
        mode="shadow",
        shadow=[
            {
                "title": "Refund USD 47.00 to Visa ending in 4242",
                "words": "It would have been asked about first.",
                "claim": "charged twice",
                "proven": True,
                "why_proven": "two charges for order 1042",
                "quote": "I was charged twice for my order 1042.",
                "rule": "a refund above USD 25.00 needs the customer's yes",
            }
        ],
    ),
    "shadow_nothing": state("shadow", "Refunds are only watched: nothing was done.", mode="shadow"),
    "waiting_for_me": state("waiting", WAITS, cards=[card()]),
    "waiting_unproven": state("waiting", WAITS, cards=[card(**UNPROVEN)]),
    "waiting_unknown": state(
        "waiting",
        WAITS,
        cards=[card(proven=None, why_proven="Stripe did not answer in time", missing=["the charge's disputes"])],
    ),
    "waiting_not_mine": state(
        "waiting",
        "A refund of USD 900.00 waits for finance.",
        cards=[
            card(
                title="Refund USD 900.00",
                amount=money(90000),
                highest=None,
                lowest=None,
                for_whom="finance",
                may_i=False,
                for_whom_words="Finance must approve it",
                why_not="This takes finance.",
            )
        ],
    ),
    "waiting_watcher": state(
        "waiting",
        WAITS,
        me=WATCHER,
        cards=[
            card(
                may_i=False,
                may_decline=False,
                why_not="This takes agent or lead or finance.",
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
                why_not="This takes finance.",
            )
        ],
    ),
    "both_duties": state(
        "waiting", WAITS, cards=[card(for_whom="lead", for_whom_words="A lead must approve it", wrote_again=True)]
    ),
    "customer_asked": state(
        "waiting",
        "The customer was asked for a yes.",
        cards=[
            card(
                for_whom="customer",
                for_whom_words="The customer was asked for a yes",
                approved_by="Lea Lead",
                may_i=False,
                may_decline=False,
                why_not="The customer is asked for a yes; nobody can give it for them.",
                highest=None,
                lowest=None,
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
                undo="Can be taken back: the earlier number is put back.",
                risk="Calls go to the new number.",
            ),
        ],
    ),
    "working": state("working", "Deskhand is refunding USD 47.00."),
    "done_with_undo": state("done", "The phone number was changed and the customer was told.", done=[done(undo=True)]),
    "done_without_undo": state("done", "USD 47.00 was refunded and the customer was told.", done=[done(undo=False)]),
    "undone": state(
        "done",
        "The phone number was put back.",
        done=[
            {
                **done(undo=True),
                "state": "undone",
                "undo": {"possible": False, "words": "It was undone.", "digest": None},
            }
        ],
    ),
    "answered": state("answered", "The customer was told where their refund is."),
    "declined": state("handed_over", "Lea Lead declined the refund: “the parcel arrived”. Please answer the customer."),
    "expired": state("handed_over", "Nobody answered until 24 Nov, 10:30. Please take over."),
    "refused": state(
        "refused", "The policy does not allow this refund: the payer is someone else. Please answer the customer."
    ),
    "paused": state(
        "paused",
        "Everything is paused since 09:12: “checking a wrong refund” (Ana Admin).",
        paused="checking a wrong refund (Ana Admin)",
        cards=[card(may_i=False, why_not="Deskhand is paused.")],
    ),
    "paused_admin": state(
        "paused", "Everything is paused since 09:12.", paused="checking a wrong refund (Ana Admin)", me=ADMIN
    ),
    "held": state("held", "Whether USD 47.00 was refunded is not known. Look in Stripe before you do anything."),
    "taken_over": state("taken_over", "Lea Lead took over. Deskhand keeps away until it is given back."),
    "draft": state("waiting", WAITS, mode="draft", cards=[card()]),
    "admin": state("done", "USD 47.00 was refunded.", me=ADMIN, done=[done(undo=False)]),
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
        shadow=[{**dict.fromkeys(("title", "words", "quote", "rule", "claim", "why_proven"), text), "proven": None}],
        trail=[{"at": EARLIER, "words": text, "facts": {text: text, "list": [text], "more": {text: text}}}],
    )
