"""The customer's yes on a page: to exactly this, once, in time, and never by a machine that opens links."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from typing import Any

import pytest
from sqlalchemy import Engine

from agent.consent import approval, waits
from agent.consent.approval import Colleague
from agent.phrases import QUESTIONS
from tests.journeys.test_consent_attacked import paused
from tests.webhooks.opened import OpenOffice
from webhooks.confirm_words import WORDS

GONE = 410


@pytest.fixture
def office(engine: Engine) -> OpenOffice:
    return OpenOffice(engine)


@pytest.fixture
def link(office: OpenOffice) -> str:
    """What the customer was sent, for a refund of USD 47.00 to a Visa that ends in 4242."""
    office.asks(4700)
    return office.link()


def states(office: OpenOffice) -> list[str]:
    return [wait.state for wait in office.waits(("open", "given", "used", "expired", "away", "void", "declined"))]


def test_the_page_states_exactly_what_would_be_done_and_changes_nothing(office: OpenOffice, link: str) -> None:
    page = office.client.get(link)
    assert page.status_code == 200
    assert "We’re ready to send USD 47.00 back to your Visa card." in page.text
    assert "last four digits" in page.text
    assert "4242" not in page.text
    assert states(office) == ["open"]


def test_with_the_cards_last_digits_it_is_confirmed_and_done(office: OpenOffice, link: str) -> None:
    page = office.client.post(link, data={"typed": " 4242 "})
    assert page.status_code == 200
    assert "Thank you. We check everything once more" in page.text
    assert "<form" not in page.text
    office.run()
    assert office.refunded() == {"usd": 4700}
    assert "We have sent USD 47.00" in office.replies(1)[1]
    assert "The customer confirmed it on the page" in [one["words"] for one in office.seat().state()["trail"]]


@pytest.mark.parametrize("typed", ["47", "47,00", "47.00", "USD 47.00", "usd47", "47 USD", "$47.00", "47,00 USD"])
def test_where_no_digits_are_known_the_amount_is_typed(office: OpenOffice, typed: str) -> None:
    wait = paid_with(office, "paypal")
    page = office.client.get(wait).text
    assert "ready to send the amount in our message back to the payment method you used (PayPal)." in page
    assert "type the amount" in page
    confirmed = office.client.post(wait, data={"typed": typed}).text
    assert "Thank you" in confirmed
    assert "ready to send USD 47.00 back" in confirmed
    assert states(office) == ["given"]


@pytest.mark.parametrize("language", QUESTIONS)
def test_what_is_to_be_typed_stands_in_our_message_and_nowhere_on_the_page(office: OpenOffice, language: str) -> None:
    link, headers = paid_with(office, "paypal"), {"Accept-Language": language}
    pages = [office.client.get(link, headers=headers),
             *(office.client.post(link, data={"typed": typed}, headers=headers) for typed in ("yes", "48.00"))]
    for page in pages:
        assert f'<html lang="{language}">' in page.text
        assert page.text.count(WORDS[language]["untold"]) == 2
        assert not {"47", "12"} & set(re.findall(r"\d+", re.sub(r"<[^>]*>", " ", page.text)))


@pytest.mark.parametrize("typed", ["4.70", "470", "48", "47.01", "EUR 47.00", "-47", "4 7 0 0", "47.001", "٤٧"])
def test_another_amount_is_no_yes(office: OpenOffice, typed: str) -> None:
    assert "Thank you" not in office.client.post(paid_with(office, "paypal"), data={"typed": typed}).text
    assert states(office) == ["open"]


def paid_with(office: OpenOffice, kind: str, last4: str | None = None) -> str:
    """The link of a wait whose payment was made otherwise than with a card."""
    office.asks(4700)
    (wait,) = office.waits()
    with office.engine.begin() as c:
        person = office.vault.person_by_id(c, c.exec_driver_sql("select person_id from tickets").scalar_one())
        kept = person.open(wait.asked or b"", "asked")
        kept["charge"]["method"] = {"kind": kind, "brand": None, "last4": last4}
        c.execute(waits.waits.update().values(asked=person.seal(kept, "asked")))
    return office.link()


def test_of_a_debited_bank_account_its_own_digits_are_typed(office: OpenOffice) -> None:
    link = paid_with(office, "sepa_debit", "3000")
    page = office.client.get(link).text
    assert "We’re ready to send USD 47.00 back to your bank account." in page
    assert "the last four digits of this account" in page
    assert "card" not in page
    assert "Thank you" in office.client.post(link, data={"typed": "3000"}).text


def test_digits_that_our_message_does_not_name_are_not_asked_for(office: OpenOffice) -> None:
    link = paid_with(office, "something_new", "3000")
    assert "type the amount" in office.client.get(link).text
    assert "Thank you" in office.client.post(link, data={"typed": "47.00"}).text


def test_it_speaks_the_browsers_language_else_the_customers(office: OpenOffice, link: str) -> None:
    german = office.client.get(link, headers={"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"})
    assert "Wir können 47,00 USD auf Ihre Visa-Karte zurückzahlen." in german.text
    assert '<html lang="de">' in german.text
    assert "We’re ready to send USD 47.00" in office.client.get(link, headers={"Accept-Language": "ja"}).text


def test_a_browser_is_answered_in_the_language_it_likes_best_whatever_the_region(office: OpenOffice, link: str) -> None:
    for wanted, language in (("en-GB, de;q=0.5", "en"), ("fr-CA", "fr"), ("de;q=0, it-CH", "it"), ("pl, *", "pl")):
        page = office.client.get(link, headers={"Accept-Language": wanted})
        assert f'<html lang="{language}">' in page.text


def test_the_page_says_the_same_in_every_language_an_answer_is_read_in() -> None:
    assert set(WORDS) == set(QUESTIONS)
    for language, words in WORDS.items():
        assert words.keys() == WORDS["en"].keys(), language
        for name, said in words.items():
            assert set(re.findall(r"{\w+}", said)) == set(re.findall(r"{\w+}", WORDS["en"][name])), (language, name)



def test_a_wrong_answer_may_be_mended(office: OpenOffice, link: str) -> None:
    assert "That is not right." in office.client.post(link, data={"typed": "4243"}).text
    assert "Thank you" in office.client.post(link, data={"typed": "4242"}).text


def test_after_five_wrong_answers_the_page_is_dead_and_a_reply_still_counts(office: OpenOffice, link: str) -> None:
    for n in range(4):
        assert office.client.post(link, data={"typed": f"000{n}"}).status_code == 200
    assert office.client.post(link, data={"typed": "0009"}).status_code == GONE
    dead = office.client.post(link, data={"typed": "4242"})
    assert (dead.status_code, "too many wrong tries" in dead.text, "<form" in dead.text) == (GONE, True, False)
    assert states(office) == ["open"]
    office.customer_answers(1, "YES")
    assert office.refunded() == {"usd": 4700}


def test_tries_side_by_side_are_counted_one_by_one(office: OpenOffice, link: str) -> None:
    def guess(n: int) -> int:
        return office.app.test_client().post(link, data={"typed": f"{n:04}"}).status_code

    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(guess, range(24)))
    assert (given.count(200), given.count(GONE)) == (4, 20)
    assert states(office) == ["open"]


@pytest.mark.parametrize("typed", ["", " ", "yes", "42", "42424242", "4242x", "٤٢٤٢", "4" * 5000, "<b>4242</b>"])
def test_what_cannot_be_an_answer_is_no_try(office: OpenOffice, link: str, typed: str) -> None:
    for _ in range(6):
        assert "Thank you" not in office.client.post(link, data={"typed": typed}).text
    assert "Thank you" in office.client.post(link, data={"typed": "4242"}).text


def test_once_confirmed_it_is_over(office: OpenOffice, link: str) -> None:
    office.client.post(link, data={"typed": "4242"})
    for page in (office.client.get(link), office.client.post(link, data={"typed": "4242"})):
        assert (page.status_code, "answered already" in page.text) == (GONE, True)
        assert "47.00" not in page.text
    office.run()
    office.settle()
    assert office.refunded() == {"usd": 4700}


def test_confirmed_by_eight_at_once_it_happens_once(office: OpenOffice, link: str) -> None:
    def yes(_: int) -> bool:
        return "Thank you" in office.app.test_client().post(link, data={"typed": "4242"}).text

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(yes, range(8))) == 1
    office.run()
    office.settle()
    assert office.refunded() == {"usd": 4700}


def test_after_72_hours_it_is_too_late(office: OpenOffice, link: str) -> None:
    office.clock.forward(hours=72)
    for page in (office.client.get(link), office.client.post(link, data={"typed": "4242"})):
        assert (page.status_code, "time to confirm has run out" in page.text) == (GONE, True)
    office.settle(hours=2)
    assert office.refunds() == []


def test_after_a_reply_the_page_asks_no_more(office: OpenOffice, link: str) -> None:
    office.customer_answers(1, "No")
    assert office.client.post(link, data={"typed": "4242"}).status_code == GONE
    assert office.refunds() == []


def test_while_a_colleague_has_the_ticket_the_page_asks_no_more(office: OpenOffice, link: str) -> None:
    seat = office.seat()
    seat.ticket("take-over")
    assert office.client.post(link, data={"typed": "4242"}).status_code == GONE
    seat.ticket("give-back")
    assert "Thank you" in office.client.post(link, data={"typed": "4242"}).text


def test_where_it_was_asked_once_more_an_older_link_leads_to_the_newest_message(
        office: OpenOffice, link: str) -> None:
    paused(office, on=True)
    office.client.post(link, data={"typed": "4242"})
    office.customer_answers(1, "Could you also tell me your opening hours?")
    for page in (office.client.get(link), office.client.post(link, data={"typed": "4242"})):
        assert page.status_code == GONE
        assert "We have written to you again since. Please use the newest message." in page.text
        assert "<form" not in page.text
    paused(office, on=False)
    office.client.post(office.link(), data={"typed": "4242"})
    office.run()
    assert office.refunded() == {"usd": 4700}
    assert "This was answered already" in office.client.get(link).text


def test_an_older_amount_cannot_be_confirmed_any_more(office: OpenOffice) -> None:
    office.asks(18000)
    (wait,) = office.waits()
    lead = Colleague("77", "Lena", "lead")
    approval.approve(office.desk, wait.id, wait.shown, lead)
    office.run()
    older = office.link()
    charge = office.stripe.books()["charges"][1]["id"]
    office.happens("stripe", "dashboard_refund", charge=charge, amount=5000)
    office.customer_answers(1, "I was charged twice, still waiting")
    office.client.post(older, data={"typed": "4242"})
    office.run()
    office.settle(hours=2)
    assert office.refunded() == {"usd": 5000}


@pytest.mark.parametrize("token", ["A" * 43, "A" * 42, "x", "<script>alert(1)</script>", "..%2f..%2fetc", "%00",
                                   "é" * 43])
def test_an_unknown_address_is_a_calm_page_that_repeats_nothing(office: OpenOffice, link: str, token: str) -> None:
    path = f"/confirm/{token}"
    for page in (office.client.get(path), office.client.post(path, data={"typed": "4242"})):
        assert page.status_code == 404
        assert "<script>alert" not in page.text
        assert "AAAA" not in page.text
    assert states(office) == ["open"]


def test_of_an_erased_customer_nothing_is_shown(office: OpenOffice, link: str) -> None:
    with office.engine.begin() as c:
        person = c.exec_driver_sql("select person_id from tickets").scalar_one()
        office.vault.erase(c, person, office.clock())
    page = office.client.post(link, data={"typed": "4242"})
    assert (page.status_code, "47.00" in page.text) == (404, False)


def test_only_the_tokens_hash_is_kept(office: OpenOffice, link: str) -> None:
    token = link.rsplit("/", 1)[-1]
    with office.engine.connect() as c:
        for table in ("waits", "audit", "operations", "proposals", "decisions"):
            assert token not in str(c.exec_driver_sql(f"select * from {table}").all())  # noqa: S608 - our own names


def test_nobody_keeps_the_page_frames_it_or_learns_its_address(office: OpenOffice, link: str) -> None:
    for page in (office.client.get(link), office.client.post(link, data={"typed": "1"})):
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert page.headers["Content-Security-Policy"] == (
            "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; style-src 'self'")
        assert "Set-Cookie" not in page.headers
        assert "<script" not in page.text
        assert re.findall(r'(?:src|href|action)="(?!/static/)([^"]*)"', page.text) == []


def test_it_raises_no_evidence_level(office: OpenOffice, link: str) -> None:
    office.client.post(link, data={"typed": "4242"})
    office.run()
    with office.engine.connect() as c:
        levels = {row[0]["evidence"] for row in c.exec_driver_sql("select facts from decisions").all()}
    assert levels == {"E2"}


def test_without_a_public_address_there_is_no_link_and_no_page(engine: Engine) -> None:
    office = OpenOffice(engine)
    office.desk = office._desk()
    office.asks(4700)
    assert "http" not in office.replies(1)[0]
    assert office.waits()[0].token_hash is None


class Forms(HTMLParser):
    """Every form of a page, with the fields as a machine finds them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []
        self.buttons: dict[str, str] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append({})
        elif tag in ("input", "button", "select", "textarea") and self.forms and "name" in given:
            self.forms[-1][given["name"]] = given.get("value", "")


