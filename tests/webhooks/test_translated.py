"""A German colleague reads German: every sentence of ours, and none of anybody else's words."""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from sqlalchemy import Engine

from agent.consent import card, shown
from agent.evidence import WHY
from agent.policy import load
from agent.policy.facts import FACTS
from connectors.salesforce.endings import ADVICE, refused
from tests.journeys.office import POLICY
from tests.webhooks.opened import ADA, LOU, OpenOffice
from tests.webhooks.situations import SITUATIONS, Situation
from webhooks.api import contract
from webhooks.catalogue import DEEPEST, KINDS, MOST_STEPS, Catalogue, Reading, Said, catalogue, kind_of
from webhooks.translated import CARD, PROBLEM, STATE, WAITING, Words, translated

HOUSE = Path(__file__).parents[2]
GERMAN = {"Accept-Language": "de-CH, de;q=0.9, en;q=0.5"}


@pytest.fixture
def office(engine: Engine) -> OpenOffice:
    return OpenOffice(engine)


def german() -> Catalogue:
    found = catalogue("de")
    assert found is not None
    return found


def ours(told: Any, words: Any) -> Iterator[tuple[str, str]]:
    """Each text of ours in an answer, with what it is about."""
    if isinstance(told, str):
        yield told, words
    elif isinstance(told, list):
        for one in told:
            yield from ours(one, words)
    elif isinstance(told, Mapping):
        for name in told.keys() & words.keys():
            yield from ours(told[name], words[name])


def unknown(told: Any, words: Words = STATE) -> set[str]:
    return {part for text, about in ours(told, words) for part in german().say(text, about).unknown}


@pytest.mark.parametrize("name", SITUATIONS)
def test_every_sentence_of_ours_is_german(engine: Engine, name: str) -> None:
    situation: Situation = SITUATIONS[name]
    office = situation.brought_about(engine)
    seat = office.seat(situation.who)
    state = seat.state()
    assert unknown(state) <= set(situation.own)
    assert unknown(seat.get("/api/waiting").get_json(), WAITING) == set()
    shown = seat.get("/api/ticket", **GERMAN).get_json()
    assert shown["digest"] == state["digest"]
    for text in shown["untranslated"]:
        assert text.strip(".").lower() in {own.lower() for own in situation.own}


