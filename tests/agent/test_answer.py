"""A customer's reply is a yes only when it is nothing but a yes."""

from __future__ import annotations

import re
import textwrap
import time
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from agent.answer import Answer, only_thanks, read_answer
from agent.answer.letters import folded, unstretched
from agent.answer.ours import language_of
from agent.answer.vocabulary import ADDRESSED, BESIDE_YES, COURTESY, FAREWELLS, GREETINGS, YES
from agent.answer.vocabulary import KNOWN as VOCABULARY
from agent.courtesy import COURTESIES
from agent.phrases import PHRASES, QUESTIONS
from agent.reply import Reply
from connectors.contract import ContactField, Method, Money

ASKED = ("We’re ready to send USD 47.00 back to your Visa ending in 4242. We do this only with your yes. Please reply "
         "YES to go ahead or NO to decline. Banks usually need 5–10 business days.")
GREETABLE = {word for phrases in (ADDRESSED, GREETINGS, YES, BESIDE_YES, COURTESY, FAREWELLS)
             for phrase in phrases for word in phrase} | {
    "mia", "dana", "dr", "prof", "mr", "mrs", "ms", "hr", "fr", "mme", "sr", "sra", "srta", "sig", "dhr", "mevr"}
REPLIES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "answers.yaml").read_text())
LANGUAGES = {"en", "de", "fr", "es", "it", "pt", "nl", "pl"}
CLEAR_YES = {"YES": "en", "Yes, please.": "en", "Hi,\n\nyes please\n\nThanks,\nAnn": "en", "Ja, bitte": "de",
             "Oui, merci": "fr", "Sí, gracias": "es", "Sì": "it", "Sim, obrigado": "pt", "Ja graag": "nl",
             "Tak, dziękuję": "pl", "Yes\n\nKind regards\nAnn Example": "en", "Please go ahead": "en"}
"""By the language of the question that each answers."""
_QUALIFIERS = """
but if unless only not never maybe perhaps almost later tomorrow instead except half without provided although whatever
cancel wait stop no wrong more also first once supposedly right 20 50% €30 ? 🙄 👎 ;) :( ... /s
aber wenn falls nur nicht nie vielleicht später morgen stattdessen außer halb ohne sofern warten nein mehr auch erst
mais si seulement pas jamais peut-être demain plutôt sauf moitié sans attendez non plus aussi
pero sólo nunca quizás mañana salvo mitad sin espere menos también tampoco
ma se soltanto mai forse domani invece tranne metà senza aspetti anche purché
mas apenas não talvez amanhã exceto metade sem espere também
maar alleen niet nooit misschien morgen tenzij helft zonder wacht ook mits indien
ale jeśli tylko nie nigdy może jutro oprócz połowę bez poczekaj też jeżeli
"""
QUALIFIERS = _QUALIFIERS.split()
NEVER_YES = (
    "Yeah, sure", "yeah great", "Sure, yeah, whatever", "Yes :/", "Yes,", "Yes:", "Yes -", "Yes..", "yes\n...", "Y̶e̶s̶",
    "~~yes~~",
    "Yes*", "yes/no", "yes-no", "yesn't", "Yes\nOn 3 conditions, as my lawyer wrote:\n1. nothing is charged again",
    "Yes\nThis message is intended only as a joke", "Yes\nDisclaimer: only if it is free",
    "Yes\nSent from my couch but only half of it", "Yes\nSent from my iPhone but only if it is free",
    "Yes\nThanks\n20", "Yes\nThanks,\nbut\nAnn", "Yes\n\nBest regards\nAnn\nNot agreed", "Hello if free, yes",
    "Hello,\nhypothetically\nyes", "Ja\n\nVG\nNein", "Dear team, I never said yes", "oui si", "sí sí", "Jajaja sí",
    "We’re ready to send USD 470.00 back to your Visa ending in 4242.\nYES", "please reply YES", "reply with YES",
    "Antworten Sie mit JA", "“Yes” they said", "I said \"yes\"", "Oh yes", "As if. Yes.", "yes yes yes of 10", "1 yes",
    "yes 1️⃣", "ｎｏ yes", "Yes\n> Should we cancel it instead?\nPlease cancel", "the answer is yes if", "да", "yes" * 3,
    "YES\nThe above is not my answer", "Yes\n--\nnot", "Yes\n\n-- \nAnn\nonly for the lamp", "k", "yes sir no",
    "Yes best Friday", "Sì, prima",
    "Yes" + " " * 70_000 + "not", "Yes" + "\n" * 70_000 + "not", "yes " * 2_000 + "not",
)


