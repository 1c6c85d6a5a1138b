"""The sentences customers read, one table per language, and the words a courtesy may be made of."""

from __future__ import annotations

PHRASES: dict[str, dict[str, str]] = {
    "en": {
        "hello": "Hello,",
        "hello_name": "Hello {name},",
        "refund_sent": "We have sent {money} back to {method}.",
        "refund_pending": "Your refund of {money} to {method} is on its way and not yet complete.",
        "arrival": "It usually takes banks {least}–{most} business days to show it.",
        "status_sent": "Your refund of {money} was sent to {method} on {date}.",
        "status_pending": "Your refund of {money} to {method} was started on {date} and is still on its way.",
        "reference": "If your bank asks for it, the reference is {reference}.",
        "changed": "We have changed {what} to {value}.",
        "opted_out": "You will no longer receive marketing mail from us.",
        "opted_in": "You are signed up for our marketing mail again.",
        "rest": "A colleague will get back to you about the rest of your message.",
        "disclosure": "This is an automatic reply. Reply “person” and one of our team will take over.",
        "card": "card",
        "ending_in": "your {name} ending in {last4}",
        "original_method": "the payment method you used",
        "field_phone": "your phone number", "field_mobile": "your mobile number",
        "field_first_name": "your first name", "field_last_name": "your last name", "field_street": "your street",
        "field_city": "your city", "field_postal_code": "your postal code", "field_state": "your state",
        "field_country": "your country", "field_email": "your e-mail address",
    },
    "de": {
        "hello": "Guten Tag!",
        "hello_name": "Guten Tag, {name}!",
        "refund_sent": "Wir haben {money} auf {method} zurückgezahlt.",
        "refund_pending": "Ihre Rückzahlung von {money} auf {method} ist unterwegs, aber noch nicht abgeschlossen.",
        "arrival": "Bis der Betrag bei Ihnen erscheint, dauert es meist {least}–{most} Werktage.",
        "status_sent": "Wir haben Ihre Rückzahlung von {money} am {date} auf {method} veranlasst.",
        "status_pending": "Ihre Rückzahlung von {money} auf {method} wurde am {date} begonnen und ist noch unterwegs.",
        "reference": "Falls Ihre Bank nach einer Referenz fragt: {reference}.",
        "changed": "Wir haben {what} auf {value} geändert.",
        "opted_out": "Sie erhalten keine Werbe-E-Mails mehr von uns.",
        "opted_in": "Sie erhalten wieder Werbe-E-Mails von uns.",
        "rest": "Zu Ihren weiteren Anliegen meldet sich jemand aus unserem Team.",
        "disclosure": "Dies ist eine automatische Antwort. Antworten Sie mit „Mensch“, dann übernimmt jemand aus "
                      "unserem Team.",
        "card": "Bank",
        "ending_in": "Ihre {name}-Karte mit den Endziffern {last4}",
        "original_method": "das von Ihnen verwendete Zahlungsmittel",
        "field_phone": "Ihre Telefonnummer", "field_mobile": "Ihre Mobilnummer",
        "field_first_name": "Ihren Vornamen", "field_last_name": "Ihren Nachnamen", "field_street": "Ihre Straße",
        "field_city": "Ihren Ort", "field_postal_code": "Ihre Postleitzahl", "field_state": "Ihr Bundesland",
        "field_country": "Ihr Land", "field_email": "Ihre E-Mail-Adresse",
    },
    "fr": {
        "hello": "Bonjour,",
        "hello_name": "Bonjour {name},",
        "refund_sent": "Nous avons remboursé {money} sur {method}.",
        "refund_pending": "Votre remboursement de {money} sur {method} est en cours ; il n’est pas encore terminé.",
        "arrival": "Il apparaît généralement sur votre relevé après {least} à {most} jours ouvrés.",
        "status_sent": "Votre remboursement de {money} sur {method} a été effectué le {date}.",
        "status_pending": "Votre remboursement de {money} sur {method} a été lancé le {date} et est encore en cours.",
        "reference": "Si votre banque vous demande une référence : {reference}.",
        "changed": "Nous avons mis à jour {what} : {value}.",
        "opted_out": "Vous ne recevrez plus nos e-mails publicitaires.",
        "opted_in": "Vous recevrez de nouveau nos e-mails publicitaires.",
        "rest": "Un membre de notre équipe vous répondra sur les autres points de votre message.",
        "disclosure": "Ceci est une réponse automatique. Répondez « humain » et un membre de notre équipe prendra le "
                      "relais.",
        "card": "bancaire",
        "ending_in": "votre carte {name} se terminant par {last4}",
        "original_method": "le moyen de paiement que vous avez utilisé",
        "field_phone": "votre numéro de téléphone", "field_mobile": "votre numéro de mobile",
        "field_first_name": "votre prénom", "field_last_name": "votre nom", "field_street": "votre rue",
        "field_city": "votre ville", "field_postal_code": "votre code postal", "field_state": "votre région",
        "field_country": "votre pays", "field_email": "votre adresse e-mail",
    },
    "es": {
        "hello": "Hola:",
        "hello_name": "Hola, {name}:",
        "refund_sent": "Hemos reembolsado {money} en {method}.",
        "refund_pending": "Su reembolso de {money} en {method} está en curso y aún no se ha completado.",
        "arrival": "Suele tardar entre {least} y {most} días hábiles en aparecer en su extracto.",
        "status_sent": "Su reembolso de {money} en {method} se realizó el {date}.",
        "status_pending": "Su reembolso de {money} en {method} se inició el {date} y sigue en curso.",
        "reference": "Si su banco le pide una referencia: {reference}.",
        "changed": "Hemos actualizado {what}: {value}.",
        "opted_out": "Ya no recibirá nuestros correos publicitarios.",
        "opted_in": "Volverá a recibir nuestros correos publicitarios.",
        "rest": "Alguien de nuestro equipo le responderá sobre el resto de su mensaje.",
        "disclosure": "Esta es una respuesta automática. Responda «persona» y le atenderá alguien de nuestro equipo.",
        "card": "bancaria",
        "ending_in": "su tarjeta {name} terminada en {last4}",
        "original_method": "el medio de pago que utilizó",
        "field_phone": "su número de teléfono", "field_mobile": "su número de móvil",
        "field_first_name": "su nombre", "field_last_name": "sus apellidos", "field_street": "su calle",
        "field_city": "su ciudad", "field_postal_code": "su código postal", "field_state": "su provincia",
        "field_country": "su país", "field_email": "su correo electrónico",
    },
}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split()) | frozenset(".,!'’–-")


