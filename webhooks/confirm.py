"""`/confirm/<token>`: the customer reads what exactly would be done, and says yes to it once."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flask import Blueprint, Response, request

from agent.case import BRANDS
from agent.consent import confirming
from agent.consent.confirming import Question, Stage
from agent.desk import Desk
from connectors.contract import Method
from webhooks.pages import Pages

LONGEST_TYPED = 40
LARGEST_BODY = 4 * 1024
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)

STATUS = {Stage.UNKNOWN: 404, Stage.EXPIRED: 410, Stage.ANSWERED: 410, Stage.DEAD: 410, Stage.BUSY: 503}
"""Of the pages that ask nothing any more; all others are 200."""
ASKING = (Stage.OPEN, Stage.WRONG, Stage.UNREADABLE)

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "title": "Your refund", "action": "We will send {money} back to {method}.",
        "card": "your {brand} card", "original": "the payment method you used",
        "digits": "To confirm, type the last four digits of this card. You find them in our message.",
        "amount": "To confirm, type the amount.", "button": "Yes, send {money}",
        "wrong": "That is not right. Please look at our message and try again.",
        "unreadable_digits": "Please type the four digits only.",
        "unreadable_amount": "Please type an amount, as in 12.00.",
        "not_you": "If you did not ask for this, close this page or reply to our message with NO. Nothing happens "
                   "without your yes.",
        "confirmed": "Thank you. We check everything once more and then send the money. You will get a message when "
                     "it is done.",
        "unknown": "We do not know this page. Please use the link exactly as it is in our message, or reply to the "
                   "message.",
        "expired": "The time to confirm has run out. Someone from our team will take care of your request; you do not "
                   "need to do anything.",
        "answered": "This was answered already, or no answer is needed any more. You do not need to do anything.",
        "dead": "This page is closed after too many wrong tries. Please reply to our message with YES or NO instead.",
        "busy": "We are working on your request right now. Please try again in a minute.",
    },
    "de": {
        "title": "Ihre Rückzahlung", "action": "Wir zahlen {money} auf {method} zurück.",
        "card": "Ihre {brand}-Karte", "original": "das Zahlungsmittel, mit dem Sie bezahlt haben",
        "digits": "Zur Bestätigung geben Sie bitte die letzten vier Ziffern dieser Karte ein. Sie stehen in unserer "
                  "Nachricht.",
        "amount": "Zur Bestätigung geben Sie bitte den Betrag ein.", "button": "Ja, {money} zurückzahlen",
        "wrong": "Das stimmt nicht. Bitte sehen Sie in unserer Nachricht nach und versuchen Sie es noch einmal.",
        "unreadable_digits": "Bitte geben Sie nur die vier Ziffern ein.",
        "unreadable_amount": "Bitte geben Sie einen Betrag ein, zum Beispiel 12,00.",
        "not_you": "Sie haben das nicht verlangt? Dann schließen Sie diese Seite, oder antworten Sie auf unsere "
                   "Nachricht mit NEIN. Ohne Ihr Ja geschieht nichts.",
        "confirmed": "Vielen Dank. Wir prüfen alles noch einmal und zahlen dann zurück. Sie bekommen eine Nachricht, "
                     "sobald es erledigt ist.",
        "unknown": "Diese Seite gibt es nicht. Bitte verwenden Sie den Link genau so, wie er in unserer Nachricht "
                   "steht, oder antworten Sie auf die Nachricht.",
        "expired": "Die Zeit zum Bestätigen ist abgelaufen. Jemand aus unserem Team kümmert sich um Ihr Anliegen; Sie "
                   "brauchen nichts zu tun.",
        "answered": "Das wurde schon beantwortet, oder es wird nicht mehr danach gefragt. Sie brauchen nichts zu tun.",
        "dead": "Diese Seite ist nach zu vielen falschen Eingaben geschlossen. Bitte antworten Sie stattdessen auf "
                "unsere Nachricht mit JA oder NEIN.",
        "busy": "Wir arbeiten gerade an Ihrem Anliegen. Bitte versuchen Sie es in einer Minute noch einmal.",
    },
}


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
    money = question.money.words(language) if question.money else ""
    asking = question.stage in ASKING
    said = {"money": money, "method": _method(question.method, words)}
    return pages.show(
        "confirm.html", STATUS.get(question.stage, 200), locale=language,
        lets={"form-action": "'self'"} if asking else None, words=words,
        action=words["action"].format(**said) if money and question.stage in (*ASKING, Stage.CONFIRMED) else "",
        lines=() if asking else (words[question.stage],), button=words["button"].format(**said),
        asks=words["digits" if question.by_digits else "amount"] if asking else "", wrong=_wrong(question, words))


def _wrong(question: Question, words: Mapping[str, str]) -> str:
    if question.stage is Stage.UNREADABLE:
        return words["unreadable_digits" if question.by_digits else "unreadable_amount"]
    return words["wrong"] if question.stage is Stage.WRONG else ""


def _method(method: Method | None, words: Mapping[str, str]) -> str:
    """Never with the digits: whoever types them has our message before them."""
    if method is None or not method.last4 or not (brand := BRANDS.get(method.brand or "")):
        return words["original"]
    return words["card"].format(brand=brand)


def _language(question: Question) -> str:
    """As the browser asks, else the customer's own."""
    wanted = request.accept_languages.best_match(list(WORDS)) or question.language or ""
    return wanted if wanted in WORDS else "en"