def question(language: str) -> str:
    """A whole reply that asks for two yeses, as it is sent."""
    reply = Reply(language, "Ann", {})
    until = datetime(2026, 11, 23, 9, 5, tzinfo=UTC)
    visa = Method(kind="card", brand="visa", last4="4242")
    reply.asks_refund(Money(amount=4700, currency="USD"), visa, "question", "", until)
    reply.asks_change({ContactField.STREET: "5 Elm Road", ContactField.OPT_OUT: True}, "question", "", until)
    return reply.text()


ASKED_IN = {language: ASKED if language == "en" else question(language) for language in LANGUAGES}


def read(reply: dict[str, Any], respelled: Callable[[str], str] = str) -> Answer:
    """What it says to a question in its own language."""
    return read_answer(respelled(reply["text"]), reply.get("subject", ""), reply.get("name", ""),
                       ASKED_IN[reply["language"]])


def shares(held_out: bool) -> tuple[list[str], list[str], int]:
    """False yeses, answers needlessly read as none, and how many replies answer."""
    chosen = [reply for reply in REPLIES if reply.get("held_out", False) is held_out]
    answers = [reply for reply in chosen if reply["answer"] in ("yes", "no")]
    false = [reply["text"] for reply in chosen if read(reply) == "yes" != reply["answer"]]
    missed = [reply["text"] for reply in answers if read(reply) in ("unclear", "other")]
    return false, missed, len(answers)


def test_the_labelled_replies_are_many_and_in_eight_languages() -> None:
    assert len(REPLIES) >= 300
    assert {reply["language"] for reply in REPLIES} == LANGUAGES
    assert sum("held_out" in reply for reply in REPLIES) >= len(REPLIES) // 3


@pytest.mark.parametrize("held_out", [False, True], ids=["tuned on", "held out"])
def test_no_reply_is_falsely_a_yes_and_at_most_one_in_ten_is_needlessly_unclear(held_out: bool) -> None:
    false, missed, answers = shares(held_out)
    print(f"{'held out' if held_out else 'tuned on'}: {len(false)} false yes; needlessly unclear {len(missed)} of "
          f"{answers} ({len(missed) / answers:.1%})")
    assert false == []
    assert len(missed) <= answers / 10, missed


def test_no_reply_is_falsely_a_yes_when_the_requesters_name_is_known() -> None:
    read_as_yes = [reply for reply in REPLIES
                   if read(reply | {"name": "Ann Example"}) == "yes"]
    assert [reply["text"] for reply in read_as_yes if reply["answer"] != "yes"] == []
    assert len(read_as_yes) > 100


def test_a_no_is_never_read_where_a_yes_or_nothing_was_said() -> None:
    assert [reply["text"] for reply in REPLIES if read(reply) == "no" != reply["answer"]] == []


def test_whoever_asks_for_a_person_is_heard() -> None:
    asked = [reply for reply in REPLIES if reply["answer"] == "person"]
    missed = [reply["text"] for reply in asked if read(reply) is not Answer.PERSON]
    assert len(missed) <= len(asked) / 20, missed


@pytest.mark.parametrize("text", NEVER_YES, ids=lambda text: repr(text[:40]))
def test_what_looks_like_a_yes_and_is_none_is_refused(text: str) -> None:
    assert read_answer(text, "", "Ann Example", ASKED) is not Answer.YES


