"""`/confirm/<token>`: the customer reads what exactly would be done, and says yes to it once."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flask import Blueprint, Response, request

from agent.consent import confirming
from agent.consent.confirming import Question, Stage
from agent.desk import Desk
from agent.methods import BRANDS, NAMES, is_card, told_digits
from agent.phrases import QUESTIONS
from connectors.contract import Method
from webhooks.confirm_words import WORDS
from webhooks.pages import Pages
from webhooks.translated import wanted

LONGEST_TYPED = 40
LARGEST_BODY = 4 * 1024
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)

STATUS = {Stage.UNKNOWN: 404, Stage.EXPIRED: 410, Stage.ANSWERED: 410, Stage.ASKED_SINCE: 410, Stage.DEAD: 410,
          Stage.BUSY: 503}
"""Of the pages that ask nothing any more; all others are 200."""
ASKING = (Stage.OPEN, Stage.WRONG, Stage.UNREADABLE)


def confirm_door(desk: Desk, pages: Pages) -> Blueprint:
    """GET shows; only a POST with what stands in our message acts."""
    door = Blueprint("confirm", __name__)

    @door.get("/confirm/<token>")
    def show(token: str) -> Response:
        known = _TOKEN.fullmatch(token)
        return _page(pages, confirming.look(desk, token) if known else Question(Stage.UNKNOWN))

    @door.post("/confirm/<token>")
    def yes(token: str) -> Response:
        request.max_content_length = LARGEST_BODY
        typed = request.form.getlist("typed")
        if not _TOKEN.fullmatch(token):
            return _page(pages, Question(Stage.UNKNOWN))
        one = typed[0] if len(typed) == 1 and len(typed[0]) <= LONGEST_TYPED else ""
        return _page(pages, confirming.confirm(desk, token, one))

    return door


def _page(pages: Pages, question: Question) -> Response:
    language = _language(question)
    words = WORDS[language]
    asking = question.stage in ASKING
    money = _money(question, language, untold=asking and not question.by_digits)
    said = {"money": money, "method": _method(question.method, words)}
    ready = QUESTIONS[language]["ready_refund"].format(**said)
    return pages.show(
        "confirm.html", STATUS.get(question.stage, 200), locale=language,
        lets={"form-action": "'self'"} if asking else None, words=words,
        action=ready if money and question.stage in (*ASKING, Stage.CONFIRMED) else "",
        lines=() if asking else (words[question.stage],), button=words["button"].format(**said),
        asks=words[_typed(question)] if asking else "", wrong=_wrong(question, words))


def _money(question: Question, language: str, *, untold: bool) -> str:
    """Not the amount while it is what is to be typed: whoever types it has our message before them."""
    if question.money is None:
        return ""
    return WORDS[language]["untold"] if untold else question.money.words(language)


def _wrong(question: Question, words: Mapping[str, str]) -> str:
    if question.stage is Stage.UNREADABLE:
        return words["unreadable_digits" if question.by_digits else "unreadable_amount"]
    return words["wrong"] if question.stage is Stage.WRONG else ""


def _typed(question: Question) -> str:
    """What is to be typed, by the name of our words for it."""
    if not question.by_digits or question.method is None:
        return "amount"
    return "card_digits" if is_card(question.method) else "account_digits"


def _method(method: Method | None, words: Mapping[str, str]) -> str:
    """Never with the digits: whoever types them has our message before them."""
    if method is None or not told_digits(method):
        name = NAMES.get(method.kind) if method else None
        return words["original"] + (f" ({name})" if name else "")
    if not is_card(method):
        return words["account"]
    brand = BRANDS.get(method.brand or "")
    return words["brand"].format(brand=brand) if brand else words["card"]


def _language(question: Question) -> str:
    """As the browser asks, else the customer's own."""
    language = wanted(request, WORDS) or question.language or ""
    return language if language in WORDS else "en"
