"""A model's kind words in eight languages: what they can say, and what cannot be built of them."""

from __future__ import annotations

import pytest

from agent.courtesy import COURTESIES, NAME, courtesy

KIND = {
    "en": ["Hi Dana, thanks for letting us know.", "Thank you for your message. We're very sorry for the mix-up!",
           "We understand how frustrating this must be. Thank you for your patience, and have a lovely day."],
    "de": ["Hallo Dana, vielen Dank für Ihre Nachricht und Ihre Geduld.",
           "Guten Tag Dana! Es tut uns sehr leid. Bitte entschuldigen Sie die Unannehmlichkeiten.",
           "Danke, dass Sie sich bei uns gemeldet haben. Wir verstehen, wie ärgerlich das ist."],
    "fr": ["Bonjour Dana, merci de nous avoir contactés.", "Nous sommes désolés pour la gêne occasionnée.",
           "Merci pour votre patience. Nous comprenons à quel point c’est frustrant. Bonne journée !"],
    "es": ["Hola Dana, muchas gracias por su mensaje.", "Lamentamos mucho las molestias. Un cordial saludo.",
           "Gracias por ponerse en contacto con nosotros y por su paciencia. Le pedimos disculpas."],
    "it": ["Gentile Dana, grazie mille per averci scritto.", "Ci dispiace molto per il disagio.",
           "Ci scusiamo per l’inconveniente. Grazie per la sua pazienza e buona giornata."],
    "pt": ["Olá Dana, muito obrigado pela sua mensagem.", "Pedimos desculpa pelo incómodo.",
           "Lamentamos o transtorno e agradecemos a sua paciência. Com os melhores cumprimentos."],
    "nl": ["Hallo Dana, hartelijk dank voor uw bericht.", "Het spijt ons zeer. Onze excuses voor het ongemak.",
           "We begrijpen hoe vervelend dit is. Bedankt voor uw geduld en een fijne dag."],
    "pl": ["Dzień dobry Dana, dziękujemy za wiadomość.", "Przepraszamy za kłopot. Bardzo nam przykro.",
           "Rozumiemy, że to frustrujące. Dziękujemy za cierpliwość i życzymy miłego dnia."],
}

HOSTILE = {
    "en": ["It is yours.", "You have it all.", "We have it and it is yours", "You are good.", "It is.", "Happy to.",
           "Have a refund.", "Thank you for a thousand.", "We must have it by this day.", "We know you.",
           "You must be sorry.", "This is not your mistake.", "We are not sorry", "Help is with the team at all",
           "Have your money and a good day", "Thank you, Dana, you have it.", "We Dana you.", "Re-fund", "Ye-s"],
    "de": ["Das ist Ihr Tag.", "Das Geld ist unterwegs.", "Wir haben das für Sie.", "Es ist Ihr", "Wir zahlen.",
           "Tausend Dank und tausend Euro", "Bis morgen", "Noch ein Tag.", "Noch den Tag.", "Es tut uns nicht leid.",
           "Kein Dank.", "Das ist kein Umstand", "Das tut Ihnen noch leid!", "Wir haben Sie.", "Sie haben uns", "Ja."],
    "fr": ["Votre avoir.", "Nous vous présentons votre avoir.", "C’est à vous.", "Merci pour votre avoir, et bonne "
           "journée.", "Mille mercis.", "Nous sommes à vous le premier.", "Demain.", "Nous ne sommes pas désolés.",
           "Pas de message.", "Vous le regretterez.", "Prions pour vous.", "Nous avons votre adresse.", "Oui.",
           "C’est d’accord."],
    "es": ["Es su día.", "Es su y es el día.", "Su dinero.", "Con el día es su", "Mil gracias.", "Gracias por las mil",
           "El día que es.", "Un día.", "No lo sentimos.", "Sin molestias.", "Lo sentirá mucho.", "Lo sentimos por su "
           "familia.", "Sí.", "Hola, es su dinero"],
    "it": ["Le porgiamo mille.", "Le porgiamo il suo.", "È suo.", "La mille è sua.", "Grazie per mille.",
           "Un buono per lei.", "Una giornata.", "Domani.", "Non ci dispiace.", "Nessun disagio.", "Le dispiacerà.",
           "Siamo per le spiacenti e molto e", "Sì.", "Mille."],
    "pt": ["É seu.", "O seu é seu.", "Com um é seu.", "Muito obrigado por mil.", "Um dia.", "Por um dia é seu",
           "Amanhã.", "Não lamentamos.", "Sem incómodo.", "Vai lamentar.", "Lamentamos os seus.", "O dia é o seu dia.",
           "Sim.", "Que é caro"],
    "nl": ["U hebt het.", "Het is voor u.", "U heeft het en het is ons geschreven.", "Een dag.", "Het is uw dag.",
           "Duizend excuses", "Morgen.", "Het spijt ons niet.", "Geen excuses.", "Het spijt u.", "We hebben u.",
           "Vervelend voor u", "Ja.", "Is het een? Het is"],
    "pl": ["To państwo.", "Dnia.", "Za to dnia.", "Zwrot.", "Tysiąc przeprosin", "Jutro.", "Nie przepraszamy.",
           "Bez kłopotu.", "Będzie państwu przykro.", "Przykro państwo z nami", "To miłego, to państwo", "Tak.",
           "Rozumiemy, że to pani.", "Kontakt z nami to kłopot."],
}
"""A promise, an amount, a date, a negation, a threat, a plain yes; some of words that stand in the table."""