@pytest.mark.parametrize(("text", "language"), CLEAR_YES.items())
def test_a_plain_yes_to_a_question_in_its_language_is_a_yes(text: str, language: str) -> None:
    assert read_answer(text, name="Ann Example", asked=ASKED_IN[language]) is Answer.YES


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_only_yes_itself_is_a_yes_to_a_question_in_another_language(language: str) -> None:
    """Danes thank with "tak", "ja" is "I" in Polish and a laugh in Spanish, "si" is "if" in French."""
    elsewhere = [phrase for phrase, known in YES.items() if language not in known]
    said = [text for phrase in elsewhere for text in (" ".join(phrase), f"Ok, {' '.join(phrase)}")]
    assert [text for text in said if read_answer(text, asked=ASKED_IN[language]) == "yes"] == ["yes", "Ok, yes"][
        :2 * (language != "en")]


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_yes_itself_is_a_yes_in_every_language(language: str) -> None:
    assert read_answer("Yes, please", asked=ASKED_IN[language]) is Answer.YES
    assert read_answer("YES") is Answer.YES


@pytest.mark.parametrize("asked", ["", "Hello! The parcel is with the carrier."])
@pytest.mark.parametrize("text", [text for text in CLEAR_YES if "yes" not in text.casefold()])
def test_where_the_questions_language_is_not_known_only_yes_is_one(text: str, asked: str) -> None:
    assert read_answer(text, asked=asked) is not Answer.YES


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_the_language_is_known_of_any_other_reply_of_ours_too(language: str) -> None:
    assert language_of(f"Hi!\n\n{PHRASES[language]['looking']}\n\n{PHRASES[language]['disclosure']}") == language
    assert language_of(QUESTIONS[language]["unclear"]) == language


@pytest.mark.parametrize("text", [
    "Tak", "Tak!", "tak.", "Tak\n\nVenlig hilsen\nMette", "Mange tak", "Takk", "TAKK!", "Takk, Mette", "Tack", "Ja",
    "Ja tak", "Yes tak", "Si", "Sim", "Oui", "Ano", "Da", "Confirmo", "Vale", "Yes, vale"])
@pytest.mark.parametrize("language", ["en", "de"])
def test_thanks_and_other_words_in_a_language_we_did_not_ask_in_are_no_yes(text: str, language: str) -> None:
    if (language, text) != ("de", "Ja"):
        assert read_answer(text, "Refund", "Mette Hansen", ASKED_IN[language]) in (Answer.UNCLEAR, Answer.OTHER)


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_norwegian_thanks_are_no_yes_to_any_question(language: str) -> None:
    assert read_answer("Takk", asked=ASKED_IN[language]) is Answer.UNCLEAR


@pytest.mark.parametrize(("text", "language"), [
    ("Já", "de"), ("Já, obrigado", "nl"), ("JA\u0301", "de"), ("Ouï", "fr")])
def test_a_word_that_only_its_accents_tell_from_a_yes_is_none(text: str, language: str) -> None:
    assert read_answer(text, asked=ASKED_IN[language]) is Answer.UNCLEAR


def test_a_long_polish_yes_is_one() -> None:
    assert read_answer("Taaak", asked=ASKED_IN["pl"]) is Answer.YES


@pytest.mark.parametrize("text", ["Nej", "Nej tak", "Nej tack", "Nei takk"])
def test_a_scandinavian_no_is_a_no(text: str) -> None:
    assert read_answer(text, asked=ASKED) is Answer.NO


@pytest.mark.parametrize("name", ["", "Ann Example"], ids=["of somebody", "of Ann"])
def test_no_qualifier_behind_a_yes_or_in_its_signature_leaves_it_a_yes(name: str) -> None:
    ends = [(f"{yes}{between}{qualifier}", ASKED_IN[language]) for yes, language in CLEAR_YES.items()
            for qualifier in QUALIFIERS for between in (" ", "\n", ", ")]
    assert [text for text, asked in ends if read_answer(text, name=name, asked=asked) == "yes"] == []


@pytest.mark.parametrize("text", ["? Hi,\n\nyes please", "Hi?\nyes", "... Hi,\nyes", "Hi ;) Ann,\nyes"])
def test_a_sign_of_doubt_in_the_greeting_leaves_no_yes(text: str) -> None:
    assert read_answer(text) is Answer.UNCLEAR


@pytest.mark.parametrize("text", [
    "Hi... no, please don't", "Hi? No.", "Hello?\nno", "Hallo... nein danke", "Hi (again), no",
    "Hi @team, no thank you", "Hi?! no thanks", "Hi Ann & Bob, no"])
