"""Only the newest words of a mail ask for something."""

from __future__ import annotations

import time

import pytest

from agent.own_words import own_words

ASK = "Please refund the second charge."
QUOTES = {
    "gmail": "On Tue, Nov 3, 2026 at 10:12 AM Shop Support <help@shop.example> wrote:\n> we charged you twice\n> sorry",
    "gmail wrapped": "On Tue, Nov 3, 2026 at 10:12 AM Shop Support\n<help@shop.example> wrote:\n\n> old words",
    "apple": "> On 3 Nov 2026, at 10:12, Shop <help@shop.example> wrote:\n> \n> old words",
    "unmarked history": "On 3 Nov 2026 10:12, Shop <help@shop.example> wrote:\nold words\nmore old words",
    "outlook": (
        "From: Shop <help@shop.example>\nSent: Tuesday, November 3, 2026 10:12\nTo: Ann\n"
        "Subject: Re: order\n\nold words"
    ),
    "outlook with rule": (
        "________________________________\nFrom: Shop\nSent: Tuesday\nTo: Ann\n"
        "Subject: Order\n\nold words"
    ),
    "outlook original": "-----Original Message-----\nFrom: Shop\nold words",
    "german": "Am 03.11.2026 um 10:12 schrieb Shop <help@shop.example>:\n> alte Worte",
    "german wrapped": "Am Di., 3. Nov. 2026 um 10:12 Uhr schrieb Shop Hilfe <\nhelp@shop.example>:\n\n> alte Worte",
    "german outlook": (
        "Von: Shop <help@shop.example>\nGesendet: Dienstag, 3. November 2026 10:12\n"
        "An: Anna\nBetreff: Ihre Frage\n\nalt"
    ),
    "german original": "-----Ursprüngliche Nachricht-----\nVon: Shop\nalt",
    "french": "Le mar. 3 nov. 2026 à 10:12, Shop <help@shop.example> a écrit :\n\n> vieux mots",
    "french outlook": (
        "De : Shop <help@shop.example>\nEnvoyé : mardi 3 novembre 2026\nÀ : Anne\n"
        "Objet : Commande\n\nvieux"
    ),
    "spanish": "El mar, 3 nov 2026 a las 10:12, Shop (<help@shop.example>) escribió:\n\n> palabras viejas",
    "spanish outlook": (
        "De: Shop <help@shop.example>\nEnviado: martes, 3 de noviembre\nPara: Ana\n"
        "Asunto: Pedido\n\nviejo"
    ),
    "italian": "Il giorno mar 3 nov 2026 alle ore 10:12 Shop <help@shop.example> ha scritto:\n\n> vecchio",
    "italian outlook": "Da: Shop <help@shop.example>\nInviato: martedì\nA: Anna\nOggetto: Ordine\n\nvecchio",
    "portuguese": "Em ter., 3 de nov. de 2026 às 10:12, Shop <help@shop.example> escreveu:\n\n> velho",
    "dutch": "Op di 3 nov 2026 om 10:12 schreef Shop <help@shop.example>:\n\n> oud",
    "dutch outlook": (
        "Van: Shop <help@shop.example>\nVerzonden: dinsdag 3 november\nAan: Anna\n"
        "Onderwerp: Bestelling\n\noud"
    ),
    "polish": "W dniu 3.11.2026 o 10:12, Shop <help@shop.example> napisał(a):\n> stare",
    "polish, sent by": "wt., 3 lis 2026 o 10:12 Shop <help@shop.example> napisał(a):\n> stare",
    "german yahoo": (
        "Am Dienstag, 3. November 2026 um 10:12:00 MEZ hat Shop <help@shop.example> Folgendes geschrieben:\n\nalt"
    ),
    "german, date first": (
        "Gesendet: Dienstag, 3. November 2026 um 10:12 Uhr\nVon: Shop <help@shop.example>\nAn: Anna\n"
        "Betreff: Ihre Frage\n\nalt"
    ),
    "portuguese, sender first": "Shop <help@shop.example> escreveu (terça, 3/11/2026 à(s) 10:12):\n\n> velho",
    "french samsung": "-------- Message original --------\nDe : Shop <help@shop.example>\nvieux",
    "forwarded gmail": "---------- Forwarded message ---------\nFrom: Bob <bob@x.example>\nrefund everything to me",
    "forwarded apple": "Begin forwarded message:\n\nFrom: Bob\nrefund everything to me",
    "forwarded german": "-------- Weitergeleitete Nachricht --------\nVon: Bob\nalles erstatten",
    "forwarded french": "---------- Message transféré ---------\nDe : Bob\ntout rembourser",
    "forwarded spanish": "---------- Mensaje reenviado ---------\nDe: Bob\ndevolver todo",
    "zendesk line": "##- Please type your reply above this line -##\nYour request has been updated",
    "plain quote": "> old words\n> older words",
}
SIGNATURES = {
    "dashes": "-- \nAnn Example\nHead of Things, +44 20 7946 0000",
    "iphone": "Sent from my iPhone",
    "iphone, german": "Von meinem iPhone gesendet",
    "iphone, french": "Envoyé de mon iPhone",
    "iphone, spanish": "Enviado desde mi iPhone",
    "iphone, italian": "Inviato da iPhone",
    "iphone, dutch": "Verstuurd vanaf mijn iPhone",
    "outlook": "Get Outlook for iOS",
    "gmx": "Gesendet mit der GMX Mail App",
    "notice": "This e-mail is confidential and intended only for the addressee. Legal action may follow.",
}


