"""The sentences customers read, one table per language, and the words a courtesy may be made of."""

from __future__ import annotations

PHRASES: dict[str, dict[str, str]] = {
    "en": {
        "hello": "Hello,",
        "hello_name": "Hello {name},",
        "refund_sent": "We have sent {money} back to {method}.",
        "refund_pending": "Your refund of {money} to {method} is on its way and not yet complete.",
        "refund_failed": "Unfortunately your refund of {money} to {method} did not go through. We are sorry. "
                         "A colleague will write to you about another way.",
        "arrival": "It usually takes banks {least}–{most} business days to show it.",
        "status_sent": "Your refund of {money} was sent to {method} on {date}.",
        "status_pending": "Your refund of {money} to {method} was started on {date} and is still on its way.",
        "reference": "If your bank asks for it, the reference is {reference}.",
        "changed": "We have changed {what} to {value}.",
        "opted_out": "You will no longer receive marketing mail from us.",
        "opted_in": "You are signed up for our marketing mail again.",
        "looking": "Thank you for your message. I have it in front of me and will come back to you.",
        "rest": "A colleague will get back to you about the rest of your message.",
        "disclosure": "This is an automatic reply. Reply “person” and one of our team will take over.",
        "card": "card",
        "ending_in": "your {name} ending in {last4}",
        "original_method": "the payment method you used",
        "field_phone": "your phone number", "field_mobile": "your mobile number",
        "field_first_name": "your first name", "field_last_name": "your last name", "field_street": "your street",
        "field_city": "your city", "field_postal_code": "your postal code", "field_state": "your state",
        "field_country": "your country", "field_email": "your e-mail address", "address": "your postal address",
    },
    "de": {
        "hello": "Guten Tag!",
        "hello_name": "Guten Tag, {name}!",
        "refund_sent": "Wir haben {money} auf {method} zurückgezahlt.",
        "refund_pending": "Ihre Rückzahlung von {money} auf {method} ist unterwegs, aber noch nicht abgeschlossen.",
        "refund_failed": "Ihre Rückzahlung von {money} auf {method} ist leider nicht zustande gekommen. "
                         "Das tut uns leid. Jemand aus unserem Team schreibt Ihnen, wie es weitergeht.",
        "arrival": "Bis der Betrag bei Ihnen erscheint, dauert es meist {least}–{most} Werktage.",
        "status_sent": "Wir haben Ihre Rückzahlung von {money} am {date} auf {method} veranlasst.",
        "status_pending": "Ihre Rückzahlung von {money} auf {method} wurde am {date} begonnen und ist noch unterwegs.",
        "reference": "Falls Ihre Bank nach einer Referenz fragt: {reference}.",
        "changed": "Wir haben {what} auf {value} geändert.",
        "opted_out": "Sie erhalten keine Werbe-E-Mails mehr von uns.",
        "opted_in": "Sie erhalten wieder Werbe-E-Mails von uns.",
        "looking": "Vielen Dank für Ihre Nachricht. Sie liegt mir vor, ich sehe sie mir an und melde mich bei Ihnen.",
        "rest": "Zu Ihren weiteren Anliegen meldet sich jemand aus unserem Team.",
        "disclosure": "Dies ist eine automatische Antwort. Antworten Sie mit „Mensch“, dann übernimmt jemand aus "
                      "unserem Team.",
        "card": "Bank",
        "ending_in": "Ihre {name}-Karte mit den Endziffern {last4}",
        "original_method": "das von Ihnen verwendete Zahlungsmittel",
        "field_phone": "Ihre Telefonnummer", "field_mobile": "Ihre Mobilnummer",
        "field_first_name": "Ihren Vornamen", "field_last_name": "Ihren Nachnamen", "field_street": "Ihre Straße",
        "field_city": "Ihren Ort", "field_postal_code": "Ihre Postleitzahl", "field_state": "Ihr Bundesland",
        "field_country": "Ihr Land", "field_email": "Ihre E-Mail-Adresse", "address": "Ihre Postanschrift",
    },
    "fr": {
        "hello": "Bonjour,",
        "hello_name": "Bonjour {name},",
        "refund_sent": "Nous avons remboursé {money} sur {method}.",
        "refund_pending": "Votre remboursement de {money} sur {method} est en cours ; il n’est pas encore terminé.",
        "refund_failed": "Malheureusement, votre remboursement de {money} sur {method} n’a pas abouti. "
                         "Nous en sommes désolés. Un membre de notre équipe vous écrira pour une autre solution.",
        "arrival": "Il apparaît généralement sur votre relevé après {least} à {most} jours ouvrés.",
        "status_sent": "Votre remboursement de {money} sur {method} a été effectué le {date}.",
        "status_pending": "Votre remboursement de {money} sur {method} a été lancé le {date} et est encore en cours.",
        "reference": "Si votre banque vous demande une référence : {reference}.",
        "changed": "Nous avons mis à jour {what} : {value}.",
        "opted_out": "Vous ne recevrez plus nos e-mails publicitaires.",
        "opted_in": "Vous recevrez de nouveau nos e-mails publicitaires.",
        "looking": "Merci pour votre message. Je l’ai sous les yeux, je m’en occupe et je reviens vers vous.",
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
        "address": "votre adresse postale",
    },
    "es": {
        "hello": "Hola:",
        "hello_name": "Hola, {name}:",
        "refund_sent": "Hemos reembolsado {money} en {method}.",
        "refund_pending": "Su reembolso de {money} en {method} está en curso y aún no se ha completado.",
        "refund_failed": "Lamentablemente, su reembolso de {money} en {method} no se ha podido completar. "
                         "Lo sentimos. Alguien de nuestro equipo le escribirá para buscar otra forma.",
        "arrival": "Suele tardar entre {least} y {most} días hábiles en aparecer en su extracto.",
        "status_sent": "Su reembolso de {money} en {method} se realizó el {date}.",
        "status_pending": "Su reembolso de {money} en {method} se inició el {date} y sigue en curso.",
        "reference": "Si su banco le pide una referencia: {reference}.",
        "changed": "Hemos actualizado {what}: {value}.",
        "opted_out": "Ya no recibirá nuestros correos publicitarios.",
        "opted_in": "Volverá a recibir nuestros correos publicitarios.",
        "looking": "Gracias por su mensaje. Lo tengo delante, lo estoy revisando y le responderé.",
        "rest": "Alguien de nuestro equipo le responderá sobre el resto de su mensaje.",
        "disclosure": "Esta es una respuesta automática. Responda «persona» y le atenderá alguien de nuestro equipo.",
        "card": "bancaria",
        "ending_in": "su tarjeta {name} terminada en {last4}",
        "original_method": "el medio de pago que utilizó",
        "field_phone": "su número de teléfono", "field_mobile": "su número de móvil",
        "field_first_name": "su nombre", "field_last_name": "sus apellidos", "field_street": "su calle",
        "field_city": "su ciudad", "field_postal_code": "su código postal", "field_state": "su provincia",
        "field_country": "su país", "field_email": "su correo electrónico",
        "address": "su dirección postal",
    },
    "it": {
        "hello": "Buongiorno,",
        "hello_name": "Buongiorno {name},",
        "refund_sent": "Abbiamo rimborsato {money} con accredito su: {method}.",
        "refund_pending": "Il suo rimborso di {money} è in corso e non è ancora completato. Accredito su: {method}.",
        "refund_failed": "Purtroppo il suo rimborso di {money} non è andato a buon fine (accredito su: {method}). "
                         "Ce ne scusiamo. Qualcuno del nostro team le scriverà per un’altra soluzione.",
        "arrival": "Di solito le banche impiegano {least}–{most} giorni lavorativi per mostrarlo.",
        "status_sent": "Il suo rimborso di {money} è stato inviato il {date} con accredito su: {method}.",
        "status_pending": "Il suo rimborso di {money} è stato avviato il {date} ed è ancora in corso. Accredito su: "
                          "{method}.",
        "reference": "Se la sua banca chiede un riferimento: {reference}.",
        "changed": "Abbiamo aggiornato {what}: {value}.",
        "opted_out": "Non riceverà più le nostre e-mail pubblicitarie.",
        "opted_in": "Riceverà di nuovo le nostre e-mail pubblicitarie.",
        "looking": "Grazie per il suo messaggio. L’ho davanti a me, lo sto esaminando e le risponderò.",
        "rest": "Qualcuno del nostro team le risponderà sul resto del suo messaggio.",
        "disclosure": "Questa è una risposta automatica. Risponda «persona» e se ne occuperà qualcuno del nostro team.",
        "card": "bancaria",
        "ending_in": "la sua carta {name} che termina con {last4}",
        "original_method": "il metodo di pagamento che ha usato",
        "field_phone": "il suo numero di telefono", "field_mobile": "il suo numero di cellulare",
        "field_first_name": "il suo nome", "field_last_name": "il suo cognome", "field_street": "la sua via",
        "field_city": "la sua città", "field_postal_code": "il suo codice postale",
        "field_state": "la sua provincia", "field_country": "il suo Paese",
        "field_email": "il suo indirizzo e-mail", "address": "il suo indirizzo postale",
    },
    "pt": {
        "hello": "Olá,",
        "hello_name": "Olá, {name},",
        "refund_sent": "Reembolsámos {money} para {method}.",
        "refund_pending": "O seu reembolso de {money} para {method} está a caminho e ainda não está concluído.",
        "refund_failed": "Infelizmente, o seu reembolso de {money} para {method} não se concretizou. Pedimos desculpa. "
                         "Alguém da nossa equipa irá escrever-lhe para encontrar outra forma.",
        "arrival": "Costuma demorar {least} a {most} dias úteis até aparecer no seu extrato.",
        "status_sent": "O seu reembolso de {money} para {method} foi enviado em {date}.",
        "status_pending": "O seu reembolso de {money} para {method} foi iniciado em {date} e ainda está a caminho.",
        "reference": "Se o seu banco pedir uma referência: {reference}.",
        "changed": "Atualizámos {what}: {value}.",
        "opted_out": "Deixará de receber os nossos e-mails publicitários.",
        "opted_in": "Voltará a receber os nossos e-mails publicitários.",
        "looking": "Agradeço a sua mensagem. Tenho-a à minha frente, estou a analisá-la e irei responder-lhe.",
        "rest": "Alguém da nossa equipa responderá ao resto da sua mensagem.",
        "disclosure": "Esta é uma resposta automática. Responda «pessoa» e alguém da nossa equipa tratará do assunto.",
        "card": "bancário",
        "ending_in": "o seu cartão {name} terminado em {last4}",
        "original_method": "o meio de pagamento que utilizou",
        "field_phone": "o seu número de telefone", "field_mobile": "o seu número de telemóvel",
        "field_first_name": "o seu nome próprio", "field_last_name": "o seu apelido", "field_street": "a sua rua",
        "field_city": "a sua localidade", "field_postal_code": "o seu código postal",
        "field_state": "o seu distrito", "field_country": "o seu país",
        "field_email": "o seu endereço de e-mail", "address": "o seu endereço postal",
    },
    "nl": {
        "hello": "Hallo,",
        "hello_name": "Hallo {name},",
        "refund_sent": "We hebben {money} teruggestort op {method}.",
        "refund_pending": "Uw terugbetaling van {money} op {method} is onderweg en nog niet afgerond.",
        "refund_failed": "Helaas is uw terugbetaling van {money} op {method} niet gelukt. Onze excuses. "
                         "Iemand van ons team schrijft u over een andere manier.",
        "arrival": "Meestal duurt het {least}–{most} werkdagen voordat uw bank het laat zien.",
        "status_sent": "Op {date} is uw terugbetaling van {money} op {method} verstuurd.",
        "status_pending": "Op {date} is uw terugbetaling van {money} op {method} gestart; die is nog onderweg.",
        "reference": "Als uw bank om een referentie vraagt: {reference}.",
        "changed": "We hebben {what} gewijzigd in {value}.",
        "opted_out": "U ontvangt geen reclamemails meer van ons.",
        "opted_in": "U ontvangt weer reclamemails van ons.",
        "looking": "Bedankt voor uw bericht. Ik heb het voor me liggen, bekijk het en kom erop terug.",
        "rest": "Iemand van ons team komt terug op de rest van uw bericht.",
        "disclosure": "Dit is een automatisch antwoord. Antwoord met “mens” en iemand van ons team neemt het over.",
        "card": "bank",
        "ending_in": "uw {name}-kaart die eindigt op {last4}",
        "original_method": "de betaalmethode die u hebt gebruikt",
        "field_phone": "uw telefoonnummer", "field_mobile": "uw mobiele nummer",
        "field_first_name": "uw voornaam", "field_last_name": "uw achternaam", "field_street": "uw straat",
        "field_city": "uw woonplaats", "field_postal_code": "uw postcode", "field_state": "uw provincie",
        "field_country": "uw land", "field_email": "uw e-mailadres", "address": "uw postadres",
    },
    "pl": {
        "hello": "Dzień dobry,",
        "hello_name": "Dzień dobry, {name},",
        "refund_sent": "Zwróciliśmy kwotę {money}. Zwrot wysłaliśmy tutaj: {method}.",
        "refund_pending": "Zwrot kwoty {money} jest w drodze i nie został jeszcze zakończony. Trafi tutaj: {method}.",
        "refund_failed": "Niestety zwrot kwoty {money} nie powiódł się; miał trafić tutaj: {method}. Przepraszamy. "
                         "Ktoś z naszego zespołu napisze do Państwa w sprawie innego sposobu.",
        "arrival": "Zwykle widać to na rachunku po {least}–{most} dniach roboczych.",
        "status_sent": "Zwrot kwoty {money} wysłaliśmy {date} tutaj: {method}.",
        "status_pending": "Zwrot kwoty {money} rozpoczęliśmy {date} i nadal jest w drodze. Trafi tutaj: {method}.",
        "reference": "Jeśli bank zapyta o numer referencyjny: {reference}.",
        "changed": "Zmieniliśmy dane: {what} – {value}.",
        "opted_out": "Nie będą już Państwo otrzymywać od nas wiadomości reklamowych.",
        "opted_in": "Będą Państwo znów otrzymywać od nas wiadomości reklamowe.",
        "looking": "Dziękuję za wiadomość. Mam ją przed sobą, zajmuję się nią i odpowiem Państwu.",
        "rest": "W pozostałych sprawach odpowie Państwu ktoś z naszego zespołu.",
        "disclosure": "To jest odpowiedź automatyczna. Prosimy odpowiedzieć „człowiek”, a odezwie się ktoś z zespołu.",
        "card": "bankowa",
        "ending_in": "Państwa karta {name} o końcówce {last4}",
        "original_method": "metoda płatności użyta przy zakupie",
        "field_phone": "numer telefonu", "field_mobile": "numer telefonu komórkowego",
        "field_first_name": "imię", "field_last_name": "nazwisko", "field_street": "ulica",
        "field_city": "miejscowość", "field_postal_code": "kod pocztowy", "field_state": "województwo",
        "field_country": "kraj", "field_email": "adres e-mail", "address": "adres pocztowy",
    },
}