def test_a_sign_of_doubt_in_the_greeting_takes_no_no_away(text: str) -> None:
    assert read_answer(text) is Answer.NO


GREETED = {
    "en": ("Hi", "Hello Mia", "Hi Mia Blum", "Dear Dr. Blum", "Hi 👋", "Hi there", "Dear support team",
           "Hi Deskhand team", "Good morning all", "Dear Customer Service", "Hello Ms. Blum", "HI MIA"),
    "de": ("Hallo", "Hallo Frau Blum", "Liebe Mia", "Hallo zusammen", "Liebes Support-Team",
           "Sehr geehrte Frau Dr. Blum"),
    "fr": ("Bonjour", "Bonjour Mia", "Bonjour à toute l’équipe", "Chère équipe", "Bonjour Madame Blum"),
    "es": ("¡Hola!", "Hola, Mia", "Estimado equipo", "Buenos días a todos"),
    "it": ("Ciao Mia", "Buongiorno a tutti", "Gentile signora Blum"),
    "pt": ("Olá Mia", "Boa tarde, equipa", "Prezados senhores"),
    "nl": ("Beste Mia", "Hallo allemaal", "Geachte mevrouw Blum", "Beste klantenservice"),
    "pl": ("Dzień dobry", "Cześć Mia", "Witam, pani Mia", "Szanowni Państwo"),
}
YES_IN = {"en": "yes", "de": "ja", "fr": "oui", "es": "sí", "it": "sì", "pt": "sim", "nl": "ja", "pl": "tak"}


@pytest.mark.parametrize(("language", "greeting"), [
    (language, one) for language, greetings in GREETED.items() for one in greetings])
def test_a_greeting_of_known_words_and_names_of_colleagues_leaves_a_yes(language: str, greeting: str) -> None:
    said = [f"{greeting}{between}{YES_IN[language]}" for between in (", ", "\n\n", ",\n", "! ", " ")]
    assert {read_answer(text, "", "", ASKED_IN[language], ["Mia Blum", "Acme"]) for text in said} == {Answer.YES}


@pytest.mark.parametrize("name", ["", "Dana Customer"])
@pytest.mark.parametrize("text", [
    "Hello account closed, yes", "Hi store credit, yes", "Dear voucher. Yes", "Hi different IBAN, yes",
    "Hello paypal, yes",
    "Hi declined, yes", "Hi refused. I agree", "Hi cancelled, confirmed", "Hi Mia account closed, yes",
    "Dear team voucher, yes",
    "Hello account closed yes", "Hi all credit, yes", "Hi Zoe, yes", "Dear Gutschein team, yes",
    "de: Hallo Gutschein, ja", "de: Guten Tag abgelehnt, ja", "de: Hi Konto geschlossen, ja", "de: Hallo Zweifel, ja",
    "fr: Bonjour compte fermé, oui", "fr: Bonjour bon d'achat, oui", "es: Hola vale de compra, sí",
    "pl: Cześć bon, tak"])
def test_any_other_word_in_a_greeting_may_take_the_yes_back(text: str, name: str) -> None:
    language, _, said = text.rpartition(": ")
    asked = ASKED_IN[language or "en"]
    assert read_answer(said, "Refund", name, asked, ["Mia Blum", "Gutschein"]) is Answer.UNCLEAR


@given(st.sampled_from(sorted(YES_IN)), st.text("abcdefghijklmnopqrstuvwxyzäéłñ", min_size=2, max_size=12),
       st.sampled_from(["Hi {} X", "Hello {}, X", "Dear team {}. X", "Hallo Mia {}, X", "Hola {}\nX"]))
def test_no_unknown_word_behind_a_greeting_leaves_a_yes(language: str, word: str, text: str) -> None:
    assume(unstretched(folded(word)) not in GREETABLE)
    said = text.format(word).replace("X", YES_IN[language])
    assert read_answer(said, "", "Dana", ASKED_IN[language], ["Mia"]) is not Answer.YES
    assert not only_thanks(text.format(word).replace("X", "thanks"), "Dana", ["Mia"])


