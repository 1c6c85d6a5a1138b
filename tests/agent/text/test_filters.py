"""What surely asks nothing is passed over by name; an ask inside it is never lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.text import is_machine_mail, is_small_talk, order_number, order_numbers

THANKS = (
    "Thanks!", "thank you so much", "Thanks a lot, have a nice weekend!", "Perfect, thank you!", "ok",
    "Great, thanks Anna",
    "Thank you very much for your help.\n\nBest regards,\nJohn Smith", "It works now, thanks again!", "👍",
    "got it, cheers",
    "Thank you for the quick reply", "All good now. Thanks!", "Much appreciated", "Vielen Dank!", "Danke, alles klar",
    "Vielen Dank für die schnelle Antwort.\n\nMit freundlichen Grüßen\nAnna Muster", "Merci beaucoup, bonne journée",
    "Muchas gracias por su ayuda", "Grazie mille", "Muito obrigado", "Hartelijk bedankt", "Dziękuję bardzo",
    "Hi team,\nthanks, received it today.\nAnn",
)
ASKS = (
    "please refund me", "refund", "Refund", "I was charged twice", "where is my parcel", "cancel my order", "Cancel",
    "my new phone is 020 7946 0000", "can you help?", "but nothing arrived", "unsubscribe me", "still not working",
    "bitte erstatten", "Geld zurück", "remboursement svp", "quiero un reembolso", "one more question", "call me",
    "I want to speak to a manager", "change my address", "it is broken", "not happy",
)


@pytest.mark.parametrize("text", THANKS)
def test_thanks_alone_are_small_talk(text: str) -> None:
    assert is_small_talk(text) == "thanks"


@pytest.mark.parametrize("ask", ASKS)
def test_an_ask_hidden_in_thanks_is_not_lost(ask: str) -> None:
    for thanks in THANKS:
        for text in (f"{thanks} {ask}", f"{ask}. {thanks}", f"{thanks}\n\n{ask}", f"{thanks}, {ask}, {thanks}"):
            assert is_small_talk(text) is None, text
            assert is_small_talk(text, "Re: Our newsletter") is None, text


@given(st.text(max_size=60), st.sampled_from(ASKS), st.sampled_from(THANKS))
def test_no_text_around_an_ask_makes_it_small_talk(around: str, ask: str, thanks: str) -> None:
    assert is_small_talk(f"{around} {ask} {thanks}") is None


@pytest.mark.parametrize("answer", [
    "yes", "Yes!", "YES.", "yes please", "Yes, thank you", "ok, yes", "Hi, yes", "yes 👍", "Yes\n\nBest regards\nAnn",
    "ja",
    "Ja, danke", "Ja bitte", "oui", "Oui merci", "sí", "Sí, gracias", "si", "person", "Person.", "person, thanks",
    "Mensch",
    "personne", "persona", "no", "nein", "non",
])
def test_what_may_answer_an_open_question_is_never_small_talk(answer: str) -> None:
    for subject in ("", "Re: Your refund", "Re: Our November newsletter"):
        assert is_small_talk(answer, subject) is None


@pytest.mark.parametrize("text", ["", "   ", "yes", "no", "1001", "person", "thanks for nothing", "ok but where is it"])
def test_what_may_be_an_answer_or_a_complaint_is_not_small_talk(text: str) -> None:
    assert is_small_talk(text) is None


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Re: Our November newsletter", "Lovely pictures this month!"),
        ("AW: Newsletter Dezember", "Sehr schöne Fotos, macht weiter so"),
        ("Re: 20% off this weekend", "Wow, you have the most beautiful lamps"),
    ],
)
def test_a_kind_word_on_a_newsletter_is_passed_over(subject: str, text: str) -> None:
    assert is_small_talk(text, subject) == "newsletter reply"


@pytest.mark.parametrize(
    ("subject", "text", "sender", "kind"),
    [
        ("Automatic reply: Your order", "I am out of the office until Monday.", "ann@x.example", "auto-reply"),
        ("Abwesenheitsnotiz", "Ich bin bis 3.12. nicht im Büro.", "anna@x.example", "auto-reply"),
        ("Réponse automatique : commande", "Je suis absent.", "a@x.example", "auto-reply"),
        ("Respuesta automática", "Estaré fuera de la oficina", "a@x.example", "auto-reply"),
        ("Re: order", "This is an automated response. Do not reply.", "a@x.example", "auto-reply"),
        ("Undeliverable: Your refund", "Your message could not be delivered.", "a@x.example", "bounce"),
        ("Hello", "refund", "MAILER-DAEMON@mx.example", "bounce"),
        ("Mail delivery failed: returning message", "…", "postmaster@mx.example", "bounce"),
        ("Big sale", "View in browser. Click here to unsubscribe.", "shop@x.example", "mailing list"),
        ("Neuigkeiten", "Tolle Angebote! Newsletter abbestellen", "info@x.example", "mailing list"),
        ("Your weekly report", "42 visits", "no-reply@tool.example", "no-reply sender"),
    ],
)
def test_machine_mail_is_known_by_name(subject: str, text: str, sender: str, kind: str) -> None:
    assert is_machine_mail(subject, text, sender) == kind


def test_the_helpdesks_own_word_is_enough() -> None:
    assert is_machine_mail("Hi", "Hello", "ann@x.example", machine_made=True) == "auto-reply"


@pytest.mark.parametrize(
    ("subject", "text", "sender"),
    [
        ("Re: order 1001", "I was charged twice, please refund the second one", "ann@x.example"),
        ("Contact form", "I want a refund for order 1001", "no-reply@shop.example"),
        ("Out of office chairs?", "Do you still have them?", "ann@x.example"),
        ("Newsletter", "Please take me off your list", "ann@x.example"),
        ("Hi", "I am on vacation and my parcel is not here", "ann@x.example"),
    ],
)
def test_a_persons_mail_is_not_taken_for_a_machines(subject: str, text: str, sender: str) -> None:
    assert is_machine_mail(subject, text, sender) is None


def test_one_order_number_is_found_and_two_are_not_guessed_between() -> None:
    assert order_number("about order #1001, yes 1001", r"#?(\d{4})") == "1001"
    assert order_number("orders 1001 and 1002", r"\d{4}") is None
    assert order_number("no number", r"\d{4}") is None
    assert order_numbers("1002, 1001, 1002", r"\d{4}") == ("1002", "1001")
