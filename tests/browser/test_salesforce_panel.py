"""The Lightning component in a real Chromium, on a page of ours; behind it Apex is played, or the product answers."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from sqlalchemy import Engine

from agent.published import Published
from scripts.salesforce.tools import Tools, installed
from tests.browser.conftest import CHROMIUM, PICTURES, playwright
from tests.browser.salesforce.played import Apex, PlayedApex, ScriptedApex, built, record_page
from tests.browser.served import on_loopback
from tests.browser.states import STATES, hostile
from tests.browser.test_hostile_texts import OURS
from tests.journeys.office import WORLD, Office, refund
from tests.journeys.sides import ORG
from tests.manifests.panel_states import CASE, ELSEWHERE, MORE, of_a_case
from webhooks.app import Health, create_app, people_doors
from webhooks.config import Roles
from webhooks.signed import SignedOrg

axe = pytest.importorskip("axe_playwright_python.base", reason="axe-core is not installed: uv sync")
ALL = {**STATES, **MORE}
MINE = STATES["waiting_for_me"]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
LOUD = ("serious", "critical")
WIDTHS = (320, 480)


class Shown:
    """The component as somebody looks at it, and what went wrong in it."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.wrong: list[str] = []
        self.asked: list[str] = []
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("console", lambda said: self.wrong.append(said.text) if said.type in ("error", "warning") else None)
        page.on("dialog", self._dismisses)
        page.on("request", lambda request: self.asked.append(request.url))
        self.panel = page.locator("c-deskhand-panel")

    def _dismisses(self, dialog: Any) -> None:
        self.wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def press(self, name: str) -> None:
        """As a person presses: once it can be pressed."""
        button = self.panel.get_by_role("button", name=name).first
        button.and_(self.panel.locator(":not([aria-disabled])")).click()

    def sees(self, words: str) -> None:
        playwright.expect(self.panel).to_contain_text(words)

    def is_called(self, words: str) -> None:
        playwright.expect(self.panel.locator("h2")).to_have_text(words)

    def focused(self) -> str:
        """What the keyboard is on, by its words."""
        return str(self.page.evaluate("""() => {
            let one = document.activeElement;
            while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
            return one?.innerText || one?.getAttribute('data-key') || one?.localName;
        }"""))

    def unfold(self) -> None:
        for summary in self.panel.locator("summary").all():
            summary.click()

    def problems(self) -> list[str]:
        self.page.evaluate(axe.AXE_FILE_PATH.read_text())
        found = self.page.evaluate("rules => axe.run(document, rules)", RULES)
        return [f"{one['id']}: {node['html']}" for one in found["violations"] if one["impact"] in LOUD
                for node in one["nodes"]]

    def picture(self, name: str) -> None:
        """To be looked at; taken only where somebody wants to (`scripts/pictures`)."""
        if os.environ.get("DESKHAND_PICTURES"):
            PICTURES.mkdir(parents=True, exist_ok=True)
            self.panel.screenshot(path=PICTURES / f"{name}.png", animations="disabled")


class Behind:
    """What plays Apex for the page that is open."""

    def __init__(self) -> None:
        self.apex: Apex = ScriptedApex()


@pytest.fixture(scope="module")
def tools() -> Tools:
    there = installed()
    if there is None:
        pytest.skip("The Salesforce checkers are not installed: scripts/check-salesforce --install")
    return there


@pytest.fixture(scope="module")
def served(tools: Tools, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Behind, str]]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    behind = Behind()
    scripts = built(tools, tmp_path_factory.mktemp("panel"))
    with on_loopback(record_page(scripts, lambda: behind.apex)) as url:
        yield behind, url


@pytest.fixture
def apex(served: tuple[Behind, str]) -> ScriptedApex:
    scripted = ScriptedApex()
    served[0].apex = scripted
    return scripted


Show = Callable[..., Shown]


@pytest.fixture
def show(chromium: Any, served: tuple[Behind, str]) -> Iterator[Show]:
    """Opens the record page of a case."""
    contexts = []

    def showing(case: str = CASE, *, width: int = 380, played: Apex | None = None,
                language: str = "en") -> Shown:
        if played is not None:
            served[0].apex = played
        context = chromium.new_context(viewport={"width": 700, "height": 1200}, timezone_id="UTC", locale="en-US")
        context.set_default_timeout(8_000)
        contexts.append(context)
        shown = Shown(context.new_page())
        shown.page.goto(f"{served[1]}/?" + urlencode(
            {"case": case, "width": width, "language": language}))
        return shown

    yield showing
    for context in contexts:
        context.close()