def test_a_greeting_hides_no_no() -> None:
    for text in ("Hi Zoe, no", "Hello store credit, no", "Hola de ninguna manera, gracias",
                 "Hallo auf keinen Fall, danke"):
        assert read_answer(text, "", "", ASKED) is Answer.NO, text


@pytest.mark.parametrize("text", [
    "Yes, thanks\nStore credit", "Ja, danke\nGutschein", "Yes. Thanks\nExpired Visa", "Yes, regards\nExpired Visa",
    "Yes, thanks\nVoucher Please", "Yes\n-- \nStore credit", "Yes\nRegards\nAnn", "Yes\nThanks\n+44 20 7946 0000 ?",
    "Yes\nThanks\n+44 20 7946 0000 voucher", "Yes\nThanks\n1 000"])
def test_below_a_yes_of_somebody_without_a_name_stand_only_ways_to_reach_them(text: str) -> None:
    language = "de" if text.startswith("Ja") else "en"
    assert read_answer(text, asked=ASKED_IN[language]) in (Answer.UNCLEAR, Answer.OTHER)


@pytest.mark.parametrize("text", [
    "Yes\nBest regards", "Yes\n\nThanks,\n020 7946 0000",
    "Yes\n-- \nT: +44 20 7946 0000\ndana@example.com\nwww.example.com",
    "Yes\n\nKind regards\nTel. 030/1234567, E-Mail: dana@example.com"])
def test_ways_to_reach_somebody_without_a_name_leave_a_yes(text: str) -> None:
    assert read_answer(text, asked=ASKED) is Answer.YES


@pytest.mark.parametrize("text", [
    "Yes\nThanks\nDana Customer\nStore credit\n+44 20 7946 0000",
    "Yes\n-- \nDana Customer\nGutschein\nwww.example.com",
    "Yes\nRegards\nDana\nAccount closed, t: +44 20 7946 0000", "Yes\nSent from my phone store credit"])
def test_a_word_of_payment_among_contact_details_may_take_the_yes_back(text: str) -> None:
    assert read_answer(text, "", "Dana Customer", ASKED) in (Answer.UNCLEAR, Answer.OTHER)


@pytest.mark.parametrize("text", ["Yes 30", "Yes\nCaller 49", "Yes\nThanks\nCaller 30", "Hi 24, yes"])
def test_a_number_in_a_name_is_none_in_an_answer(text: str) -> None:
    assert read_answer(text, "", "Caller +49 30 1234567", ASKED, ["Support 24"]) is Answer.UNCLEAR


@pytest.mark.parametrize("text", ["Hi store credit, thanks", "Hello account closed\nThank you", "Thanks\nStore credit"])
def test_such_words_beside_thanks_are_heard_too(text: str) -> None:
    assert not only_thanks(text, "", ["Mia Blum"])
    assert not only_thanks(text, "Dana Customer", ["Mia Blum"])


@pytest.mark.parametrize("text", [
    "Hi, yes please", "Hello Mia, yes", "Dear support team, yes", "Yes\nDana Customer", "Ja, bitte. Viele Grüße, Dana",
    "Hi Deskhand team,\n\nYES\n\nBest regards\nDana"])
def test_an_honest_yes_with_a_greeting_and_a_name_is_one(text: str) -> None:
    assert read_answer(text, "", "Dana Customer", ASKED_IN["de" if text[0] == "J" else "en"], ["Mia"]) is Answer.YES


@given(st.sampled_from(sorted(CLEAR_YES)), st.lists(st.sampled_from(QUALIFIERS), min_size=1, max_size=3), st.data())
def test_no_qualifier_anywhere_leaves_a_yes_a_yes(yes: str, qualifiers: list[str], data: st.DataObject) -> None:
    words, asked = yes.split(" "), ASKED_IN[CLEAR_YES[yes]]
    for qualifier in qualifiers:
        words.insert(data.draw(st.integers(0, len(words))), qualifier)
    assert read_answer(" ".join(words), name="Ann Example", asked=asked) is not Answer.YES
    assert read_answer(f"{yes}\n{' '.join(qualifiers)}", name="Ann Example", asked=asked) is not Answer.YES