_QUESTIONS: dict[str, dict[str, str]] = {
    "en": {
        "ready_refund": "We’re ready to send {money} back to {method}.",
        "ready_address": "We’re ready to change your postal address to {address}.",
        "reply_yes": "To protect your account, please reply YES.",
        "banks_need": "Banks usually need {least}–{most} days.",
        "or_page": "You can also confirm it here: {link}",
        "unclear": "We could not read a clear yes or no in your reply. Please reply with the single word YES or NO.",
        "reminder": "A reminder: we are still waiting for your answer.",
        "person_hint": "This is an automatic message. Reply “person” and one of our team will take over.",
    },
    "de": {
        "ready_refund": "Wir können {money} auf {method} zurückzahlen.",
        "ready_address": "Wir können Ihre Postanschrift auf {address} ändern.",
        "reply_yes": "Um Ihr Konto zu schützen, antworten Sie bitte mit JA.",
        "banks_need": "Banken brauchen dafür meist {least}–{most} Tage.",
        "or_page": "Sie können auch hier bestätigen: {link}",
        "unclear": "Wir konnten Ihrer Antwort kein klares Ja oder Nein entnehmen. Bitte antworten Sie nur mit JA "
                   "oder NEIN.",
        "reminder": "Zur Erinnerung: Wir warten noch auf Ihre Antwort.",
        "person_hint": "Dies ist eine automatische Nachricht. Antworten Sie mit „Mensch“, dann übernimmt jemand aus "
                       "unserem Team.",
    },
    "fr": {
        "ready_refund": "Nous sommes prêts à rembourser {money} sur {method}.",
        "ready_address": "Nous sommes prêts à remplacer votre adresse postale par {address}.",
        "reply_yes": "Pour protéger votre compte, veuillez répondre OUI.",
        "banks_need": "Les banques ont généralement besoin de {least} à {most} jours.",
        "or_page": "Vous pouvez aussi confirmer ici : {link}",
        "unclear": "Nous n’avons pas pu lire un oui ou un non clair dans votre réponse. Veuillez répondre par un seul "
                   "mot, OUI ou NON.",
        "reminder": "Petit rappel : nous attendons toujours votre réponse.",
        "person_hint": "Ceci est un message automatique. Répondez « humain » et un membre de notre équipe prendra le "
                       "relais.",
    },
    "es": {
        "ready_refund": "Estamos listos para reembolsar {money} en {method}.",
        "ready_address": "Estamos listos para cambiar su dirección postal a {address}.",
        "reply_yes": "Para proteger su cuenta, responda SÍ.",
        "banks_need": "Los bancos suelen necesitar entre {least} y {most} días.",
        "or_page": "También puede confirmarlo aquí: {link}",
        "unclear": "No hemos podido leer un sí o un no claro en su respuesta. Responda con una sola palabra: SÍ o NO.",
        "reminder": "Le recordamos que seguimos esperando su respuesta.",
        "person_hint": "Este es un mensaje automático. Responda «persona» y le atenderá alguien de nuestro equipo.",
    },
    "it": {
        "ready_refund": "Siamo pronti a rimborsare {money} con accredito su: {method}.",
        "ready_address": "Siamo pronti a cambiare il suo indirizzo postale in {address}.",
        "reply_yes": "Per proteggere il suo account, risponda SÌ.",
        "banks_need": "Di solito le banche impiegano {least}–{most} giorni.",
        "or_page": "Può anche confermare qui: {link}",
        "unclear": "Nella sua risposta non abbiamo trovato un sì o un no chiaro. Risponda con una sola parola: SÌ o "
                   "NO.",
        "reminder": "Un promemoria: stiamo ancora aspettando la sua risposta.",
        "person_hint": "Questo è un messaggio automatico. Risponda «persona» e se ne occuperà qualcuno del nostro "
                       "team.",
    },
    "pt": {
        "ready_refund": "Estamos prontos para reembolsar {money} para {method}.",
        "ready_address": "Estamos prontos para alterar o seu endereço postal para {address}.",
        "reply_yes": "Para proteger a sua conta, responda SIM.",
        "banks_need": "Os bancos costumam precisar de {least} a {most} dias.",
        "or_page": "Também pode confirmar aqui: {link}",
        "unclear": "Não encontrámos um sim ou um não claro na sua resposta. Responda com uma só palavra: SIM ou NÃO.",
        "reminder": "Um lembrete: ainda estamos à espera da sua resposta.",
        "person_hint": "Esta é uma mensagem automática. Responda «pessoa» e alguém da nossa equipa tratará do assunto.",
    },
    "nl": {
        "ready_refund": "We staan klaar om {money} terug te betalen op {method}.",
        "ready_address": "We staan klaar om uw postadres te wijzigen in {address}.",
        "reply_yes": "Antwoord JA om uw account te beschermen.",
        "banks_need": "Banken hebben meestal {least}–{most} dagen nodig.",
        "or_page": "U kunt het ook hier bevestigen: {link}",
        "unclear": "We konden in uw antwoord geen duidelijk ja of nee lezen. Antwoord met één woord: JA of NEE.",
        "reminder": "Ter herinnering: we wachten nog op uw antwoord.",
        "person_hint": "Dit is een automatisch bericht. Antwoord met “mens” en iemand van ons team neemt het over.",
    },
    "pl": {
        "ready_refund": "Możemy zwrócić kwotę {money}. Zwrot trafi tutaj: {method}.",
        "ready_address": "Możemy zmienić Państwa adres pocztowy na: {address}.",
        "reply_yes": "Aby chronić swoje konto, prosimy odpowiedzieć TAK.",
        "banks_need": "Banki potrzebują zwykle od {least} do {most} dni.",
        "or_page": "Można też potwierdzić tutaj: {link}",
        "unclear": "Z odpowiedzi nie wynika jasno, czy to zgoda. Prosimy odpowiedzieć jednym słowem: TAK albo NIE.",
        "reminder": "Przypominamy, że nadal czekamy na odpowiedź.",
        "person_hint": "To jest wiadomość automatyczna. Prosimy odpowiedzieć „człowiek”, a odezwie się ktoś z zespołu.",
    },
}
QUESTIONS: dict[str, dict[str, str]] = {language: PHRASES[language] | words for language, words in _QUESTIONS.items()}
"""What a customer's yes is asked with, in all languages an answer is read in."""


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
    "it": _words("""
        buongiorno buonasera salve gentile caro cara grazie mille molte per il suo sua messaggio pazienza averci
        scritto contattato ci dispiace molto siamo spiacenti scusiamo scuse le porgiamo disagio inconveniente capiamo
        che è una un buona giornata cordiali saluti e la lo gli dei del della l"""),
    "pt": _words("""
        olá bom dia boa tarde caro cara estimado estimada muito obrigado obrigada agradecemos por a o os as sua seu
        mensagem paciência nos ter escrito contactado lamentamos pedimos desculpa pelo pela incómodo transtorno e um uma
        compreendemos que é cumprimentos cordiais com os melhores"""),
    "nl": _words("""
        hallo goedendag beste geachte dank bedankt hartelijk voor uw bericht geduld dat u ons heeft hebt geschreven
        contact opgenomen het spijt onze excuses het de ongemak vervelend we begrijpen hoe is en een fijne prettige dag
        met vriendelijke groet groeten"""),
    "pl": _words("""
        dzień dobry szanowny szanowna szanowni państwo pani panie dziękujemy bardzo za wiadomość cierpliwość kontakt
        z nami przepraszamy przykro nam kłopot niedogodności rozumiemy że to i miłego dnia serdecznie pozdrawiamy
        łączymy wyrazy szacunku"""),
}
"""With none of these words can anything be claimed, promised or linked to."""
