"""From the opened ticket to the vendors' books: a real browser, the app as it is served, and the office behind it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from agent.published import Published
from tests.browser.conftest import PICTURES, Opened
from tests.browser.served import on_loopback
from tests.browser.tickets import never_came
from tests.webhooks.opened import KIM, LEO, LOU, ROLES, OpenOffice
from webhooks.app import Health, create_app, people_doors

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright, and so Chromium, is absent: uv sync")
expect = playwright.expect
PHONE = {"kind": "contact_change", "contact": "k1", "field": "phone", "value": "+49 30 7654321", "quote": "my number"}


class Building:
    """The office with its pages at an address of this machine, where browsers reach them."""

    def __init__(self, office: OpenOffice, host: str, open_at: Callable[..., Opened]) -> None:
        self.office, self.host, self.open_at = office, host, open_at
        self.url = ""
        self._app: Any = None

    def __call__(self, environ: Any, start_response: Any) -> Any:
        return self._app(environ, start_response)

    def moved_in(self, url: str) -> None:
        self.url = url
        frame = replace(self.office.frame, origin=self.host, sdk_url=f"{self.host}/zaf_sdk.js")
        doors = people_doors(self.office.desk, ROLES, url, self.office.desk.helpdesks["zendesk"], frame)
        self._app = create_app(Health(self.office.engine, lambda: "running", Published()), tuple(doors))

    def opens(self, who: str = KIM, ticket: int = 1, **how: Any) -> Opened:
        """A colleague opens the ticket in the helpdesk."""
        return self.open_at(self.url, ticket=ticket, token=self.office.opens(who)["token"], **how)


@pytest.fixture
def building(engine: Engine, host: str, open_at: Callable[..., Opened]) -> Iterator[Building]:
    made = Building(OpenOffice(engine), host, open_at)
    with on_loopback(made) as url:
        made.moved_in(url)
        yield made


def charges(building: Building) -> list[int]:
    return [refund["amount"] for refund in building.office.refunds()]


def test_reading_the_card_and_approving_refunds_and_tells(building: Building) -> None:
    building.office.unproven()
    opened = building.opens()
    opened.sees("Waiting for you")
    opened.sees("Not proven: a favour")
    opened.fits()
    opened.picture("journey-card-320-light")
    opened.press("Approve…")
    opened.press("Approve: Refund USD 18.00, for Dana Customer (d•••@example.com)")
    opened.sees("Approved.")
    building.office.run()
    opened.sees("Done on this ticket")
    opened.sees("A card refund cannot be undone.")
    opened.fits()
    opened.picture("journey-done-320-light")
    assert charges(building) == [1800]
    assert "USD 18.00" in building.office.replies(1)[-1]
    assert "Kim" in building.office.notes(1)[-1]
    assert opened.wrong == []


def test_declining_pays_nothing_and_the_reason_becomes_the_note(building: Building) -> None:
    building.office.unproven()
    opened = building.opens()
    opened.press("Decline…")
    opened.app.get_by_label("Why not?").fill("The parcel was delivered to a neighbour.")
    opened.press("Decline")
    opened.sees("Declined.")
    building.office.run()
    opened.sees("With a person")
    opened.fits()
    opened.picture("journey-declined-320-light")
    assert charges(building) == []
    assert "The parcel was delivered to a neighbour" in building.office.notes(1)[-1]


def test_lowering_refunds_exactly_the_lower_amount(building: Building) -> None:
    building.office.unproven()
    opened = building.opens()
    opened.press("Approve less…")
    opened.app.get_by_label("Amount in USD").fill("5")
    opened.press("Check amount")
    opened.press("Approve: Refund USD 5.00, for Dana Customer (d•••@example.com)")
    opened.sees("Approved.")
    building.office.run()
    opened.sees("Done on this ticket")
    assert charges(building) == [500]


def test_approving_what_a_colleague_approved_a_moment_ago_says_by_whom(building: Building) -> None:
    building.office.unproven()
    opened = building.opens()
    opened.sees("Waiting for you")
    opened.page.route("**/api/ticket", lambda route: None)  # no further look comes between
    opened.press("Approve…")
    sure = opened.app.get_by_role("button", name="Approve: Refund USD 18.00")
    expect(sure).not_to_have_attribute("aria-disabled", "true")
    assert building.office.seat(LEO).approve().status_code == 200
    sure.click()
    opened.sees("Already approved by Leo.")
    opened.picture("journey-already-320-light")
    building.office.run()
    assert charges(building) == [1800]


def test_a_lead_approves_first_and_then_the_customer_is_asked(building: Building) -> None:
    building.office.asks(18000)
    opened = building.opens(LEO, scheme="dark")
    opened.press("Approve…")
    opened.press("Approve: Refund USD 180.00, for Dana Customer (d•••@example.com)")
    opened.sees("Approved.")
    building.office.run()
    opened.sees("Waiting for the customer")
    opened.sees("Approved by Leo.")
    opened.fits()
    opened.picture("journey-both-320-dark")
    assert charges(building) == []
    building.office.customer_answers(1, "YES")
    opened.sees("Done on this ticket")
    assert charges(building) == [18000]


def test_nobody_answers_and_a_person_goes_on(building: Building) -> None:
    building.office.unproven()
    building.office.settle(hours=100)
    opened = building.opens()
    opened.sees("With a person")
    opened.fits()
    opened.picture("journey-expired-320-light")
    assert charges(building) == []


def test_a_light_agent_may_look_and_decide_nothing(building: Building) -> None:
    building.office.unproven()
    opened = building.opens(LOU)
    opened.sees("Refund USD 18.00")
    for name in ("Approve…", "Approve less…", "Decline…"):
        expect(opened.app.get_by_role("button", name=name, exact=True)).to_have_count(0)


def test_taking_over_stops_it_and_giving_back_goes_on(building: Building) -> None:
    building.office.unproven()
    opened = building.opens()
    opened.press("Take over")
    opened.sees("A colleague has it")
    building.office.run()
    opened.press("Give back")
    building.office.run()
    opened.sees("Waiting for you")
    assert charges(building) == []


def test_a_change_of_details_is_taken_back_from_the_sidebar(building: Building) -> None:
    office = building.office
    office.script(lambda case: {"actions": [PHONE]} if "number" in case.asked() else {"nothing_asked": True})
    office.handle("My new number is +49 30 7654321, please change it.")
    opened = building.opens()
    opened.press("Undo…")
    opened.press("Take back: Change the contact’s phone")
    opened.sees("Deskhand takes it back if it still can.")
    office.run()
    opened.sees("taken back")
    opened.fits()
    opened.picture("journey-undone-320-light")
    assert [contact["Phone"] for contact in office.salesforce.books()["contacts"].values()] == ["+49 30 1234567"]


def test_in_shadow_it_says_what_it_would_have_done(engine: Engine, host: str, open_at: Callable[..., Opened]) -> None:
    office = OpenOffice(engine)
    office.policy = office.policy.model_copy(update={"actions": {
        name: row.model_copy(update={"mode": "shadow"}) for name, row in office.policy.actions.items()}})
    building = Building(office, host, open_at)
    with on_loopback(building) as url:
        building.moved_in(url)
        office.asks(1800)
        opened = building.opens()
        opened.sees("Only watching")
        opened.fits()
        opened.picture("journey-shadow-320-light")
    assert office.refunds() == []


def test_the_sidebar_of_a_ticket_one_may_not_see_shows_nothing(building: Building) -> None:
    building.office.unproven()
    opened = building.opens(ticket=4711)
    opened.sees("You cannot see this here")
    opened.misses("Refund")


def test_the_readmes_picture_is_of_the_app_as_it_runs(building: Building, chromium: Any) -> None:
    """`scripts/pictures` puts what this leaves in var/pictures beside the README."""
    never_came(building.office)
    opened = building.opens()
    opened.sees("Waiting for you")
    opened.fits()
    taken = [opened.shoot("readme-card")]
    opened.press("Approve…")
    sure = opened.app.get_by_role("button", name="Approve: Refund USD 18.00")
    expect(sure).not_to_have_attribute("aria-disabled", "true")
    opened.fits()
    taken.append(PICTURES / "readme-approve.png")
    opened.app.locator(".step").screenshot(path=taken[-1])
    sure.click()
    opened.sees("Approved.")
    building.office.run()
    opened.sees("Done on this ticket")
    opened.misses("Approved.")
    opened.fits()
    taken.append(opened.shoot("readme-done"))
    assert side_by_side(chromium, taken, PICTURES / "sidebar.png") < 150_000


def side_by_side(chromium: Any, taken: list[Path], into: Path) -> int:
    """One picture of several; returns its size."""
    shown = "".join(f'<img src="data:image/png;base64,{base64.b64encode(one.read_bytes()).decode()}">' for one in taken)
    page = chromium.new_page(viewport={"width": 974, "height": 100})
    page.set_content(f'<body style="margin:16px;display:flex;gap:16px;align-items:start;background:#dfe5ea">{shown}')
    page.screenshot(path=into, full_page=True)
    page.close()
    return into.stat().st_size