@given(st.sampled_from([*CLEAR_YES, "Yes\nBest regards"]),
       st.text("abcdefghijklmnopqrstuvwxyzäéłñ", min_size=5, max_size=12), st.sampled_from([" ", "\n", ", ", "\n\n"]))
def test_no_unknown_word_behind_a_yes_leaves_it_one_when_the_requesters_name_is_known(
    yes: str, word: str, between: str
) -> None:
    assume(unstretched(folded(word)) not in VOCABULARY | {"ann", "example"})
    asked = ASKED_IN[CLEAR_YES.get(yes, "en")]
    assert read_answer(f"{yes}{between}{word}", name="Ann Example", asked=asked) is not Answer.YES
    assert read_answer(f"{word}{between}{yes}", name="Ann Example", asked=asked) is not Answer.YES


@given(st.sampled_from(sorted(CLEAR_YES)), st.integers(0, 10_000))
def test_no_number_beside_it_leaves_a_yes_a_yes(yes: str, number: int) -> None:
    asked = ASKED_IN[CLEAR_YES[yes]]
    assert read_answer(f"{yes} {number}", name="Ann Example", asked=asked) is not Answer.YES
    assert read_answer(f"{number} {yes}", name="Ann Example", asked=asked) is not Answer.YES


@given(st.sampled_from(sorted(CLEAR_YES)), st.text(min_size=1, max_size=30))
def test_any_text_beside_a_yes_never_fails(yes: str, text: str) -> None:
    assert read_answer(f"{text} {yes} {text}", asked=ASKED_IN[CLEAR_YES[yes]]) in Answer


@pytest.mark.parametrize("respelled", [
    str.upper, str.lower, str.title,
    lambda text: unicodedata.normalize("NFC", text), lambda text: unicodedata.normalize("NFD", text),
    lambda text: unicodedata.normalize("NFKC", text), lambda text: unicodedata.normalize("NFKD", text),
    lambda text: text.replace(" ", " \u00a0 "), lambda text: text.replace("\r\n", "\n").replace("\n", "\r\n"),
    lambda text: f"  \n{text}\t \n\n\n", lambda text: text.replace("'", "’"),
], ids=["upper", "lower", "title", "NFC", "NFD", "NFKC", "NFKD", "wide spaces", "windows", "around", "curly"])
def test_spelling_makes_no_difference(respelled: Callable[[str], str]) -> None:
    different = [reply["text"] for reply in REPLIES if read(reply, respelled) is not read(reply)]
    assert different == []


def test_our_own_question_repeated_unmarked_is_not_the_customers_yes() -> None:
    for language, words in QUESTIONS.items():
        for key in ("reply_yes", "unclear", "asked_again", "reminder", "person_hint"):
            assert read_answer(words[key]) in (Answer.UNCLEAR, Answer.OTHER), (language, key)
            assert read_answer(f"Thanks!\n\n{words[key]}") in (Answer.UNCLEAR, Answer.OTHER), (language, key)
        assert read_answer(f"YES\n\n{words['reply_yes']}") is Answer.YES, language


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_the_words_that_a_question_names_are_read_as_what_it_says(language: str) -> None:
    yes, no = re.findall(r"(?<!\w)[^\W\d_]{2,4}(?!\w)", re.sub(r"(?<!\w)[^\W\d_]*[a-zß-ÿ][^\W\d_]*", "",
                                                            QUESTIONS[language]["reply_yes"]))
    assert (read_answer(yes, asked=question(language)), read_answer(no, asked=question(language))) == ("yes", "no")


@pytest.mark.parametrize("width", [30, 64, 200])
@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_our_whole_question_repeated_unmarked_neither_says_nor_hides_anything(language: str, width: int) -> None:
    asked = question(language)
    facts = "\n".join(textwrap.wrap(asked.split("\n\n")[1], width))
    assert read_answer(facts, asked=asked) in (Answer.UNCLEAR, Answer.OTHER)
    assert read_answer(f"No, thank you.\n\n{facts}", asked=asked) is Answer.NO
    assert read_answer(f"YES\n\n{facts}", asked=asked) is Answer.YES