@pytest.mark.parametrize("quote", [pytest.param(text, id=name) for name, text in QUOTES.items()])
@pytest.mark.parametrize("ending", ["\n", "\r\n"], ids=["unix", "windows"])
def test_quoted_and_forwarded_history_is_cut(quote: str, ending: str) -> None:
    assert own_words(f"{ASK}\n\n{quote}".replace("\n", ending), "Ann Example") == ASK


@pytest.mark.parametrize("signature", [pytest.param(text, id=name) for name, text in SIGNATURES.items()])
def test_a_signature_is_cut(signature: str) -> None:
    assert own_words(f"{ASK}\n\n{signature}", "Ann Example") == ASK


@pytest.mark.parametrize(
    ("name", "farewell", "kept"),
    [
        ("Ann Example", "Best regards,\nAnn Example\nTel. +44 20 7946 0000\nExample Ltd", "Best regards,"),
        ("Anna Beispiel", "Mit freundlichen Grüßen\nAnna Beispiel\nTelefon 030 1234567", "Mit freundlichen Grüßen"),
        ("Anne Exemple", "Cordialement,\nAnne Exemple\n06 12 34 56 78", "Cordialement,"),
        ("Ana Ejemplo", "Saludos,\nAna\n600 123 456", "Saludos,"),
        ("ann example", "Thanks,\nAnn\n020 7946 0000\n\nSent from my iPhone", "Thanks,"),
        ("Ann Example", "Thanks,\nAnn\n--\nDr. Ann Example\nann@example.com", "Thanks,"),
    ],
)
def test_a_phone_number_under_a_farewell_is_not_part_of_the_message(name: str, farewell: str, kept: str) -> None:
    assert own_words(f"{ASK}\n\n{farewell}", name) == f"{ASK}\n\n{kept}"


@pytest.mark.parametrize(
    "text",
    [
        "Thanks,\nplease also change my phone to 020 7946 0000",
        "Hello,\nfrom: the shop to: me you charged twice",
        "On Monday your colleague wrote: we will refund you.\nBut nothing came.",
        "I ordered:\n- a lamp\n- a chair\nOne lamp is broken, refund it.",
        "Merci\nPouvez-vous rembourser ?",
        "Danke\nund bitte noch die neue Adresse",
        "first\n-----------------------------------\nsecond part of my story",
    ],
)
def test_the_customers_own_words_are_kept(text: str) -> None:
    assert own_words(text, "Ann Example") == text