def presses(seed: int, text: str) -> list[dict[str, str]]:
    """What a scanner sends: each form as found, empty, filled at random, and with words it finds on the page."""
    rng = random.Random(seed)
    words = re.findall(r"[\w.,]+", re.sub(r"<[^>]*>", " ", text))
    fill: list[Callable[[], str]] = [
        lambda: "", lambda: "yes", lambda: "on", lambda: "1", lambda: "test@example.com", lambda: rng.choice(words),
        lambda: "".join(rng.choices(string.ascii_letters + string.digits, k=8)),
    ]
    forms = Forms(text).forms
    return [*forms, *({name: rng.choice(fill)() for name in form} for form in forms), {"confirm": "yes"}, {}]


def test_sixty_mail_scanners_confirm_nothing_and_the_customer_still_can(office: OpenOffice, link: str) -> None:
    for seed in range(60):
        scanner = office.app.test_client()
        text = scanner.get(link, headers={"User-Agent": f"scanner/{seed}"}).text
        scanner.head(link)
        scanner.options(link)
        for data in presses(seed, text):
            answer: Any = scanner.post(link, data=data)
            assert answer.status_code == 200
            assert "Thank you" not in answer.text
        for method in ("PUT", "PATCH", "DELETE"):
            assert scanner.open(link, method=method).status_code == 405
    assert states(office) == ["open"]
    assert "Thank you" in office.client.post(link, data={"typed": "4242"}).text
