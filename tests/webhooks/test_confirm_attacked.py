"""Guessing on the confirmation page is bounded over all links of a customer, and ends with a person."""

from __future__ import annotations

import logging
import re

import pytest
from sqlalchemy import Engine

from tests.journeys.office import POLICY, without_rule
from tests.webhooks.opened import OpenOffice

MOST_A_DAY = 15
"""Three questions to one address, five tries each: of 10,000 values."""


def test_who_has_every_link_of_a_customer_guesses_a_few_times_a_day_and_then_a_person_goes_on(engine: Engine) -> None:
    office = OpenOffice(engine, policy=without_rule(POLICY, "older-money-ticket"))
    tickets = [office.asks(4700 + n) for n in range(6)]
    links = {link for ticket in tickets for reply in office.replies(ticket)
             for link in re.findall(r"http://localhost(/confirm/[A-Za-z0-9_-]{43})", reply)}
    assert 1 <= len(links) <= 3
    for guess in range(40):
        for link in links:
            assert "Thank you" not in office.client.post(link, data={"typed": f"{guess:04}"}).text
    with office.engine.begin() as c:
        tries = c.exec_driver_sql("select sum(tries) from waits").scalar_one()
    assert tries == 5 * len(links) <= MOST_A_DAY
    office.settle(hours=80, step=3600)
    assert office.refunds() == []
    assert {state for state, _ in office.states()} == {"handed_over"}


def test_a_link_that_was_guessed_at_stays_dead_when_the_customer_writes_again(engine: Engine) -> None:
    office = OpenOffice(engine)
    ticket = office.asks(4700)
    link = office.link(ticket)
    for guess in range(5):
        office.client.post(link, data={"typed": f"{guess:04}"})
    office.customer_answers(ticket, "I was charged twice, is there any news please?")
    office.settle(hours=30, step=3600)
    assert office.client.post(link, data={"typed": "4242"}).status_code == 410
    assert {link} == {found for reply in office.replies(ticket)
                      for found in re.findall(r"http://localhost(/confirm/[A-Za-z0-9_-]{43})", reply)}
    assert office.refunds() == []


def test_no_page_about_a_link_says_whether_it_was_ever_one_and_none_is_logged(
        engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    office = OpenOffice(engine)
    link = office.link(office.asks(4700))
    with caplog.at_level(logging.DEBUG):
        for where in (link + "x", link[:-1], link + "%0d%0aX-Evil:1", f"/confirm/{'A' * 43}", "/confirm/" + "A" * 9000,
                      link + "/", link.upper()):
            page = office.client.get(where, headers={"Accept-Language": "<script>, de;q=1\"'", "Host": "evil.example"})
            assert page.status_code in (404, 308), where
            assert "evil" not in page.text.lower()
            assert "X-Evil" not in page.headers
        for method in ("HEAD", "GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
            office.client.open(link, method=method, data={"typed": "4242"})
        for body in (b'{"typed":"4242"}', b"typed=4242&typed=4242", b"typed[]=4242", b"x" * 5000):
            office.client.post(link, data=body, content_type="application/x-www-form-urlencoded")
        office.client.post(link, json={"typed": "4242"})
        office.client.post(f"{link}?typed=4242")
    assert [wait.state for wait in office.waits()] == ["open"]
    assert link.rpartition("/")[2] not in caplog.text
