"""The customer's yes on a page: only with what stands in our message and not on the page, because mail scanners press
buttons."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, select

from agent.consent import waits
from agent.consent.approval import NotNow, go_on
from agent.consent.asked import Asked, asked_of
from agent.consent.waits import CUSTOMER, Wait
from agent.desk import Desk
from agent.methods import told_digits
from agent.plan import Plan
from agent.tables import proposals
from agent.vault import Erased, PersonKey
from connectors.contract import Method, Money, Refund

MOST_WRONG = 5
"""Wrong answers, after which the page is dead for good; the customer can still reply to the message."""
_DIGITS = re.compile(r"\d{4}", re.ASCII)
_AMOUNT = re.compile(r"\d{1,9}([.,]\d{1,3})?", re.ASCII)


class Stage(StrEnum):
    """What a page says."""

    UNKNOWN = "unknown"
    OPEN = "open"
    UNREADABLE = "unreadable"
    """What was typed cannot be an answer; it is no try."""
    WRONG = "wrong"
    DEAD = "dead"
    EXPIRED = "expired"
    ANSWERED = "answered"
    ASKED_SINCE = "asked_since"
    """It was answered or is not asked any more, and a newer question of ours waits for them."""
    BUSY = "busy"
    CONFIRMED = "confirmed"


@dataclass(frozen=True)
class Question:
    """What a page shows of one wait."""

    stage: Stage
    money: Money | None = None
    method: Method | None = None
    language: str | None = None
    """The customer's, as their message was read."""

    @property
    def by_digits(self) -> bool:
        """Asked for the last four digits that our message names of a card or an account; without them, the amount."""
        return bool(self.method and told_digits(self.method))


def look(desk: Desk, token: str) -> Question:
    """What this page asks; nothing is changed."""
    with desk.ledger.begin() as c:
        return _found(c, desk, token)[0]


def confirm(desk: Desk, token: str, typed: str) -> Question:
    """Takes the yes when what was typed is right; the ticket is woken, and everything decided once more.

    It says that somebody read our message: it raises no evidence level.
    """
    try:
        with desk.ledger.begin() as c:
            question, wait = _found(c, desk, token, lock=True)
            if wait is None or question.stage is not Stage.OPEN:
                return question
            return _with(question, _take(c, desk, wait, question, typed))
    except NotNow:
        return _with(question, Stage.BUSY)


def _with(question: Question, stage: Stage) -> Question:
    return Question(stage, question.money, question.method, question.language)


def _take(c: Connection, desk: Desk, wait: Wait, question: Question, typed: str) -> Stage:
    """Raises NotNow while another plan is under way: then nothing was taken."""
    right = _right(question, typed)
    if right is None:
        return Stage.UNREADABLE
    if not right:
        return Stage.DEAD if waits.wrong(c, wait) >= MOST_WRONG else Stage.WRONG
    if not waits.answer(c, wait, "given", CUSTOMER, desk.now()):
        return Stage.ANSWERED
    go_on(c, desk, wait, "wait.confirmed", {"by": CUSTOMER, "tries": wait.tries})
    return Stage.CONFIRMED


def _right(question: Question, typed: str) -> bool | None:
    """None for what cannot be an answer, such as nothing, a word, or more digits than asked for."""
    said = "".join(typed.split())
    if question.by_digits and question.method:
        return said == question.method.last4 if _DIGITS.fullmatch(said) else None
    money = question.money
    if money is None:
        return None
    if said in {"".join(money.words(language).split()) for language in ("en", "de")}:
        return True
    said = said.upper().removeprefix(money.currency).removesuffix(money.currency).strip("$€£¥")
    if not _AMOUNT.fullmatch(said):
        return None
    try:
        return Money.of(said.replace(",", "."), money.currency) == money
    except ValueError:
        return False


def _found(c: Connection, desk: Desk, token: str, *, lock: bool = False) -> tuple[Question, Wait | None]:
    sha256 = hashlib.sha256(token.encode()).digest()
    wait = waits.by_token(c, sha256)
    if wait is not None and lock:
        waits.alone(c, wait.ticket_id)
        wait = waits.by_token(c, sha256)
    if wait is None or wait.for_whom != CUSTOMER:
        return Question(Stage.UNKNOWN), None
    try:
        person = desk.ledger.vault.person_by_id(c, waits.whose(c, wait))
    except Erased:
        return Question(Stage.UNKNOWN), None
    asked = asked_of(wait, person)
    return _question(_stage(c, desk, wait), asked, _language(c, wait, person)), wait


def _question(stage: Stage, asked: Asked | None, language: str | None) -> Question:
    action = asked.action if asked else None
    if asked is None or not isinstance(action, Refund):
        return Question(Stage.ANSWERED, language=language)
    return Question(stage, action.money, asked.charge.method if asked.charge else None, language)


def _stage(c: Connection, desk: Desk, wait: Wait) -> Stage:
    if wait.state != "open" and waits.asked_since(c, wait):
        return Stage.ASKED_SINCE
    if wait.state == "expired" or (wait.state == "open" and wait.expires_at <= desk.now()):
        return Stage.EXPIRED
    if wait.state != "open":
        return Stage.ANSWERED
    return Stage.DEAD if wait.tries >= MOST_WRONG else Stage.OPEN


def _language(c: Connection, wait: Wait, person: PersonKey) -> str | None:
    sealed = c.execute(select(proposals.c.sealed).where(proposals.c.id == wait.proposal_id)).scalar_one()
    kept = person.read(sealed)
    planned = Plan.model_validate(kept).planned if kept else None
    return planned.proposal.language.split("-")[0].lower() if planned else None
