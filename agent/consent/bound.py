"""What a colleague's yes is bound to: beside the action the evidence, the proof and the rules they were shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, select

from agent.claims import Proof
from agent.consent.asked import Asked, asked_of
from agent.consent.consents import rank
from agent.consent.waits import Wait
from agent.evidence import WHY
from agent.ground import Summary
from agent.policy import Decision
from agent.tables import decisions
from agent.vault import PersonKey

LIMIT = "limit."
"""How the names of limit steps begin: those follow from the amount, and say all in the duties."""
SURE = {True: 2, None: 1, False: 0}


def recorded(c: Connection, wait: Wait) -> dict[str, Any]:
    """The decision that was shown."""
    return dict(c.execute(select(decisions).where(decisions.c.id == wait.decision_id)).mappings().one())


def weaker(asked: Asked | None, shown: Mapping[str, Any], now: Summary, decision: Decision) -> tuple[str, ...]:
    """What speaks against it now and was not shown, in words; nothing where all is as it was, or better."""
    before = asked.summary if asked else None
    found = [*_evidence(before, now), *_proof(before, now)] if before else []
    return tuple(found or further(shown, decision))


def since_shown(c: Connection, wait: Wait, person: PersonKey, now: Summary, decision: Decision) -> tuple[str, ...]:
    """As `weaker`, than what was shown to whoever this wait is for."""
    return weaker(asked_of(wait, person), recorded(c, wait), now, decision)


def further(shown: Mapping[str, Any], decision: Decision) -> tuple[str, ...]:
    """What the decision asks for that was not shown: another rule, another duty, a fact that is not known any more."""
    if decision.outcome != "go_ahead":
        return ("it is not allowed any more",)
    known = {hit["id"] for hit in shown["rules"]}
    rules = [hit.because for hit in (*decision.by, *decision.also)
             if hit.id not in known and hit.effect != "go ahead" and not hit.id.startswith(LIMIT)]
    missing = [fact.replace("_", " ") for fact in decision.missing if fact not in shown["missing"]]
    words = [f"another rule applies: {', '.join(rules)}"] if rules else []
    words += [f"this is not known any more: {', '.join(missing)}"] if missing else []
    if not words and (rank(decision.approve_by) > rank(shown["approve_by"]) or decision.confirm > shown["confirm"]):
        words.append(f"it needs {decision.asked()} by now")
    return tuple(words)


def more_than(before: Decision | None, now: Decision) -> bool:
    """A decision made a moment later asks for something that the earlier one did not."""
    if before is None:
        return False
    rules = [hit.model_dump(mode="json") for hit in (*before.by, *before.also)]
    return bool(further({"rules": rules, "missing": before.missing, "approve_by": before.approve_by,
                         "confirm": before.confirm}, now))


def _evidence(before: Summary, now: Summary) -> Iterable[str]:
    if now.evidence < before.evidence:
        yield f"it is less sure who asks: {WHY[now.evidence_why]}"


def _proof(before: Summary, now: Summary) -> Iterable[str]:
    if SURE[now.proof.proven] < SURE[before.proof.proven]:
        yield f"the claim is not proven any more: {now.proof.words}"
    elif _says_otherwise(before.proof, now.proof):
        yield f"the books say something else by now: {now.proof.words}"


def _says_otherwise(before: Proof, now: Proof) -> bool:
    """Not proven either way, for another reason."""
    return not now.proven and before.words != now.words
