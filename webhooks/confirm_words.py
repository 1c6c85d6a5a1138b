"""What the confirmation page says, one table per language an answer is read in.

`untold` stands for the amount while that is what is to be typed.
"""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "title": "Your refund",
        "brand": "your {brand} card", "card": "your card", "account": "your bank account",
        "original": "the payment method you used",
        "card_digits": "To confirm, type the last four digits of this card. They are in our message.",
        "account_digits": "To confirm, type the last four digits of this account. They are in our message.",
        "untold": "the amount in our message",
        "amount": "To confirm, type the amount.", "button": "Yes, send {money}",
        "wrong": "That is not right. Please look at our message and try again.",
        "unreadable_digits": "Please type the four digits only.",
        "unreadable_amount": "Please type an amount, as in 0.00.",
        "not_you": "If you did not ask for this, close this page or reply to our message with NO. Nothing happens "
                   "without your yes.",
        "confirmed": "Thank you. We check everything once more and then send the money. You will get a message when "
                     "it is done.",
        "unknown": "We do not know this page. Please use the link exactly as it is in our message, or reply to the "
                   "message.",
        "expired": "The time to confirm has run out. Someone from our team will take care of your request; you do not "
                   "need to do anything.",
        "answered": "This was answered already, or no answer is needed any more. You do not need to do anything.",
        "asked_since": "We have written to you again since. Please use the newest message.",
        "dead": "This page is closed after too many wrong tries. Please reply to our message with YES or NO instead.",
        "busy": "We are working on your request right now. Please try again in a minute.",
    },
    "de": {
        "title": "Ihre Rückzahlung",
        "brand": "Ihre {brand}-Karte", "card": "Ihre Bankkarte", "account": "Ihr Bankkonto",
        "original": "das Zahlungsmittel, mit dem Sie bezahlt haben",
        "card_digits": "Zur Bestätigung geben Sie bitte die letzten vier Ziffern dieser Karte ein. Sie stehen in "
                       "unserer Nachricht.",
        "account_digits": "Zur Bestätigung geben Sie bitte die letzten vier Ziffern dieses Kontos ein. Sie stehen in "
                          "unserer Nachricht.",
        "untold": "den Betrag aus unserer Nachricht",
        "amount": "Zur Bestätigung geben Sie bitte den Betrag ein.", "button": "Ja, {money} zurückzahlen",
        "wrong": "Das stimmt nicht. Bitte sehen Sie in unserer Nachricht nach und versuchen Sie es noch einmal.",
        "unreadable_digits": "Bitte geben Sie nur die vier Ziffern ein.",
        "unreadable_amount": "Bitte geben Sie einen Betrag ein, zum Beispiel 0,00.",
        "not_you": "Sie haben das nicht verlangt? Dann schließen Sie diese Seite, oder antworten Sie auf unsere "
                   "Nachricht mit NEIN. Ohne Ihr Ja geschieht nichts.",
        "confirmed": "Vielen Dank. Wir prüfen alles noch einmal und zahlen dann zurück. Sie bekommen eine Nachricht, "
                     "sobald es erledigt ist.",
        "unknown": "Diese Seite gibt es nicht. Bitte verwenden Sie den Link genau so, wie er in unserer Nachricht "
                   "steht, oder antworten Sie auf die Nachricht.",
        "expired": "Die Zeit zum Bestätigen ist abgelaufen. Jemand aus unserem Team kümmert sich um Ihr Anliegen; Sie "
                   "brauchen nichts zu tun.",
        "answered": "Das wurde schon beantwortet, oder es wird nicht mehr danach gefragt. Sie brauchen nichts zu tun.",
        "asked_since": "Wir haben Ihnen seither noch einmal geschrieben. Bitte verwenden Sie die neueste Nachricht.",
        "dead": "Diese Seite ist nach zu vielen falschen Eingaben geschlossen. Bitte antworten Sie stattdessen auf "
                "unsere Nachricht mit JA oder NEIN.",
        "busy": "Wir arbeiten gerade an Ihrem Anliegen. Bitte versuchen Sie es in einer Minute noch einmal.",
    },
    "fr": {
        "title": "Votre remboursement",
        "brand": "votre carte {brand}", "card": "votre carte bancaire", "account": "votre compte bancaire",
        "original": "le moyen de paiement que vous avez utilisé",
        "card_digits": "Pour confirmer, saisissez les quatre derniers chiffres de cette carte. Ils figurent dans notre "
                       "message.",
        "account_digits": "Pour confirmer, saisissez les quatre derniers chiffres de ce compte. Ils figurent dans "
                          "notre message.",
        "untold": "le montant indiqué dans notre message",
        "amount": "Pour confirmer, saisissez le montant.",
        "button": "Oui, rembourser {money}",
        "wrong": "Ce n’est pas exact. Veuillez regarder notre message et réessayer.",
        "unreadable_digits": "Veuillez saisir uniquement les quatre chiffres.",
        "unreadable_amount": "Veuillez saisir un montant, par exemple 0,00.",
        "not_you": "Vous n’avez rien demandé ? Fermez cette page ou répondez NON à notre message. Rien ne se fait "
                   "sans votre oui.",
        "confirmed": "Merci. Nous vérifions tout encore une fois, puis nous remboursons. Vous recevrez un message "
                     "quand ce sera fait.",
        "unknown": "Nous ne connaissons pas cette page. Veuillez utiliser le lien exactement comme dans notre "
                   "message, ou répondre au message.",
        "expired": "Le délai de confirmation est écoulé. Un membre de notre équipe s’occupera de votre demande ; vous "
                   "n’avez rien à faire.",
        "answered": "Une réponse a déjà été donnée, ou n’est plus nécessaire. Vous n’avez rien à faire.",
        "asked_since": "Nous vous avons écrit de nouveau depuis. Veuillez utiliser le message le plus récent.",
        "dead": "Cette page est fermée après trop d’essais incorrects. Veuillez plutôt répondre OUI ou NON à notre "
                "message.",
        "busy": "Nous traitons votre demande en ce moment. Veuillez réessayer dans une minute.",
    },
    "es": {
        "title": "Su reembolso",
        "brand": "su tarjeta {brand}", "card": "su tarjeta bancaria", "account": "su cuenta bancaria",
        "original": "el medio de pago que utilizó",
        "card_digits": "Para confirmar, escriba los cuatro últimos dígitos de esta tarjeta. Los encontrará en nuestro "
                       "mensaje.",
        "account_digits": "Para confirmar, escriba los cuatro últimos dígitos de esta cuenta. Los encontrará en "
                          "nuestro mensaje.",
        "untold": "el importe indicado en nuestro mensaje",
        "amount": "Para confirmar, escriba el importe.",
        "button": "Sí, reembolsar {money}",
        "wrong": "No es correcto. Consulte nuestro mensaje e inténtelo de nuevo.",
        "unreadable_digits": "Escriba solo los cuatro dígitos.",
        "unreadable_amount": "Escriba un importe, por ejemplo 0,00.",
        "not_you": "¿No lo ha pedido usted? Cierre esta página o responda NO a nuestro mensaje. No se hará nada sin "
                   "su sí.",
        "confirmed": "Gracias. Lo comprobamos todo una vez más y después hacemos el reembolso. Recibirá un mensaje "
                     "cuando esté hecho.",
        "unknown": "No conocemos esta página. Utilice el enlace exactamente como aparece en nuestro mensaje, o "
                   "responda al mensaje.",
        "expired": "El plazo para confirmar ha terminado. Alguien de nuestro equipo se ocupará de su solicitud; usted "
                   "no tiene que hacer nada.",
        "answered": "Ya se ha respondido, o ya no hace falta respuesta. No tiene que hacer nada.",
        "asked_since": "Desde entonces le hemos vuelto a escribir. Utilice el mensaje más reciente.",
        "dead": "Esta página se ha cerrado tras demasiados intentos incorrectos. Responda SÍ o NO a nuestro mensaje.",
        "busy": "Estamos trabajando en su solicitud en este momento. Inténtelo de nuevo dentro de un minuto.",
    },
    "it": {
        "title": "Il suo rimborso",
        "brand": "la sua carta {brand}", "card": "la sua carta bancaria", "account": "il suo conto bancario",
        "original": "il metodo di pagamento che ha usato",
        "card_digits": "Per confermare, scriva le ultime quattro cifre di questa carta. Le trova nel nostro messaggio.",
        "account_digits": "Per confermare, scriva le ultime quattro cifre di questo conto. Le trova nel nostro "
                          "messaggio.",
        "untold": "l’importo indicato nel nostro messaggio",
        "amount": "Per confermare, scriva l’importo.",
        "button": "Sì, rimborsare {money}",
        "wrong": "Non è corretto. Guardi il nostro messaggio e riprovi.",
        "unreadable_digits": "Scriva solo le quattro cifre.",
        "unreadable_amount": "Scriva un importo, per esempio 0,00.",
        "not_you": "Non l’ha chiesto lei? Chiuda questa pagina o risponda NO al nostro messaggio. Senza il suo sì non "
                   "accade nulla.",
        "confirmed": "Grazie. Controlliamo tutto ancora una volta e poi rimborsiamo. Riceverà un messaggio quando "
                     "sarà fatto.",
        "unknown": "Non conosciamo questa pagina. Usi il link esattamente come appare nel nostro messaggio, o "
                   "risponda al messaggio.",
        "expired": "Il tempo per confermare è scaduto. Qualcuno del nostro team si occuperà della sua richiesta; lei "
                   "non deve fare nulla.",
        "answered": "È già stata data una risposta, oppure non serve più. Lei non deve fare nulla.",
        "asked_since": "Nel frattempo le abbiamo scritto di nuovo. Usi il messaggio più recente.",
        "dead": "Questa pagina è chiusa dopo troppi tentativi sbagliati. Risponda invece SÌ o NO al nostro messaggio.",
        "busy": "Stiamo lavorando alla sua richiesta in questo momento. Riprovi tra un minuto.",
    },
    "pt": {
        "title": "O seu reembolso",
        "brand": "o seu cartão {brand}", "card": "o seu cartão bancário", "account": "a sua conta bancária",
        "original": "o meio de pagamento que utilizou",
        "card_digits": "Para confirmar, escreva os últimos quatro dígitos deste cartão. Encontra-os na nossa mensagem.",
        "account_digits": "Para confirmar, escreva os últimos quatro dígitos desta conta. Encontra-os na nossa "
                          "mensagem.",
        "untold": "o valor indicado na nossa mensagem",
        "amount": "Para confirmar, escreva o valor.",
        "button": "Sim, reembolsar {money}",
        "wrong": "Não está certo. Veja a nossa mensagem e tente de novo.",
        "unreadable_digits": "Escreva apenas os quatro dígitos.",
        "unreadable_amount": "Escreva um valor, por exemplo 0,00.",
        "not_you": "Não foi um pedido seu? Feche esta página ou responda NÃO à nossa mensagem. Nada acontece sem o "
                   "seu sim.",
        "confirmed": "Agradecemos. Verificamos tudo mais uma vez e depois reembolsamos. Receberá uma mensagem quando "
                     "estiver feito.",
        "unknown": "Não conhecemos esta página. Utilize a ligação exatamente como está na nossa mensagem, ou responda "
                   "à mensagem.",
        "expired": "O prazo para confirmar terminou. Alguém da nossa equipa tratará do seu pedido; não precisa de "
                   "fazer nada.",
        "answered": "Já houve uma resposta, ou já não é precisa. Não precisa de fazer nada.",
        "asked_since": "Entretanto voltámos a escrever-lhe. Utilize a mensagem mais recente.",
        "dead": "Esta página foi fechada após demasiadas tentativas erradas. Responda antes SIM ou NÃO à nossa "
                "mensagem.",
        "busy": "Estamos a tratar do seu pedido neste momento. Tente de novo dentro de um minuto.",
    },
    "nl": {
        "title": "Uw terugbetaling",
        "brand": "uw {brand}-kaart", "card": "uw bankkaart", "account": "uw bankrekening",
        "original": "de betaalmethode die u hebt gebruikt",
        "card_digits": "Typ ter bevestiging de laatste vier cijfers van deze kaart. U vindt ze in ons bericht.",
        "account_digits": "Typ ter bevestiging de laatste vier cijfers van deze rekening. U vindt ze in ons bericht.",
        "untold": "het bedrag in ons bericht",
        "amount": "Typ ter bevestiging het bedrag.",
        "button": "Ja, betaal {money} terug",
        "wrong": "Dat klopt niet. Kijk in ons bericht en probeer het opnieuw.",
        "unreadable_digits": "Typ alleen de vier cijfers.",
        "unreadable_amount": "Typ een bedrag, bijvoorbeeld 0,00.",
        "not_you": "Hebt u hier niet om gevraagd? Sluit deze pagina of antwoord NEE op ons bericht. Zonder uw ja "
                   "gebeurt er niets.",
        "confirmed": "Dank u. We controleren alles nog een keer en betalen dan terug. U krijgt bericht als het gedaan "
                     "is.",
        "unknown": "We kennen deze pagina niet. Gebruik de link precies zoals die in ons bericht staat, of beantwoord "
                   "het bericht.",
        "expired": "De tijd om te bevestigen is voorbij. Iemand van ons team neemt uw verzoek in behandeling; u hoeft "
                   "niets te doen.",
        "answered": "Dit is al beantwoord, of er is geen antwoord meer nodig. U hoeft niets te doen.",
        "asked_since": "We hebben u daarna opnieuw geschreven. Gebruik het nieuwste bericht.",
        "dead": "Deze pagina is gesloten na te veel verkeerde pogingen. Antwoord in plaats daarvan JA of NEE op ons "
                "bericht.",
        "busy": "We werken nu aan uw verzoek. Probeer het over een minuut opnieuw.",
    },
    "pl": {
        "title": "Zwrot pieniędzy",
        "brand": "Państwa karta {brand}", "card": "Państwa karta bankowa", "account": "Państwa rachunek bankowy",
        "original": "metoda płatności użyta przy zakupie",
        "card_digits": "Aby potwierdzić, prosimy wpisać cztery ostatnie cyfry tej karty. Są w naszej wiadomości.",
        "account_digits": "Aby potwierdzić, prosimy wpisać cztery ostatnie cyfry tego rachunku. Są w naszej "
                          "wiadomości.",
        "untold": "z naszej wiadomości",
        "amount": "Aby potwierdzić, prosimy wpisać kwotę.",
        "button": "Tak, proszę zwrócić kwotę {money}",
        "wrong": "To się nie zgadza. Prosimy zajrzeć do naszej wiadomości i spróbować ponownie.",
        "unreadable_digits": "Prosimy wpisać tylko cztery cyfry.",
        "unreadable_amount": "Prosimy wpisać kwotę, na przykład 0,00.",
        "not_you": "To nie Państwa prośba? Prosimy zamknąć tę stronę albo odpowiedzieć NIE na naszą wiadomość. Bez "
                   "Państwa zgody nic się nie stanie.",
        "confirmed": "Dziękujemy. Sprawdzimy wszystko jeszcze raz i zwrócimy pieniądze. Gdy to nastąpi, wyślemy "
                     "wiadomość.",
        "unknown": "Nie znamy tej strony. Prosimy użyć linku dokładnie tak, jak jest w naszej wiadomości, albo na nią "
                   "odpowiedzieć.",
        "expired": "Czas na potwierdzenie minął. Ktoś z naszego zespołu zajmie się zgłoszeniem; nic nie trzeba robić.",
        "answered": "Odpowiedź już jest albo nie jest już potrzebna. Nic nie trzeba robić.",
        "asked_since": "Od tego czasu napisaliśmy do Państwa ponownie. Prosimy skorzystać z najnowszej wiadomości.",
        "dead": "Ta strona została zamknięta po zbyt wielu błędnych próbach. Prosimy odpowiedzieć TAK albo NIE na "
                "naszą wiadomość.",
        "busy": "Właśnie pracujemy nad tym zgłoszeniem. Prosimy spróbować ponownie za minutę.",
    },
}