COURTESY: dict[str, frozenset[str]] = {
    "en": _words("""
        hello hi dear thank thanks you your yours for so very much letting us know reaching out getting in touch
        writing to we re are is was be been am i m sorry apologise apologize apologies about the this that these
        inconvenience trouble mix up confusion mistake understand how frustrating annoying it must have and of
        patience kind words message note happy glad help have a good nice lovely day wishes best regards with our
        with s all from team appreciate really sincerely"""),
    "de": _words("""
        hallo guten tag liebe lieber sehr geehrte geehrter danke vielen dank für ihre ihren ihr nachricht geduld
        dass sie sich gemeldet haben uns geschrieben es tut leid das die der den wir entschuldigen verstehen wie
        ärgerlich ist und bitte um entschuldigung unannehmlichkeiten umstände freundliche grüße mit freundlichen
        grüßen einen schönen ihnen noch herzlichen gerne"""),
    "fr": _words("""
        bonjour cher chère merci beaucoup pour votre vos message patience de nous avoir écrit contactés nous sommes
        désolés désolé désolée pour ce cette le la les désagrément gêne occasionnée excuses présentons prions
        vous et bonne journée cordialement bien à comprenons que c est d"""),
    "es": _words("""
        hola estimado estimada gracias muchas por su mensaje paciencia escribirnos contactarnos contactar con
        nosotros sentimos lamentamos mucho las los la el molestias inconvenientes disculpas pedimos le y un buen
        día saludos cordiales entendemos que es"""),
}
"""With none of these words can anything be claimed, promised or linked to."""