UNDER_A_FAREWELL = (
    "Thanks\nWait, forget it, it was two different lamps.", "Thank you\nActually don't, found the reason.",
    "Regards\nAnn\nNo need to do it, just tell us why", "Best\nOnly a voucher, not cash", "Best\nVoucher preferred",
    "Thanks,\nAnn\nEdit: solved, ignore this.", "Thanks,\nAnn\nSolved", "Merci\nAnnulez plutôt",
    "Danke\nAnn\nSonst geht das an meinen Anwalt", "--\nForget it", "Thanks\n--\nAnn\nIgnore everything above",
    "Thanks\nAnn\nMy bank reverses it otherwise\n020 7946 0000",
    "Regards\nAnn\n020 7946 0000\nSolved meanwhile", "Sent from my husband by mistake",
    "Disclaimer: solved, nothing to do",
    "THANKS\nANN EXAMPLE\nACTUALLY I CHANGED MY MIND, I KEEP IT", "Thanks\nAnn\nI Keep It After All",
    "Danke\nAnn\nMein Nachbar Hat Es", "DANKE\nANN\nDOCH ALLES GUT ICH BEHALTE ES",
    "Regards\nAnn\nPhone: not needed, 1 lamp is enough", "Thanks\nTel: 1 lamp is enough",
)


@pytest.mark.parametrize("ending", UNDER_A_FAREWELL)
def test_what_is_taken_back_under_a_farewell_is_kept(ending: str) -> None:
    assert own_words(f"{ASK}\n\n{ending}", "Ann Example") == f"{ASK}\n\n{ending}"


@pytest.mark.parametrize("name", ["", "Mail Customer", "ann@other.example"])
def test_of_whoever_does_not_sign_with_their_name_all_is_kept(name: str) -> None:
    mail = f"{ASK}\n\nThanks\nSolved Already\n020 7946 0000"
    assert own_words(mail, name) == mail


def test_a_postscript_under_the_signature_is_kept() -> None:
    assert own_words("Refund please.\n\nBest,\nAnn\nPS: my new number is 020 7946 0000", "Ann") == (
        "Refund please.\n\nBest,\nPS: my new number is 020 7946 0000"
    )


def test_answers_between_quoted_lines_are_kept() -> None:
    mail = "On 3 Nov 2026, Shop <a@b.example> wrote:\n> Which order?\nOrder 1001\n> Which charge?\nThe second one"
    assert own_words(mail, "Ann") == "Order 1001\nThe second one"


def test_a_mail_that_only_forwards_adds_nothing() -> None:
    assert own_words("---------- Forwarded message ---------\nFrom: Bob <b@x.example>\nrefund me", "Ann") == ""


@pytest.mark.parametrize(
    "hostile",
    ["thanks\nAnn\n" * 23_000, "thanks\nAnn" + "\nsent from my iPhone" * 13_000,
     "--\nSent from my iPhone\n" * 8_000, "--\n" * 50_000,
     "\n" * 256_000, "On " * 85_000, "On 1 wrote" * 25_000, "> \n" * 85_000, "From: a\n" * 32_000, "-" * 256_000,
     "_ " * 128_000, "thanks\n" * 36_000, "Le 1 a écrit\n" * 18_000, "sent from my " * 19_000, "On 1 a@b\n" * 28_000,
     "From: x\nSent: y\n" * 16_000, "##-" * 85_000, "-- " * 85_000],
    ids=lambda text: repr(text[:12]),
)
def test_hostile_text_takes_linear_time(hostile: str) -> None:
    """Twice the text takes about twice the time; the bound is wide, quadratic code misses it by far."""
    assert _seconds(hostile) < 8 * _seconds(hostile[: len(hostile) // 2]) + 0.05


def _seconds(text: str) -> float:
    start = time.process_time()
    own_words(text, "Thanks Ann")
    return time.process_time() - start
