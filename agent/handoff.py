"""What a person reads who takes a ticket over: five lines, each said once, in the same order always."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from agent.endings import FELL, NEEDS_A_PERSON, NOT_MADE, RESOLVE, STILL, Ending, claimed, quoted, sentence, sure
from agent.proposal import Claim
from connectors.contract import ContactReceipt

CHECKS = {
    Claim.DUPLICATE: "compare the two payments",
    Claim.NOT_RECEIVED: "ask the carrier whether it arrived",
    Claim.DAMAGED: "see whether the customer sent a picture of the damage",
    Claim.RETURN: "see whether the goods came back",
    Claim.CANCELLED: "see when the order was cancelled",
    Claim.GOODWILL: "decide whether a favour is due",
}
"""What would settle a claim that the books do not prove."""
STEPS = {
    "customer_no": "do not do it; answer the customer, and ask what they want instead",
    "colleague_no": "do not do it; answer the customer in your own words",
    "customer_silent": "ask the customer once more yourself; do nothing without their yes",
    "unclear": "read the customer's answer and ask what they mean; do nothing without their yes",
    "person": "answer the customer, who asks for a person",
    "anew": "read what the customer wrote since: it may be their answer, or they may want something else by now",
    "late": "ask the customer whether it is still wanted; nothing was done on their yes in time",
    "colleague_late": "ask the customer whether it is still wanted; nothing was done on the approval in time",
    "away": "go on from here; the ticket can be given back in Deskhand's sidebar",
    "elsewhere": "see whether that refund is what the customer asked for; give the ticket back in Deskhand's sidebar "
                 "if Deskhand is to go on",
    "stands": "help the customer to give their bank details, or undo the refund in Deskhand's sidebar",
    "refused": "do it by hand only if what stopped it no longer holds; answer the customer",
    "sender": "make sure that it is the customer who asks, by the address that the payment or contact names; then do "
              "it by hand, or decline",
    "unread": "look at the customer's payments and details yourself, since Deskhand could not; then do it by hand, or "
              "decline; then answer the customer",
    "not_refunded": "see whether this money is to go back; answer the customer",
    "not_arrived": "agree with the customer on another way to give this money back; never pay it twice",
    "bank_details": "help the customer to give their bank details",
    "which_payment": "look for the payment by the order number, another address or the last four digits of the card",
    "unused": "make sure that it is the customer who agrees, by their own address; then do it by hand, or decline",
    "moved": "see who asks now; what the earlier requester agreed to is not done",
    FELL: "see in the note of that day whether the customer has got this money another way by now; never pay it twice",
    NOT_MADE: "it was not made: do it by hand, or decline; then answer the customer",
    STILL: "see the note of that day, and go on with what was handed over then",
    "off": "do it by hand if it is to be done; answer the customer",
}
"""By cause. Doing by hand what somebody declined or the policy refused is never the first advice."""
NOT_KNOWN = "whether it happened is NOT known: do not do it again before you have looked"
ALTERED = "it was changed, and not to what was asked for: do not do it again before you have looked"
READ_IT = "read the message and answer it"


def lines(endings: list[Ending], wanted: str, read: str, prepared: str, promised: datetime | None) -> list[str]:
    """`wanted` are the customer's words where no ask could be made of them, `prepared` is a reply to begin with, and
    `promised` is when the customer was told that a colleague will write."""
    asks = [e for e in endings if e.ask]
    told = (f"the customer was told on {promised:%d %b %H:%M} UTC that a colleague will write; they have not been told "
            "that this stopped" if promised else "the customer was not told that it stopped")
    return [
        f"Deskhand hands this over to you. The customer wants: {_wanted(asks) or quoted(wanted)}",
        f"Read: {read}",
        f"Found: {_each(asks, _found) or 'nothing that could be matched to a request'}",
        f"Next: {steps(endings)}" + (f". A reply to begin with: “{prepared}”" if prepared else ""),
        f"Why it stopped: {stopped(endings).rstrip('.')}. {_stands(endings)}; {told}",
    ]


def cause(endings: list[Ending]) -> str:
    """The one cause of them all; where there are several, only what holds for any."""
    names = {e.cause for e in endings if e.how in NEEDS_A_PERSON and e.ask} or {
        e.cause for e in endings if e.cause != STILL}
    return "held" if "held" in names else names.pop() if len(names) == 1 else ""


def stopped(endings: list[Ending]) -> str:
    """Why, each reason once; that a message is to be read first is no reason by the name of what it asks."""
    needs = [e for e in endings if e.how in NEEDS_A_PERSON]
    reasons = [(e.why or e.words).rstrip(".") for e in [e for e in needs if e.how != "unsure" or not e.ask] or needs]
    return "; ".join(dict.fromkeys(reasons)) or "a person should look"


def _wanted(asks: list[Ending]) -> str:
    """What the customer wrote, and what it was read as; words that ask for several things stand once."""
    seen: dict[str, list[str]] = {}
    for ending in asks:
        if ending.ask:
            seen.setdefault(quoted(ending.ask.quote), []).append(ending.words)
    return "; ".join(f"{quote} ({' and '.join(words)})" for quote, words in seen.items())


def _each(asks: list[Ending], say: Callable[[Ending], str]) -> str:
    """Numbered where there are several, in the order of what is wanted."""
    told = [say(one) for one in asks]
    return told[0] if len(told) == 1 else "; ".join(f"({n}) {one}" for n, one in enumerate(told, 1))


def _found(ending: Ending) -> str:
    if ending.ask is None:
        return ""
    return "; ".join(part for part in (claimed(ending.ask), f"evidence: {sure(ending.ask)}", ending.tried) if part)


def steps(endings: list[Ending]) -> str:
    """What a colleague is to do about all of these."""
    still = [e for e in endings if e.cause == STILL]
    asks = [e for e in endings if e.ask] or [e for e in endings if e not in still]
    return "; ".join(dict.fromkeys(_step(one) for one in (*asks, *still)))


def _step(ending: Ending) -> str:
    """What exactly to look at, where, and what then."""
    where = f" (see {ending.link})" if ending.link else ""
    if ending.how == "held":
        id = ending.operation.id if ending.operation else "OP"
        if altered := _altered(ending):
            return (f"see whether what stands there will do{where}, then an administrator releases it with `deskhand "
                    f"held resolve {id} --found {altered.contact} --by NAME`, or with --not-done once it is put right "
                    "by hand")
        return (f"look at the vendor whether it happened{where}, then an administrator releases it with "
                f"`{RESOLVE.format(id)}`")
    if ending.cause in STEPS:
        return STEPS[ending.cause] + where
    if ending.ask is None or not ending.ask.changes_something:
        return READ_IT + where
    return f"{_check(ending)}{where}; do it by hand, or decline; then answer the customer"


def not_known(endings: list[Ending]) -> str:
    """What is not sure of what is held, and that it is not to be done again."""
    return ALTERED if all(map(_altered, (e for e in endings if e.how == "held"))) else NOT_KNOWN


def _altered(ending: Ending) -> ContactReceipt | None:
    """It was surely written, and something else stands there."""
    receipt = ending.operation.receipt if ending.operation else None
    return receipt if isinstance(receipt, ContactReceipt) else None


def _check(ending: Ending) -> str:
    asked = ending.ask
    if asked is None or asked.claim is None:
        return "compare it with what stands there now"
    if ending.cause == "rejected":
        return "see there why it was refused"
    return CHECKS.get(asked.claim, "check the request") if asked.proof.proven is not True else "look at the payment"


def _stands(endings: list[Ending]) -> str:
    if any(e.how == "held" for e in endings):
        return sentence(not_known(endings))
    if any(e.cause in ("stands", FELL) for e in endings):
        return "Nothing else was changed"
    return "Deskhand changed nothing" if any(e.cause == "elsewhere" for e in endings) else "Nothing was changed"