@pytest.mark.parametrize("name", ALL)
def test_each_state_fits_its_place_and_shuts_nobody_out(name: str, apex: ScriptedApex, show: Show) -> None:
    apex.state = of_a_case(ALL[name])
    shown = show()
    shown.panel.locator("footer").wait_for()
    for width in WIDTHS:
        shown.page.evaluate("width => document.documentElement.style.setProperty('--width', `${width}px`)", width)
        shown.picture(f"salesforce-{name}-{width}")
    shown.unfold()
    for width in WIDTHS:
        shown.page.evaluate("width => document.documentElement.style.setProperty('--width', `${width}px`)", width)
        wide: Any = shown.panel.locator("section.panel").evaluate("one => [one.scrollWidth, one.clientWidth]")
        assert wide[0] <= wide[1]
    assert shown.problems() == []
    assert shown.wrong == []


@pytest.mark.parametrize("name", ["waiting_less_only", "done_with_undo", "paused_admin", "long"])
def test_in_german_it_fits_its_place_too(name: str, apex: ScriptedApex, show: Show) -> None:
    apex.state = of_a_case(ALL[name])
    shown = show(width=320, language="de")
    shown.panel.locator("footer").wait_for()
    shown.picture(f"salesforce-{name}-320-de")
    shown.unfold()
    shown.sees("Wartet an anderen Kundenvorgängen")
    wide: Any = shown.panel.locator("section.panel").evaluate("one => [one.scrollWidth, one.clientWidth]")
    assert wide[0] <= wide[1]
    assert shown.problems() == []


@pytest.mark.parametrize(("name", "button"), [
    ("waiting_for_me", "Approve…"), ("waiting_for_me", "Approve less…"), ("waiting_for_me", "Decline…"),
    ("done_with_undo", "Undo…"), ("admin", "Pause…"), ("paused_admin", "Resume…")])
def test_no_step_shuts_anybody_out(name: str, button: str, apex: ScriptedApex, show: Show) -> None:
    apex.state = of_a_case(ALL[name])
    shown = show()
    shown.panel.locator("footer").wait_for()
    if button in ("Pause…", "Resume…"):
        shown.panel.get_by_text("Pause Deskhand").click()
    shown.press(button)
    shown.panel.locator(".step").wait_for()
    shown.picture(f"salesforce-step-{name}-{button.rstrip('…').replace(' ', '-').lower()}")
    assert shown.problems() == []


def test_while_it_reads_and_when_it_cannot_it_says_so(apex: ScriptedApex, show: Show) -> None:
    apex.answers["state"] = {"status": 403, "etag": None, "body": json.dumps(
        {"status": 403, "name": "case", "detail": "You cannot see this case. Ask whoever owns it for access."})}
    shown = show()
    shown.is_called("You cannot see this here")
    shown.sees("Ask whoever owns it for access.")
    shown.picture("salesforce-not-yours")
    assert shown.problems() == []


def test_a_card_is_approved_with_the_keyboard_alone(apex: ScriptedApex, show: Show) -> None:
    apex.state = of_a_case(MINE)
    shown = show()
    shown.panel.get_by_role("button", name="Approve…", exact=True).focus()
    shown.page.keyboard.press("Enter")
    playwright.expect(shown.panel.locator(".step")).to_be_visible()
    assert shown.focused().startswith("You approve:")
    shown.page.keyboard.press("Tab")
    named = "Approve: Refund USD 47.00, for Ana López (a•••@customer.example)"
    assert shown.focused() == named
    shown.panel.get_by_role("button", name=named).and_(shown.panel.locator(":not([aria-disabled])")).wait_for()
    apex.state = of_a_case(ALL["working"])
    shown.page.keyboard.press("Enter")
    shown.is_called("Working")
    assert apex.pressed == [("approve", {"caseId": CASE, "waitId": 7, "digest": "d" * 64, "amount": None})]
    assert shown.focused() == "Working"


def test_a_press_that_somebody_else_was_quicker_with_shows_how_it_stands(apex: ScriptedApex, show: Show) -> None:
    apex.state = of_a_case(MINE)
    shown = show()
    shown.press("Approve…")
    apex.state = of_a_case(ALL["done_without_undo"])
    apex.answers["approve"] = {"status": 409, "etag": None, "body": json.dumps(
        {"status": 409, "name": "decided", "detail": "Lou has decided this already.", "state": apex.state})}
    shown.press("Approve: Refund USD 47.00")
    shown.sees("Lou has decided this already. Before: Waiting for you. Now: Done.")
    shown.picture("salesforce-conflict")