def test_a_yes_under_another_question_is_not_the_answer_to_ours() -> None:
    assert read_answer("> Should we cancel your order instead?\n\nYes") is Answer.UNCLEAR


@pytest.mark.parametrize("subject", ["Automatic reply: Your refund", "Automatische Antwort: Ja?", "Fwd: Your refund",
                                     "Undeliverable: Your refund", "Autoodpowiedź: zwrot", "WG: Ihre Erstattung"])
def test_what_a_machine_sent_or_somebody_passed_on_is_never_a_yes(subject: str) -> None:
    assert read_answer("YES", subject) in (Answer.OTHER, Answer.UNCLEAR)


def test_only_the_requesters_own_name_may_stand_behind_a_yes_without_a_farewell() -> None:
    assert read_answer("Yes\n\nJohn", name="John Smith") is Answer.YES
    assert read_answer("Yes\n\nKidding", name="John Smith") is Answer.UNCLEAR
    assert read_answer("Yes\n\nThanks,\nJohn", name="John Smith") is Answer.YES
    assert read_answer("Yes\n\nThanks,\nFridays", name="John Smith") is Answer.UNCLEAR
    assert read_answer("Yes\n\nNot", name="Not Only") is Answer.UNCLEAR


@pytest.mark.parametrize("hostile", [
    "yes " * 25_000, "yes" * 33_000, "\n" * 100_000, " " * 100_000, "y" * 100_000, "we do this only with " * 4_000,
    "we do this only with your yes please reply " * 2_300, "hello " * 16_000, "thanks\n" * 14_000,
    "person or " * 10_000,
    "ye" * 50_000, "." * 100_000, "-" * 100_000, "\u0301" * 100_000, "> yes\n" * 16_000, "On 1 wrote" * 10_000,
    '"' * 100_000, "to a " * 20_000, "speak to a " * 9_000, "<3 " * 33_000, "we’re ready to send " * 5_000,
], ids=lambda text: repr(text[:12]))
def test_hostile_text_takes_linear_time(hostile: str) -> None:
    """Twice the text takes about twice the time; the bound is wide, quadratic code misses it by far."""
    assert _seconds(hostile) < 8 * _seconds(hostile[: len(hostile) // 2]) + 0.1


def _seconds(text: str) -> float:
    start = time.process_time()
    read_answer(text, text[:200], "", ASKED)
    return time.process_time() - start


def test_the_question_can_be_asked_in_every_language_it_is_answered_in() -> None:
    english = {key: _blanks(text) for key, text in QUESTIONS["en"].items() if key not in PHRASES["en"]}
    assert set(QUESTIONS) == LANGUAGES
    for language, words in QUESTIONS.items():
        assert {key: _blanks(words[key]) for key in english} == english, language
        assert {"hello", "hello_name", "brand_ending_in", "original_method"} <= words.keys(), language


def test_replies_are_written_in_every_language_an_answer_is_read_in() -> None:
    assert set(PHRASES) == set(COURTESIES) == LANGUAGES
    for language, words in PHRASES.items():
        assert words.keys() == PHRASES["en"].keys(), language
        assert {key: _blanks(text) for key, text in words.items()} == {
            key: _blanks(text) for key, text in PHRASES["en"].items()}, language


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_the_word_that_a_reply_names_reaches_a_person(language: str) -> None:
    (word,) = re.findall(r"[“„«]\s?(\w+)\s?[”“»]", PHRASES[language]["disclosure"])
    assert read_answer(word, "", "", ASKED) is Answer.PERSON


def _blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("text", ["Thank you!", "Many thanks,\nDana", "Danke schön!", "Merci", "Thanks!\n\n> quoted"])
def test_thanks_change_no_answer(text: str) -> None:
    assert only_thanks(text, "Dana Customer")


@pytest.mark.parametrize("text", [
    "Thanks, forget it", "Thanks. Never mind", "Thanks\nStop", "Thanks?", "Thanks but no", "Thank you :(", "YES",
    "Hello", "", "Thanks\n\n> ready to send\n\nNo, wait", "Thanks\nRefuse"])
def test_whatever_else_stands_beside_thanks_may_change_it(text: str) -> None:
    assert not only_thanks(text, "Dana Customer")