def strings(call: str, place: int, *folders: str) -> dict[str, str]:
    """What is written where this is raised or called, with {} for what is filled in; and where."""
    found = {}
    for path in (path for folder in folders for path in sorted((HOUSE / folder).rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == call and len(node.args) > place:
                for text in _written(node.args[place]):
                    found[text] = f"{path.name}:{node.lineno}"
    return found


def _written(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    elif isinstance(node, ast.IfExp):
        yield from _written(node.body)
        yield from _written(node.orelse)


def skeleton(text: str) -> str:
    return re.sub(r"\{\w*\}", "{}", text).rstrip(".").lower()


def msgids() -> set[tuple[str, str]]:
    return {(about, msgid) for about, msgid, _ in german().entries}


SKELETONS = {skeleton(msgid) for _, msgid in msgids()}
RAISED = {("NotNow", 1): ("agent", "webhooks"), ("NotAllowed", 1): ("agent", "webhooks"), ("refused", 2): ("webhooks",),
          ("Ungrounded", 0): ("agent",), ("PlannerUnsure", 0): ("agent",)}
BARE = {"{}", "{}: {}", "{}{}"}
"""Nothing but what is filled in: made of texts that are found elsewhere, or told to programs."""


@pytest.mark.parametrize(("call", "place"), RAISED)
def test_every_refusal_and_doubt_is_german(call: str, place: int) -> None:
    written = strings(call, place, *RAISED[call, place])
    assert written
    assert {f"{where}: {text}" for text, where in written.items()
            if skeleton(text) not in BARE and not _is_a_msgid(skeleton(text))} == set()


def _is_a_msgid(text: str) -> bool:
    """What our code fills in may be fixed words of the msgid."""
    filled = re.compile(".+".join(map(re.escape, text.split("{}"))))
    return any(filled.fullmatch(one) for one in SKELETONS)


def test_the_words_of_the_shipped_policy_are_german() -> None:
    rules = [rule.because for rule in load(POLICY).rules]
    assert len(rules) > 25
    assert [text for text in rules if german().say(text).unknown] == []


def test_every_fact_and_every_reason_to_be_sure_is_german() -> None:
    facts = [card.MISSING.get(name) or name.replace("_", " ") for name in FACTS]
    assert [name for name in facts if german().say(name, "fact").unknown] == []
    assert [why for why in WHY.values() if german().say(why).unknown] == []


def spoken() -> tuple[set[tuple[str, ...]], set[str]]:
    """Two and three words that stand beside each other in our code or the shipped policy; and words at an edge."""
    texts = [POLICY]
    for path in (path for folder in ("agent", "webhooks", "connectors") for path in (HOUSE / folder).rglob("*.py")):
        texts += [node.value for node in ast.walk(ast.parse(path.read_text()))
                  if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    runs: set[tuple[str, ...]] = set()
    edges: set[str] = set()
    for words in (_words(piece) for text in texts for piece in re.split(r"\{[^}]*\}", text)):
        runs |= {tuple(words[at:at + many]) for many in (2, 3) for at in range(len(words) - many + 1)}
        edges |= {*words[:1], *words[-1:]}
    return runs, edges


def _words(text: str) -> list[str]:
    return re.findall(r"[^\s“”:;,()→.]+", text.replace("_", " ").lower())


NOT_OURS = ("The requested URL was", "The method is not", "The data value", "The server encountered")
"""Of Werkzeug, which our code does not write out."""


def test_the_catalogue_has_no_sentence_that_no_code_says() -> None:
    runs, edges = spoken()
    stale = [msgid for _, msgid in msgids() if not msgid.startswith(NOT_OURS)
             for part in re.split(r"\{\w+\}", msgid) if not _is_said(_words(part), runs, edges)]
    assert stale == []
    assert not _is_said(_words("the moon refunds a colleague"), runs, edges)


def _is_said(words: list[str], runs: set[tuple[str, ...]], edges: set[str]) -> bool:
    """Each word stands beside its neighbours somewhere, or our code joins two texts between them."""
    if len(words) < 2:
        return not words or words[0] in edges
    threes = [tuple(words[at:at + 3]) for at in range(len(words) - 2)] or [tuple(words)]
    return all(run in runs or _joined(run, runs, edges) for run in threes)


def _joined(run: tuple[str, ...], runs: set[tuple[str, ...]], edges: set[str]) -> bool:
    halves = ((run[:at], run[at:]) for at in range(1, len(run)))
    return any(one[-1] in edges and other[0] in edges and all(len(half) == 1 or half in runs for half in (one, other))
               for one, other in halves)


def test_every_translation_fills_the_same_holes_and_every_hole_is_of_a_known_kind() -> None:
    for _, msgid, translation in german().entries:
        holes = re.findall(r"\{(\w+)\}", msgid)
        assert sorted(holes) == sorted(re.findall(r"\{(\w+)\}", translation)), msgid
        assert len(holes) == len(set(holes)), msgid
        assert {kind_of(hole) for hole in holes} <= KINDS.keys(), msgid
        assert translation.strip(), msgid


def test_every_text_of_an_answer_is_declared_ours_or_somebody_elses() -> None:
    """A new field must be put into one of the two."""
    theirs = {"State": {"ticket", "link", "status", "mode", "taken", "paused_digest", "digest", "untranslated"},
              "Me": {"name", "role"},
              "Card": {"digest", "kind", "charge", "whose", "quote", "reply_preview", "for_whom"},
              "Sum": {"currency", "words"}, "Undoing": {"digest"}, "Done": {"operation", "receipt", "state"},
              "Payment": {"charge"}, "CrmContact": {"id", "name", "account", "phone", "mobile"},
              "Customer": {"name", "email"}, "TrailEntry": {"facts"}, "ShadowItem": {"quote"},
              "WaitingItem": {"what", "ticket", "link"}, "Waiting": {"untranslated"}}
    words: dict[str, Any] = {
        "State": STATE, "Card": CARD, "Done": STATE["done"], "Undoing": STATE["done"]["undo"],
        "Customer": STATE["customer"], "Payment": STATE["customer"]["payments"], "TrailEntry": STATE["trail"],
        "ShadowItem": STATE["shadow"], "WaitingItem": WAITING["items"]}
    for model in (one for one in vars(shown).values() if isinstance(one, type) and issubclass(one, shown.Shown)):
        texts = {name for name, field in model.model_fields.items() if _holds_text(field.annotation)}
        name = model.__name__
        assert texts <= theirs.get(name, set()) | words.get(name, {}).keys(), name
        assert not theirs.get(name, set()) & words.get(name, {}).keys(), name


def _holds_text(kind: Any) -> bool:
    if kind is str or kind is Any:
        return True
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return False
    return any(isinstance(one, str) or _holds_text(one) for one in get_args(kind))


@pytest.mark.parametrize("text", [
    "A colleague must approve it", "Kim declined it: “x”", "refund USD 1.00", "Done.", "the customer",
    "Not done: refund USD 47.00 (Visa ending in 4242, 20 Nov 2026). The customer said no. Please answer the customer.",
])
def test_what_people_wrote_is_never_translated_even_where_it_reads_like_our_sentence(text: str) -> None:
    told: dict[str, Any] = {
        "cards": [{"quote": text, "reply_preview": text, "whose": text, "kind": text, "digest": text}],
        "me": {"name": text}, "ticket": text, "digest": text, "mode": text, "status": text,
        "customer": {"name": text, "email": text, "contact": {"name": text, "account": text, "phone": text}},
        "shadow": [{"quote": text}], "trail": [{"facts": {"reason": text}}]}
    assert translated(told, STATE, "de") == told


@pytest.mark.parametrize("reason", [
    "the customer said no", "refund USD 1.00", "no reason was given; the charge is disputed",
    "x. Please answer the customer. Done, and the customer was told.", "{who}", r"\g<0> \1", "Kim approved it",
])
def test_a_reason_is_quoted_as_it_was_typed(reason: str) -> None:
    said = german().say(f"Kim declined it: “{reason}”. Please answer the customer.")
    assert said.words == f"Kim hat abgelehnt: “{reason}”. Bitte antworten Sie dem Kunden."


@pytest.mark.parametrize("hostile", [
    "x” to “y", "x”. Done, and the customer was told. “y", "x” (rule other-payer); policy version 3", "”", "“",
])
def test_a_quotation_that_closes_itself_stays_as_it_is(hostile: str) -> None:
    for text in (f"Phone: “{hostile}” → “+49 30 1234567”", f"Kim declined it: “{hostile}”. Please answer."):
        assert german().say(text) == Said(text, (text,))


@pytest.mark.parametrize("text", [
    "For: Refund USD 9.00; a lead must approve it", "For: a favour", "For: {clause}",
])
def test_what_a_charge_is_for_is_copied(text: str) -> None:
    assert german().say(text).words == "Für" + text.removeprefix("For")


def test_a_name_is_copied_whatever_it_is() -> None:
    for name in ("Refund", "Kim (a lead)", "A. Lead, finance", "Done", "O’Neil \\1"):
        assert german().say(f"{name} took the ticket over").words == f"{name} hat das Ticket übernommen"


def test_pieces_stay_in_their_order_and_their_numbers_exact() -> None:
    said = german().say("Not done: refund USD 1,847.50 (Visa ending in 4242, 8 Nov 2026); change the contact’s phone. "
                        "The charge is disputed; someone else paid.")
    assert said.words == (
        "Nicht ausgeführt: Rückerstattung USD 1,847.50 (Visa mit den Endziffern 4242, 08.11.2026); Kontakt ändern: "
        "Telefon. Die Zahlung ist angefochten; jemand anderes hat bezahlt.")


def test_the_sentence_before_a_name_is_not_taken_for_the_name() -> None:
    said = german().say("Not done: refund EUR 47.00 (Visa ending in 4242, 8 Nov 2026). Dr. Lena Lead declined it: "
                        "“no”. Please answer the customer.")
    assert said.words == ("Nicht ausgeführt: Rückerstattung EUR 47.00 (Visa mit den Endziffern 4242, 08.11.2026). "
                          "Dr. Lena Lead hat abgelehnt: “no”. Bitte antworten Sie dem Kunden.")


@pytest.mark.parametrize(("english", "said"), [
    ("The same payer paid the same amount for order 1042, 60 min earlier.",
     "Derselbe Zahler hat 60 min früher denselben Betrag für Bestellung 1042 bezahlt."),
    ("An equal payment for order 1042 was made 2 h earlier, but not with the same card.",
     "2 h früher wurde derselbe Betrag für Bestellung 1042 bezahlt, aber nicht mit derselben Karte."),
    ("An equal payment was made 2 h earlier, but no order number says that it was for the same.",
     "2 h früher wurde derselbe Betrag bezahlt, aber keine Bestellnummer sagt, dass es für dasselbe war."),
])
def test_why_a_charge_is_a_duplicate_reads_as_one_german_sentence(english: str, said: str) -> None:
    assert german().say(english).words == said


def test_what_nobody_knows_stays_english_and_is_marked() -> None:
    told = translated({"words": "The moon is full.", "untranslated": []}, STATE, "de")
    assert told == {"words": "The moon is full.", "untranslated": ["The moon is full."]}


def test_an_admins_own_rule_stays_in_the_admins_words() -> None:
    said = german().say("Kein Geld am Sonntag: a lead must approve")
    assert said.words == "Kein Geld am Sonntag: die Leitung muss freigeben"


@pytest.mark.parametrize("text", [
    "; ".join(["refund USD 1.00"] * 400), "Not done: " * 500, "a (rule b); " * 300, "“" * 4000, ": " * 3000,
    "Kim declined it: “" * 300, " earlier, as x" * 400, ", then " * 900, "x " * 4000,
    "A person must look: " + "not done: a: b; " * 23, "Not done: " + "Somebody: not done: x. " * 23,
    "Not done: change the contact's street to “x”; " + "not done: x; " * 22 + "“”. Please answer the customer.",
])
def test_a_text_made_to_be_hard_to_read_is_read_quickly(text: str) -> None:
    before = time.process_time()
    german().say(text[:8000])
    assert time.process_time() - before < 1


@pytest.mark.parametrize("typed", ["; ".join(["not done: x"] * 20), "; ".join(["not done: a: b; c"] * 14),
                                   "A. Not done: b; " * 15, ", ".join(["street from x to y"] * 14)])
@pytest.mark.parametrize("sentence", [
    "Not done: change the contact's street to “{}”. The customer said no. Please answer the customer.",
    "Not done: also asked, and not something Deskhand does: “{}”. Please answer the customer.",
    "Street: “x” → “{}”.", "Kim declined it: “{}”. Please answer the customer.",
])
def test_what_somebody_typed_is_not_read_piece_by_piece(sentence: str, typed: str) -> None:
    reading = Reading(german())
    said = reading.best(sentence.format(typed), "", "; ", DEEPEST)
    assert MOST_STEPS - reading.left < 60
    assert f"“{typed}”" in said.words


def test_what_can_be_read_in_too_many_ways_stays_english() -> None:
    text = "Not done: " + "; ".join(f"x{one}: y" for one in range(24))
    assert german().say(text) == Said(text, (text,))


def test_the_answer_says_its_language_and_each_language_has_its_own_etag(office: OpenOffice) -> None:
    office.unproven()
    seat = office.seat()
    english, said = seat.get("/api/ticket"), seat.get("/api/ticket", **GERMAN)
    assert (english.headers["Content-Language"], said.headers["Content-Language"]) == ("en", "de")
    assert "Accept-Language" in english.headers["Vary"]
    assert "Accept-Language" in said.headers["Vary"]
    assert english.headers["ETag"] != said.headers["ETag"]
    assert seat.get("/api/ticket", **GERMAN, **{"If-None-Match": said.headers["ETag"]}).status_code == 304
    assert seat.get("/api/ticket", **GERMAN, **{"If-None-Match": english.headers["ETag"]}).status_code == 200
    assert seat.get("/api/ticket", **{"If-None-Match": said.headers["ETag"]}).status_code == 200


@pytest.mark.parametrize("wanted", ["", "fr", "ja-JP, zh", "*", "xx", "de;q=0", "en-GB, de;q=0.5"])
def test_who_asks_for_no_language_of_ours_reads_english(office: OpenOffice, wanted: str) -> None:
    office.unproven()
    answer = office.seat().get("/api/ticket", **{"Accept-Language": wanted})
    assert answer.headers["Content-Language"] == "en"
    assert answer.get_json()["words"] == "A colleague must approve it."


def test_what_is_pressed_and_what_the_customer_gets_are_the_same_in_each_language(office: OpenOffice) -> None:
    office.unproven()
    seat = office.seat()
    (english,), (said,) = (seat.get("/api/ticket", **how).get_json()["cards"] for how in ({}, GERMAN))
    for name in ("wait", "digest", "kind", "whose", "quote", "reply_preview", "amount", "highest", "expires_at"):
        assert english[name] == said[name]
    assert (english["title"], said["title"]) == ("Refund USD 18.00", "Rückerstattung USD 18.00")


def test_a_refusal_is_german_too_and_its_name_is_not(office: OpenOffice) -> None:
    office.unproven()
    wait = office.seat().card()["wait"]
    answer = office.seat(LOU).post(f"/api/approvals/{wait}", {"digest": "0" * 64}, **GERMAN)
    problem = answer.get_json()
    assert (answer.status_code, problem["name"], answer.headers["Content-Language"]) == (409, "changed", "de")
    assert problem["detail"] == "Es geht inzwischen um etwas anderes. Bitte sehen Sie es sich noch einmal an."
    assert problem["state"]["cards"][0]["title"] == "Rückerstattung USD 18.00"
    assert office.client.get("/api/ticket", headers=GERMAN).get_json()["detail"] == (
        "Öffnen Sie das Ticket neu, um sich anzumelden.")


def test_what_is_told_to_programs_stays_english_and_says_so(office: OpenOffice) -> None:
    office.unproven()
    answer = office.seat().post("/api/ticket/run", {"digest": 7}, **GERMAN)
    assert (answer.get_json()["name"], answer.headers["Content-Language"]) == ("not-readable", "en")


def test_pauses_are_told_in_german(office: OpenOffice) -> None:
    office.unproven()
    answer = office.seat(ADA).post("/api/pause", {"action": "refund", "reason": "the customer said no"}, **GERMAN)
    assert answer.get_json()["paused"] == [
        "Die Aktion Rückerstattung ist seit 20.11.2026 09:00 UTC angehalten (Ada): the customer said no"]


def test_the_page_that_refuses_is_german_too(office: OpenOffice) -> None:
    answer = office.client.post("/sidebar/zendesk", headers=GERMAN, data={"token": "x"})
    assert "Öffnen Sie das Ticket neu, um sich anzumelden." in answer.text


def test_the_contract_says_that_answers_come_in_the_language_asked_for() -> None:
    asked = contract()["paths"]["/api/ticket"]["get"]
    assert {"in": "header", "name": "Accept-Language"}.items() <= asked["parameters"][0].items()
    assert "Content-Language" in asked["responses"]["200"]["headers"]
    assert set(PROBLEM) == {"detail", "state"}


def test_why_salesforce_refuses_a_change_is_german_with_the_field_that_it_names() -> None:
    for code in ADVICE:
        said = refused(400, [{"errorCode": code, "message": "?", "fields": ["Phone"]}], writing=True).plain
        assert german().say(said).unknown == (), said
