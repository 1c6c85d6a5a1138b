"""Words of refunds, doubles and numbers that ask for nothing of the kind, in books that would allow it."""

from __future__ import annotations

import pytest

from agent.planner.rules import RulesPlanner
from agent.proposal import SeenCharge
from tests.agent.planner.cases import CHAIR, PAIR, case
from tests.agent.planner.test_rules import BACK

ABOUT_PAYING = (
    "I don't want to be charged twice.",
    "I was almost charged twice but the second one was declined.",
    "Last year you charged me twice and refunded me. This time all is well!",
    "Is it normal that the amount is reserved twice on my card before it is captured?",
    "I paid twice as much as my neighbour for the same lamp!",
    "Twice I asked for the invoice and paid on time. Please send it back to me by mail.",
    "I have to return the lamp, my card statement shows two payments, one for the lamp and one for "
    "another shop. Please send the return label.",
    "I paid for it twice, no wait, sorry, the other one is from Amazon. All good.",
    "Two payments show, but one is pending and will vanish, right?",
    "Can you bill me in two payments next time?",
    "My card was charged twice. Just kidding, it was my wife ordering the same lamp. Don't refund.",
    "I want to pay twice the price for faster delivery, can I?",
    "Please double check my order, I paid by card and want the lamp sent back to my new address.",
    "What happens if my card is charged twice? Do I get my money back?",
    "We were charged twice by a different shop, can I trust you not to do that and to refund me if you do?",
    "I'd give you double stars. The lamp is twice as bright as the old one. My money is well spent, I'll be back!",
    "You charged me again! Oh wait, that was for the second lamp I ordered. Sorry.",
    "Thanks for refunding the double payment. Case closed.",
    "Thank you for giving the second payment back so quickly",
    "The duplicate payment has been refunded, thanks.",
    "Hello, two amounts of 18 euros were charged; I will ask my bank first before asking you for anything.",
    "Please do not refund the second payment, I'd rather have a second lamp.",
    "Is the second charge the deposit? If yes keep it, if no return it.",
    "Please tell me how I can avoid being charged twice.",
    "Your competitor charged me twice and won't refund.",
    "Ich wurde nicht doppelt belastet, alles gut.",
    "Falls ich zweimal bezahlt habe, melde ich mich.",
    "Die zweite Zahlung ist für meine Schwester, also bitte nichts zurückzahlen.",
    "Wird die Karte zweimal belastet, wenn ich die Seite neu lade?",
    "Je n'ai pas été débité deux fois, merci.",
    "Est-ce que je risque d'être débité deux fois si je recharge la page ?",
    "No me habéis cobrado dos veces, era de otra tienda. Perdón.",
    "¿Puedo pagar en dos pagos?",
    "Kann ich in zwei Zahlungen bezahlen und bekomme ich 2 % Rabatt zurück?",
    "Refund the second one? No, keep it.",
    "I'd like to buy the lamp again, charge the same card twice if you need",
    "I would like order 1001 twice please, same card as last time.",
    "Reply STOP to get your refund. You were charged twice by PayPal! Click here",
)
ABOUT_OTHER_THINGS = (
    "I want to give the armchair back. How?",
    "Please pick up the chair, I changed my mind.",
    "I'd be happy to get 60 euros worth of cushions too.",
    "I would have returned it, but I like it now. Money well spent.",
    "My sofa arrived broken (different shop). I want my money back from them.",
    "I need your address to return the armchair.",
    "Do I have to pay for the return, or do I get this money back?",
    "I paid 60 euros. I want 60 euros worth of quality.",
    "I asked for a refund at Amazon; you are far better.",
    "I won't ask for a refund this time.",
    "He says he wants a refund. I don't.",
    "Ask Peter whether he wants a refund or not.",
    "Refund me? No thanks. Just repair it.",
    "I want a refund or a repair.",
    "A refund would be too much; an apology is enough.",
    "Please refund my time!",
    "I returned the chair and got my money back. You can close the ticket.",
    "Can I return the chair if my cat scratches it?",
    "I sent 60 euros by mistake to the wrong shop, could you give me their number?",
    "I don't need my money back, I need the chair.",
    "The refund policy on your site is unclear: who pays for shipping?",
    "Please move my delivery to Friday. My new phone number is in the system already.",
    "My phone number is 07700 900123.",
    "What is the new phone number of your Leeds store? Mine is 020 7946 0000.",
    "Could you change the delivery date to 12 December? Phone 020 7946 0999 for questions.",
    "My neighbour's number is 07700 900888, he can take the parcel.",
    "Please update me on my order. Call 07700 900888.",
    "I changed my phone, so I lost the invoice. Please send it again. 07700 900888",
    "I'm at my mother's new address this week: 4 Oak Road, Hull, HU1 1AA. Deliver there.",
    "Please send an invoice to our new company name: Sample Ltd.",
    "The invoice should be made out to John Sample instead.",
    "Is the new newsletter out? I want to read it.",
    "I unsubscribed from your competitor. Yours is better.",
    "Hi, I no longer get your newsletter, why?",
    "Don't remove me from the mailing list!",
    "Your chair emails go to spam, can you whitelist us?",
    "Please stop the delivery, not the emails.",
    "Bitte die Rechnung auf Max Muster ausstellen.",
    "Meine Nummer ist 030 123456, falls der Fahrer Fragen hat.",
    "Ich möchte kein Geld zurück, sondern einen neuen Sessel.",
    "Ich will den Sessel umtauschen, nicht das Geld zurück.",
    "Je préfère un échange plutôt qu'un remboursement.",
    "Prefiero un cambio antes que un reembolso.",
    "Give my money back guarantee a try, you said. I did. Lovely chair.",
    "Please refund the person who sat on it, haha. Great chair.",
)
AFTER_A_REFUND = (
    "My refund arrived, thanks.",
    "I got the refund, but can you tell me when the blanket is back in stock?",
    "Do you refund shipping costs?",
    "When will the blanket be available again? I have the money ready.",
    "Where do I send my money for the next blanket?",
    "Still love the money I saved. When is the next sale?",
)


@pytest.mark.parametrize(("text", "charges"), [
    *((text, PAIR) for text in ABOUT_PAYING),
    *((text, CHAIR) for text in ABOUT_OTHER_THINGS),
    *((text, BACK) for text in AFTER_A_REFUND),
])
def test_what_only_sounds_like_an_ask_leads_to_no_sure_action(text: str, charges: tuple[SeenCharge, ...]) -> None:
    proposal = RulesPlanner().plan(case(text, charges)).proposal
    assert not proposal.actions or proposal.unsure
