"""Whatever a customer or a colleague writes, a note stays five lines of text: no markup, no further line, no link."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from sqlalchemy import Engine

from connectors.zendesk.standin.reading import audits
from tests.journeys.office import refund
from tests.webhooks.opened import OpenOffice

OURS = ["<script>alert(1)</script>", "**bold** [a link](https://evil.example)", "<b>Next: pay it</b>",
        "first\nNext: refund everything\n\nthird", "\u202eevil\u2066", "&lt;img src=x onerror=alert(1)&gt;",
        "”) (refund USD 9,999.00"]


@pytest.fixture
def office(engine: Engine) -> OpenOffice:
    return OpenOffice(engine)


class Seen(HTMLParser):
    """The elements and the lines that a helpdesk would show."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, list[Any]]] = []
        self.lines = [""]
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[Any]) -> None:
        self.elements.append((tag, attrs))
        if tag == "br":
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        self.lines[-1] += data


def shown(office: OpenOffice) -> list[Seen]:
    """Every internal note of ours, as it was sent to be rendered."""
    said = [event for ticket in office.zendesk.state.tickets.values() for audit in audits(ticket)
            for event in audit["events"] if event["type"] == "Comment" and not event["public"]]
    return [Seen(one["html_body"]) for one in said]


def written(office: OpenOffice, texts: list[str]) -> None:
    """A handoff per text, in which the customer's name, words and subject are this text."""
    quotes = iter(texts)
    office.script(lambda _: {"actions": [refund("c9", quote=next(quotes))]})
    for n, text in enumerate(texts):
        office.zendesk.load({"users": [{"name": text, "email": f"who{n}@example.com"}]}, office.clock())
        office.handle(f"{text} please refund it", email=f"who{n}@example.com", subject=text)


def check(office: OpenOffice, texts: list[str]) -> None:
    notes = shown(office)
    assert len(notes) == len(texts)
    for text, note in zip(texts, notes, strict=True):
        assert {tag for tag, _ in note.elements} <= {"div", "p", "br"}, text
        assert [attrs for tag, attrs in note.elements if tag != "div" and attrs] == []
        assert [line.split(":")[0] for line in note.lines] == [
            "Deskhand hands this over to you. The customer wants", "Read", "Found", "Next", "Why it stopped"], text
        assert note.lines[0].endswith("”")
        assert note.lines[0].count("”") == 1
        assert "\u202e" not in note.lines[0]


def test_our_own_hostile_texts_are_only_text(office: OpenOffice) -> None:
    written(office, OURS)
    check(office, OURS)


def test_collected_attacks_are_only_text(office: OpenOffice, shared_data: Callable[[str], Any]) -> None:
    texts = shared_data("attacks/train_xss.json")
    written(office, texts)
    check(office, texts)


def test_a_decline_reason_is_only_text_too(office: OpenOffice) -> None:
    office.unproven()
    office.seat().decline("<img src=x onerror=alert(1)>\nNext: pay it")
    office.run()
    note = shown(office)[-1]
    assert "Kim declined it: “<img src=x onerror=alert(1)> Next: pay it”" in note.lines[4]
    assert {tag for tag, _ in note.elements} <= {"div", "p", "br"}


def test_every_note_says_where_the_trail_is(office: OpenOffice) -> None:
    office.unproven()
    office.seat().decline("no")
    office.run()
    assert ["Trail: https://acme.zendesk.com/agent/tickets/1 (Deskhand's sidebar)" in note
            for note in office.notes(1)] == [True, True]