def test_while_a_press_is_sent_nothing_else_can_be_pressed(apex: ScriptedApex, show: Show) -> None:
    apex.state = of_a_case(MINE)
    shown = show()
    shown.press("Approve…")
    apex.answering.clear()
    shown.press("Approve: Refund USD 47.00")
    playwright.expect(shown.panel.get_by_role("button", name="Sending…")).to_be_visible()
    playwright.expect(shown.panel.get_by_role("button", name="Take over")).to_have_attribute("aria-disabled", "true")
    shown.picture("salesforce-sending")
    apex.answering.set()
    shown.sees("Approved. Deskhand checks everything once more, then goes on.")
    assert [method for method, _ in apex.pressed] == ["approve"]


def test_what_waits_elsewhere_is_listed_and_opens_its_case(apex: ScriptedApex, show: Show) -> None:
    apex.state, apex.waiting = of_a_case(MINE), ELSEWHERE
    shown = show()
    shown.panel.get_by_text("Waiting on other cases").click()
    shown.picture("salesforce-elsewhere")
    shown.press("Open the case: Refund USD 12.00")
    assert shown.page.evaluate("globalThis.went") == ["500000000000002AAA"]


def test_our_own_hostile_texts_are_only_text(apex: ScriptedApex, show: Show) -> None:
    harmless(apex, show, OURS)


def test_collected_attacks_are_only_text_in_every_field(
        apex: ScriptedApex, show: Show, shared_data: Callable[[str], Any]) -> None:
    harmless(apex, show, shared_data("attacks/train_xss.json"))


PARTS = ("Card", "Customer", "Done", "Facts", "Pause", "Proof", "Said", "Shadow", "Sure", "Trail", "Waiting")
MAY_STAND = {f"c-deskhand-{part.lower()}" for part in PARTS} | {
    "article", "bdi", "blockquote", "button", "dd", "details", "div", "dl", "dt", "figcaption", "figure", "footer",
    "h2", "h3", "h4", "header", "li", "ol", "p", "section", "span", "strong", "summary", "time", "ul"}
INSIDE = """() => {
    const all = [];
    const walk = (root) => {
        for (const one of root.querySelectorAll('*')) { all.push(one); if (one.shadowRoot) walk(one.shadowRoot); }
    };
    walk(document.querySelector('c-deskhand-panel').shadowRoot);
    return [[...new Set(all.map((one) => one.localName))], all.flatMap((one) => one.getAttributeNames())
        .filter((name) => name.startsWith('on') || ['style', 'src', 'srcdoc', 'href'].includes(name))];
}"""


def harmless(apex: ScriptedApex, show: Show, texts: list[str]) -> None:
    """Shows each in every field of one panel, and then looks at all that was asked for."""
    apex.state = of_a_case(hostile("a harmless beginning"))
    shown = show()
    shown.sees("a harmless beginning")
    shown.page.evaluate("() => { window.alert = window.prompt = window.confirm = () => { window.ran = true; }; }")
    for text in texts:
        apex.state = of_a_case(hostile(text))
        shown.panel.get_by_role("button", name="Run again").and_(shown.panel.locator(":not([aria-disabled])")).click()
        shown.page.wait_for_function("""start => document.querySelector('c-deskhand-panel').shadowRoot
            .querySelector('c-deskhand-card')?.card.quote.startsWith(start)""", arg=text[:40])
        tags, attributes = shown.page.evaluate(INSIDE)
        assert set(tags) <= MAY_STAND, text
        assert attributes == [], text
    assert shown.page.evaluate("window.ran") is None
    assert shown.wrong == []
    assert {urlsplit(url).hostname for url in shown.asked} == {"127.0.0.1"}


ROLES = Roles(agent=("Deskhand_Agent",), lead=("Deskhand_Approver",))
MIA, LEO, ADA, SAM = (f"{name}@acme.example" for name in ("mia", "leo", "ada", "sam"))
"""An agent, a lead, a lead who is an admin, and somebody without a permission set of ours."""
SETS = {MIA: ["Deskhand_Agent"], LEO: ["Deskhand_Approver"], ADA: ["Deskhand_Approver", "Deskhand_Admin"], SAM: []}
USERS = [{"Name": email[:3].title(), "Email": email, "permission_sets": sets} for email, sets in SETS.items()]
WITH_THE_PACKAGE = {**WORLD, "salesforce": {**WORLD["salesforce"], "users": USERS,
                                            "package": {"named_credential": "https://deskhand.acme.example"}}}
Beside = Callable[..., Shown]


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine, helpdesk="salesforce", world=WITH_THE_PACKAGE)