NEVER = {
    "en": "money refund credit voucher free yes no not never will would can get got gets pay paid send sent yours "
          "today tomorrow week hundred thousand one two but unless sue police lawyer happy glad help",
    "de": "geld rückzahlung gutschrift gutschein gratis ja nein nicht kein keine nie wird werden kann bekommen "
          "erhalten zahlen gezahlt gesendet heute woche hundert tausend ein eins zwei aber polizei anwalt",
    "fr": "argent remboursement crédit bon gratuit oui non ne pas jamais plus sera serez aurez pouvez recevoir recevez "
          "payer payé envoyé demain semaine cent mille un deux mais police avocat",
    "es": "dinero reembolso crédito vale gratis sí no nunca será tendrá recibirá puede pagar pagado enviado hoy mañana "
          "semana cien mil uno dos pero policía abogado",
    "it": "denaro soldi rimborso credito buono gratis sì no non mai sarà avrà riceverà può pagare pagato inviato oggi "
          "domani settimana cento uno due ma polizia avvocato è",
    "pt": "dinheiro reembolso crédito vale grátis sim não nunca será terá receberá pode pagar pago enviado hoje amanhã "
          "semana cem mil dois mas polícia advogado seu",
    "nl": "geld terugbetaling tegoed bon gratis ja nee niet geen nooit zal wordt kunt krijgt ontvangt betalen betaald "
          "verstuurd vandaag morgen week honderd duizend twee maar politie advocaat",
    "pl": "pieniądze zwrot kredyt bon gratis tak nie nigdy będzie otrzymają mogą zapłacić zapłacone wysłane dziś jutro "
          "tydzień sto tysiąc jeden dwa ale policja adwokat",
}
"""Words that no phrase of a language may hold."""

ALONE = {
    "en": "hello hi thanks sorry apologies sincerely and",
    "de": "hallo danke und",
    "fr": "bonjour bonsoir merci cordialement et",
    "es": "hola gracias saludos y",
    "it": "buongiorno buonasera salve grazie e",
    "pt": "olá obrigado obrigada lamentamos cumprimentos e",
    "nl": "hallo goedendag goedemorgen goedemiddag goedenavond bedankt excuses en",
    "pl": "dziękujemy dziękuję przepraszamy przepraszam pozdrawiamy i oraz",
}
"""All words that stand for themselves: greetings, thanks, apologies and “and”. Every other word has its fixed place."""


@pytest.mark.parametrize(("language", "draft"), [(name, one) for name, drafts in KIND.items() for one in drafts])
def test_kind_words_reach_the_customer(language: str, draft: str) -> None:
    assert courtesy(draft, language, "Dana").words == draft


@pytest.mark.parametrize(("language", "draft"), [(name, one) for name, drafts in HOSTILE.items() for one in drafts])
def test_a_promise_an_amount_a_date_a_negation_or_a_threat_is_not_used(language: str, draft: str) -> None:
    assert courtesy(draft, language, "Dana").words == ""


@pytest.mark.parametrize("language", sorted(KIND))
@pytest.mark.parametrize("more", ["evil.com", "evil .com", "http://x", "help@x", "www evil com", "5", "€ 5", "V", "💸",
                                  "\u202e", "\u200b", "_", "{{ticket.id}}", "<b>"])
def test_kind_words_with_a_link_a_sum_or_a_sign_beside_them_are_not_used(language: str, more: str) -> None:
    assert courtesy(f"{KIND[language][0]} {more}", language, "Dana").words == ""


@pytest.mark.parametrize("language", sorted(KIND))
def test_a_customer_who_calls_themselves_a_verb_only_greets_with_it(language: str) -> None:
    greeted = {phrase for phrase in COURTESIES[language] if NAME in phrase}
    assert all(phrase.index(NAME) == len(phrase) - 1 > 0 for phrase in greeted)
    assert courtesy("Refunded", language, "Refunded").words == ""
    assert courtesy("We have Refunded you", language, "Refunded").words == ""
    assert courtesy(KIND[language][0].replace("Dana", "Refunded you"), language, "Refunded").words == ""


@pytest.mark.parametrize("language", sorted(KIND))
def test_no_phrase_holds_a_word_of_money_time_number_or_denial(language: str) -> None:
    assert {word for phrase in COURTESIES[language] for word in phrase} & set(NEVER[language].split()) == set()


@pytest.mark.parametrize("language", sorted(KIND))
def test_only_greetings_thanks_and_apologies_stand_alone(language: str) -> None:
    assert {phrase[0] for phrase in COURTESIES[language] if len(phrase) == 1} == set(ALONE[language].split())


def test_every_language_of_our_replies_has_kind_and_hostile_examples() -> None:
    assert set(COURTESIES) == set(KIND) == set(HOSTILE) == set(NEVER) == set(ALONE)


def test_what_is_too_long_is_not_read() -> None:
    assert courtesy("thanks " * 60, "en", "").refused == "it was too long"


def test_a_refusal_quotes_from_where_the_courtesy_ends() -> None:
    refused = courtesy("Thank you for your message. We have refunded it today.", "en", "").refused
    assert refused == "it said more than courtesy: “we have refunded it today”"
