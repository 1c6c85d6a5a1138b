"""A reply for the colleague who takes over: it fits why Deskhand stopped, promises nothing and says nothing untrue."""

from __future__ import annotations

from agent.reply import Reply

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "customer_no": "Thank you for your answer. We have not gone ahead, as you asked. What would you like us to do "
                       "instead?",
        "colleague_no": "Thank you for your patience. We have looked at your request, and this is our answer:",
        "customer_silent": "We asked you to confirm your request and have not heard from you yet, so nothing has been "
                           "done so far. Do you still want it?",
        "colleague_silent": "I am sorry that you had to wait. I have your request in front of me now, and will come "
                            "back to you.",
        "unclear": "Thank you for your answer. I am not sure that I understood it, so nothing has been done so far. "
                   "Could you tell me in your own words what you would like?",
        "person": "You asked for a person: here I am. I am reading your messages now, and will come back to you.",
        "late": "Thank you for your answer. I am sorry that we did not act on it in time: nothing has been done so "
                "far. I am looking at it now.",
        "anew": "Thank you for your new message. I am reading it together with the earlier ones, and will come back to "
                "you.",
        "checking": "Thank you for your message. I am checking where your request stands, and will write to you when I "
                    "know.",
        "sender": "Thank you for your message. To protect your account, I have to be sure that it comes from you. "
                  "Please write to us by e-mail, from the address that you use with us.",
        "which_payment": "Thank you for your message. I have not found the payment that you mean. Could you send me "
                         "the order number, the amount and the date, or the last four digits of the card? Please do "
                         "not send the whole card number.",
        "not_refunded": "Thank you for your message. I have found your payment, and no money has gone back to you on "
                        "it so far. I am looking into it, and will come back to you.",
        "not_arrived": "Thank you for your message. I am sorry: sending your money back did not work. I will write to "
                       "you about another way.",
        "examined": "Thank you for your message. Your request needs a closer look, and I am taking it. I will come "
                    "back to you.",
    },
    "de": {
        "customer_no": "Vielen Dank für Ihre Antwort. Wir haben, wie gewünscht, nichts unternommen. Was sollen wir "
                       "stattdessen tun?",
        "colleague_no": "Vielen Dank für Ihre Geduld. Wir haben Ihr Anliegen geprüft, und dies ist unsere Antwort:",
        "customer_silent": "Wir hatten Sie gebeten, Ihr Anliegen zu bestätigen, und haben noch keine Antwort erhalten. "
                           "Deshalb ist bisher nichts geschehen. Möchten Sie es weiterhin?",
        "colleague_silent": "Entschuldigen Sie bitte die Wartezeit. Ihr Anliegen liegt mir jetzt vor, und ich melde "
                            "mich bei Ihnen.",
        "unclear": "Vielen Dank für Ihre Antwort. Ich bin nicht sicher, ob ich sie richtig verstehe; deshalb ist "
                   "bisher nichts geschehen. Könnten Sie mir mit eigenen Worten schreiben, was Sie möchten?",
        "person": "Sie möchten mit einem Menschen sprechen: Hier bin ich. Ich lese gerade Ihre Nachrichten und melde "
                  "mich bei Ihnen.",
        "late": "Vielen Dank für Ihre Antwort. Leider haben wir nicht rechtzeitig darauf reagiert: Bisher ist nichts "
                "geschehen. Ich sehe mir Ihr Anliegen jetzt an.",
        "anew": "Vielen Dank für Ihre neue Nachricht. Ich lese sie zusammen mit den früheren und melde mich bei Ihnen.",
        "checking": "Vielen Dank für Ihre Nachricht. Ich prüfe, wie es um Ihr Anliegen steht, und schreibe Ihnen, "
                    "sobald ich es weiß.",
        "sender": "Vielen Dank für Ihre Nachricht. Zum Schutz Ihres Kontos muss ich sicher sein, dass sie von Ihnen "
                  "kommt. Bitte schreiben Sie uns per E-Mail von der Adresse, die Sie bei uns verwenden.",
        "which_payment": "Vielen Dank für Ihre Nachricht. Die gemeinte Zahlung habe ich nicht gefunden. Könnten Sie "
                         "mir die Bestellnummer, Betrag und Datum oder die letzten vier Ziffern der Karte nennen? "
                         "Bitte senden Sie nicht die ganze Kartennummer.",
        "not_refunded": "Vielen Dank für Ihre Nachricht. Ihre Zahlung habe ich gefunden; davon ist bisher kein Geld an "
                        "Sie zurückgegangen. Ich sehe mir das an und melde mich bei Ihnen.",
        "not_arrived": "Vielen Dank für Ihre Nachricht. Es tut mir leid: Ihr Geld zurückzusenden hat nicht geklappt. "
                       "Ich schreibe Ihnen, wie es auf einem anderen Weg geht.",
        "examined": "Vielen Dank für Ihre Nachricht. Ihr Anliegen sehe ich mir genauer an und melde mich bei Ihnen.",
    },
    "fr": {
        "customer_no": "Merci pour votre réponse. Comme vous le souhaitiez, nous n’avons rien fait. Que pouvons-nous "
                       "faire à la place ?",
        "colleague_no": "Merci pour votre patience. Nous avons examiné votre demande, et voici notre réponse :",
        "customer_silent": "Nous vous avons demandé de confirmer votre demande et n’avons pas encore reçu de réponse ; "
                           "rien n’a donc été fait pour l’instant. La souhaitez-vous toujours ?",
        "colleague_silent": "Veuillez excuser cette attente. J’ai maintenant votre demande sous les yeux et je "
                            "reviendrai vers vous.",
        "unclear": "Merci pour votre réponse. J’ai un doute sur son sens ; rien n’a donc été fait "
                   "pour l’instant. Pourriez-vous me dire avec vos mots ce que vous souhaitez ?",
        "person": "Vous avez demandé à parler à une personne : me voici. Je lis vos messages et je reviendrai vers "
                  "vous.",
        "late": "Merci pour votre réponse. Nous sommes désolés de ne pas y avoir donné suite à temps : rien n’a été "
                "fait pour l’instant. Je m’en occupe maintenant.",
        "anew": "Merci pour votre nouveau message. Je le lis avec les précédents et je reviendrai vers vous.",
        "checking": "Merci pour votre message. Je vérifie où en est votre demande et je vous écrirai dès que je le "
                    "saurai.",
        "sender": "Merci pour votre message. Pour protéger votre compte, je dois m’assurer qu’il vient bien de vous. "
                  "Veuillez nous écrire par e-mail, depuis l’adresse que vous utilisez avec nous.",
        "which_payment": "Merci pour votre message. Je n’ai pas trouvé le paiement dont vous parlez. Pourriez-vous "
                         "m’indiquer le numéro de commande, le montant et la date, ou les quatre derniers chiffres de "
                         "la carte ? Merci de ne pas envoyer le numéro complet de la carte.",
        "not_refunded": "Merci pour votre message. J’ai trouvé votre paiement ; à ce jour, aucun montant ne vous a été "
                        "renvoyé. Je m’en occupe et je reviendrai vers vous.",
        "not_arrived": "Merci pour votre message. Nous sommes désolés : le renvoi de votre argent n’a pas abouti. Je "
                       "vous écrirai pour une autre solution.",
        "examined": "Merci pour votre message. Votre demande mérite un examen plus attentif, je m’en occupe et je "
                    "reviendrai vers vous.",
    },
    "es": {
        "customer_no": "Gracias por su respuesta. Tal como nos pidió, no hemos hecho nada. ¿Qué prefiere que hagamos?",
        "colleague_no": "Gracias por su paciencia. Hemos revisado su solicitud y esta es nuestra respuesta:",
        "customer_silent": "Le pedimos que confirmara su solicitud y aún no hemos recibido su respuesta, así que por "
                           "ahora no se ha hecho nada. ¿Todavía lo desea?",
        "colleague_silent": "Disculpe la espera. Ahora tengo su solicitud delante y le responderé.",
        "unclear": "Gracias por su respuesta. No sé si la he entendido bien, así que por ahora no se ha hecho nada. "
                   "¿Podría decirme con sus palabras qué desea?",
        "person": "Ha pedido hablar con una persona: aquí estoy. Estoy leyendo sus mensajes y le responderé.",
        "late": "Gracias por su respuesta. Sentimos no haberla atendido a tiempo: por ahora no se ha hecho nada. Lo "
                "estoy revisando ahora.",
        "anew": "Gracias por su nuevo mensaje. Lo estoy leyendo junto con los anteriores y le responderé.",
        "checking": "Gracias por su mensaje. Estoy comprobando cómo está su solicitud y le escribiré cuando lo sepa.",
        "sender": "Gracias por su mensaje. Para proteger su cuenta, necesito saber con certeza que viene de "
                  "usted. Escríbanos por correo electrónico desde la dirección que utiliza con nosotros.",
        "which_payment": "Gracias por su mensaje. No he encontrado el pago al que se refiere. ¿Podría enviarme el "
                         "número de pedido, el importe y la fecha, o los cuatro últimos dígitos de la tarjeta? Por "
                         "favor, no envíe el número completo de la tarjeta.",
        "not_refunded": "Gracias por su mensaje. He encontrado su pago y, hasta ahora, no se le ha devuelto ningún "
                        "importe. Lo estoy revisando y le responderé.",
        "not_arrived": "Gracias por su mensaje. Lo siento: no se ha podido devolver su dinero. Le escribiré para "
                       "buscar otra forma.",
        "examined": "Gracias por su mensaje. Su solicitud necesita una revisión más detenida; me ocupo de ella y le "
                    "responderé.",
    },
    "it": {
        "customer_no": "Grazie per la sua risposta. Come desiderava, non abbiamo fatto nulla. Che cosa preferisce che "
                       "facciamo?",
        "colleague_no": "Grazie per la pazienza. Abbiamo esaminato la sua richiesta, ed ecco la nostra risposta:",
        "customer_silent": "Le abbiamo chiesto di confermare la sua richiesta e non abbiamo ancora ricevuto risposta, "
                           "quindi per ora non è stato fatto nulla. La desidera ancora?",
        "colleague_silent": "Mi scuso per l’attesa. Ora ho davanti la sua richiesta e le risponderò.",
        "unclear": "Grazie per la sua risposta. Non so se l’ho capita bene, quindi per ora non è stato fatto nulla. "
                   "Può dirmi con parole sue che cosa desidera?",
        "person": "Ha chiesto di parlare con una persona: eccomi. Sto leggendo i suoi messaggi e le risponderò.",
        "late": "Grazie per la sua risposta. Ci dispiace di non averle dato seguito in tempo: per ora non è stato "
                "fatto nulla. Me ne sto occupando adesso.",
        "anew": "Grazie per il suo nuovo messaggio. Lo sto leggendo insieme ai precedenti e le risponderò.",
        "checking": "Grazie per il suo messaggio. Sto verificando a che punto è la sua richiesta e le scriverò appena "
                    "lo saprò.",
        "sender": "Grazie per il suo messaggio. Per proteggere il suo account devo avere la certezza che venga da lei. "
                  "Ci scriva per e-mail dall’indirizzo che usa con noi.",
        "which_payment": "Grazie per il suo messaggio. Non ho trovato il pagamento a cui si riferisce. Può inviarmi il "
                         "numero d’ordine, l’importo e la data, oppure le ultime quattro cifre della carta? Non invii "
                         "il numero completo della carta.",
        "not_refunded": "Grazie per il suo messaggio. Ho trovato il suo pagamento e finora non le è stato restituito "
                        "alcun importo. Me ne sto occupando e le risponderò.",
        "not_arrived": "Grazie per il suo messaggio. Mi dispiace: la restituzione del suo denaro non è andata a buon "
                       "fine. Le scriverò per un’altra soluzione.",
        "examined": "Grazie per il suo messaggio. La sua richiesta merita un esame più attento: me ne occupo io e le "
                    "risponderò.",
    },
    "pt": {
        "customer_no": "Agradecemos a sua resposta. Tal como pediu, não fizemos nada. O que prefere que façamos?",
        "colleague_no": "Agradecemos a sua paciência. Analisámos o seu pedido e esta é a nossa resposta:",
        "customer_silent": "Pedimos-lhe que confirmasse o seu pedido e ainda não recebemos resposta, por isso nada foi "
                           "feito até agora. Ainda o deseja?",
        "colleague_silent": "Peço desculpa pela espera. Tenho agora o seu pedido à minha frente e "
                            "responderei.",
        "unclear": "Agradecemos a sua resposta. Não sei se a entendi bem, por isso nada foi feito até agora. Pode "
                   "dizer-me por palavras suas o que deseja?",
        "person": "Pediu para falar com uma pessoa: aqui estou. Estou a ler as suas mensagens e responderei.",
        "late": "Agradecemos a sua resposta. Lamentamos não lhe ter dado seguimento a tempo: nada foi feito até agora. "
                "Estou a tratar disso neste momento.",
        "anew": "Agradecemos a sua nova mensagem. Estou a lê-la com as anteriores e responderei.",
        "checking": "Agradecemos a sua mensagem. Estou a verificar em que ponto está o seu pedido e escreverei quando "
                    "souber.",
        "sender": "Agradecemos a sua mensagem. Para proteger a sua conta, preciso de ter a certeza de que vem de "
                  "si. Escreva-nos por e-mail a partir do endereço que usa connosco.",
        "which_payment": "Agradecemos a sua mensagem. Não encontrei o pagamento a que se refere. Pode enviar-me o "
                         "número da encomenda, o valor e a data, ou os últimos quatro dígitos do cartão? Por favor, "
                         "não envie o número completo do cartão.",
        "not_refunded": "Agradecemos a sua mensagem. Encontrei o seu pagamento e, até agora, não lhe foi devolvido "
                        "nenhum valor. Estou a tratar disso e responderei.",
        "not_arrived": "Agradecemos a sua mensagem. Lamento: não foi possível devolver-lhe o dinheiro. Irei "
                       "escrever-lhe para encontrar outra forma.",
        "examined": "Agradecemos a sua mensagem. O seu pedido precisa de uma análise mais atenta; vou tratar dele e "
                    "responderei.",
    },
    "nl": {
        "customer_no": "Bedankt voor uw antwoord. Zoals u wilde, hebben we niets gedaan. Wat kunnen we in plaats "
                       "daarvan doen?",
        "colleague_no": "Bedankt voor uw geduld. We hebben naar uw verzoek gekeken, en dit is ons antwoord:",
        "customer_silent": "We hebben u gevraagd uw verzoek te bevestigen en nog geen antwoord ontvangen. Daarom is er "
                           "tot nu toe niets gedaan. Wilt u het nog steeds?",
        "colleague_silent": "Het spijt me dat u moest wachten. Ik heb uw verzoek nu voor me en kom bij u terug.",
        "unclear": "Bedankt voor uw antwoord. Ik weet niet zeker of ik het goed begrijp, daarom is er tot nu toe niets "
                   "gedaan. Kunt u in uw eigen woorden zeggen wat u wilt?",
        "person": "U vroeg om een mens: hier ben ik. Ik lees uw berichten nu en kom bij u terug.",
        "late": "Bedankt voor uw antwoord. Het spijt ons dat we er niet op tijd iets mee hebben gedaan: er is tot nu "
                "toe niets gebeurd. Ik kijk er nu naar.",
        "anew": "Bedankt voor uw nieuwe bericht. Ik lees het samen met de eerdere en kom bij u terug.",
        "checking": "Bedankt voor uw bericht. Ik ga na hoe het met uw verzoek staat en schrijf u zodra ik het weet.",
        "sender": "Bedankt voor uw bericht. Om uw account te beschermen moet ik zeker weten dat het van u komt. "
                  "Schrijf ons per e-mail vanaf het adres dat u bij ons gebruikt.",
        "which_payment": "Bedankt voor uw bericht. Ik heb de betaling die u bedoelt niet gevonden. Kunt u mij het "
                         "bestelnummer, het bedrag en de datum sturen, of de laatste vier cijfers van de kaart? Stuur "
                         "alstublieft niet het hele kaartnummer.",
        "not_refunded": "Bedankt voor uw bericht. Ik heb uw betaling gevonden; daarvan is tot nu toe geen geld naar u "
                        "teruggegaan. Ik kijk ernaar en kom bij u terug.",
        "not_arrived": "Bedankt voor uw bericht. Het spijt me: uw geld terugsturen is niet gelukt. Ik schrijf u over "
                       "een andere manier.",
        "examined": "Bedankt voor uw bericht. Uw verzoek verdient een nadere blik: ik kijk ernaar en kom bij u terug.",
    },
    "pl": {
        "customer_no": "Dziękujemy za odpowiedź. Zgodnie z życzeniem nic nie zrobiliśmy. Co możemy zrobić zamiast "
                       "tego?",
        "colleague_no": "Dziękujemy za cierpliwość. Rozpatrzyliśmy zgłoszenie, a oto nasza odpowiedź:",
        "customer_silent": "Prosiliśmy o potwierdzenie zgłoszenia i nie mamy jeszcze odpowiedzi, więc na razie nic nie "
                           "zostało zrobione. Czy jest to nadal potrzebne?",
        "colleague_silent": "Przepraszam za oczekiwanie. Mam teraz zgłoszenie przed sobą i odezwę się.",
        "unclear": "Dziękujemy za odpowiedź. Nie mam pewności, czy dobrze ją rozumiem, więc na razie nic nie zostało "
                   "zrobione. Proszę napisać własnymi słowami, co mamy zrobić.",
        "person": "Była prośba o rozmowę z człowiekiem: jestem. Czytam teraz wiadomości i odezwę się.",
        "late": "Dziękujemy za odpowiedź. Przepraszamy, że nie zareagowaliśmy na czas: na razie nic nie zostało "
                "zrobione. Zajmuję się tym teraz.",
        "anew": "Dziękujemy za nową wiadomość. Czytam ją razem z poprzednimi i odezwę się.",
        "checking": "Dziękujemy za wiadomość. Sprawdzam, na jakim etapie jest zgłoszenie, i napiszę, gdy będę "
                    "wiedzieć.",
        "sender": "Dziękujemy za wiadomość. Aby chronić konto, muszę mieć pewność, kto do nas pisze. Prosimy o "
                  "wiadomość e-mail z adresu używanego w kontaktach z nami.",
        "which_payment": "Dziękujemy za wiadomość. Nie udało mi się znaleźć tej płatności. Proszę podać numer "
                         "zamówienia, kwotę i datę albo cztery ostatnie cyfry karty. Proszę nie wysyłać całego numeru "
                         "karty.",
        "not_refunded": "Dziękujemy za wiadomość. Widzę tę płatność; jak dotąd nie odesłano z niej żadnych pieniędzy. "
                        "Zajmę się tym i odezwę się.",
        "not_arrived": "Dziękujemy za wiadomość. Przepraszam: nie udało się odesłać pieniędzy. Napiszę w sprawie "
                       "innego sposobu.",
        "examined": "Dziękujemy za wiadomość. Zgłoszenie wymaga dokładniejszego sprawdzenia. Zajmę się nim i odezwę "
                    "się.",
    },
}
"""By language and cause; a cause without words of its own is answered with what every reply table has."""

SAME = {"held": "checking", "rejected": "checking", "stands": "checking", "unknown": "checking", "gone": "examined",
        "refused": "examined", "escalated": "examined", "off": "examined", "unasked": "examined",
         "unused": "examined", "moved": "examined", "not_made": "examined", "bank_details": "checking",
         "colleague_late": "colleague_silent"}


def prepared(reply: Reply, cause: str) -> str:
    """The whole reply for this cause, in the reply's language."""
    words = " ".join(reply.facts) or WORDS.get(reply.language, {}).get(SAME.get(cause, cause))
    return f"{reply.hello()} {words or reply.phrases['looking']}"