@pytest.fixture
def beside(office: Office, show: Show) -> Beside:
    """Opens a case of the office as this colleague: the component, signed calls, the product's own API."""
    org = SignedOrg(ORG, (office.side.happens("certificate")["certificate"],))
    doors = people_doors(office.desk, ROLES, "https://deskhand.acme.example", org=org)
    client = create_app(Health(office.engine, lambda: "running", Published()), tuple(doors)).test_client()
    return lambda case, who: show(str(case), played=PlayedApex(client, office.side.happens, who))


def asks(office: Office, amount: int) -> str:
    """A goodwill ask: a colleague approves."""
    office.charge(amount, ago="-12d")
    asked = {"actions": [refund("c1", claim="goodwill", quote="my money back")]}
    office.planner.always = lambda case: asked  # type: ignore[attr-defined]
    return str(office.handle("Please send my money back."))


def test_a_case_is_approved_on_its_page_and_paid_once(office: Office, beside: Beside) -> None:
    case = asks(office, 1800)
    shown = beside(case, MIA)
    shown.is_called("Waiting for you")
    shown.picture("salesforce-real-waiting")
    shown.press("Approve…")
    shown.press("Approve: Refund USD 18.00")
    shown.sees("Approved. Deskhand checks everything once more, then goes on.")
    office.run()
    shown.is_called("Done")
    shown.picture("salesforce-real-done")
    assert [one["amount"] for one in office.refunds()] == [1800]
    assert shown.wrong == []


def test_less_is_approved_by_who_may_not_approve_the_whole(office: Office, beside: Beside) -> None:
    shown = beside(asks(office, 1800), MIA)
    shown.press("Approve less…")
    shown.panel.get_by_label("Amount in USD").fill("5,50")
    shown.press("Check amount")
    shown.press("Approve: Refund USD 5.50")
    shown.sees("Approved.")
    office.run()
    assert [one["amount"] for one in office.refunds()] == [550]


def test_what_one_declines_another_sees_instead_of_approving_it(office: Office, beside: Beside) -> None:
    case = asks(office, 1800)
    mia, leo = beside(case, MIA), beside(case, LEO)
    mia.press("Approve…")
    leo.press("Decline…")
    leo.panel.get_by_label("Why not?").fill("They were told no by phone.")
    leo.press("Decline")
    leo.sees("Declined. Your reason goes into the note.")
    mia.sees("Now:")
    assert office.refunds() == []


def test_a_change_of_details_is_taken_back_on_the_page(office: Office, beside: Beside) -> None:
    change = {"kind": "contact_change", "contact": "k1", "field": "phone", "value": "+49 30 7654321",
              "quote": "My new number is +49 30 7654321"}
    office.planner.always = lambda case: {"actions": [change]}  # type: ignore[attr-defined]
    case = str(office.handle("My new number is +49 30 7654321, please change it."))
    shown = beside(case, MIA)
    shown.is_called("Done")
    shown.press("Undo…")
    shown.press("Take back: ")
    shown.sees("Deskhand takes it back if it still can.")
    office.run()
    shown.is_called("Taken back")
    assert [one["Phone"] for one in office.salesforce.books()["contacts"].values()] == ["+49 30 1234567"]


def test_a_case_is_read_and_planned_again(office: Office, beside: Beside) -> None:
    shown = beside(asks(office, 1800), MIA)
    shown.press("Run again")
    shown.sees("Deskhand reads the case again.")
    office.run()
    shown.is_called("Waiting for you")


def test_taking_over_and_giving_back(office: Office, beside: Beside) -> None:
    shown = beside(asks(office, 1800), LEO)
    shown.press("Take over")
    shown.is_called("A colleague has it")
    shown.press("Give back")
    shown.sees("Deskhand goes on.")


def test_an_admin_pauses_refunds_and_lets_them_go_on(office: Office, beside: Beside) -> None:
    shown = beside(asks(office, 1800), ADA)
    shown.panel.get_by_text("Pause Deskhand").click()
    shown.press("Pause…")
    shown.panel.get_by_label("Refunds only").check()
    shown.panel.get_by_label("Reason").fill("month's end")
    shown.press("Pause now")
    shown.sees("Paused: ")
    shown.picture("salesforce-real-paused")
    shown.press("Resume…")
    shown.press("Resume now")
    shown.sees("Holds for all cases.")


def test_who_has_no_permission_set_of_ours_may_only_look(office: Office, beside: Beside) -> None:
    shown = beside(asks(office, 1800), SAM)
    shown.sees("may look, not approve")
    playwright.expect(shown.panel.get_by_role("button", name="Approve…", exact=True)).to_have_count(0)
