"""How customers ask, by language: phrase patterns, every gap bounded so that reading stays linear."""

from __future__ import annotations

import re

from agent.proposal import Claim, Signal

_GAP = "[^.!?\\n]"
_GAP_WITH_DECIMALS = r"(?:[^.!?\n]|\.(?=\d))"
"""A gap within a sentence may hold an amount: the point of "18.00" ends no sentence."""


def _any(*patterns: str) -> re.Pattern[str]:
    joined = "|".join(f"(?:{pattern})" for pattern in patterns)
    return re.compile(joined.replace(_GAP, _GAP_WITH_DECIMALS), re.IGNORECASE)


_MONEY = (
    r"(?:the |die |den |les? |los )?(?:[€$£] ?)?\d[\d.,]{0,9} ?(?:€|\$|£|eur(?:os?)?|usd|gbp|dollars?|pounds?|quid|"
    r"bucks)?"
)


REFUND_ASKED = _any(
    # English
    r"\b(?:want|need|would like|like|demand|request(?:ing)?|require|expect|appreciate|ask(?:ing)?(?: you)? for|"
    r"insist on|deserve|seeking|looking for|hoping for|after|claim)\b(?:(?!\b(?:not|know|understand|how|why|"
    r"about)\b).){0,60}?"
    r"\b(?:refund(?:ed)?|money back|reimburse(?:d|ment)|my money (?:returned|refunded))\b",
    r"\b(?:can|could|may|might|shall) (?:i|we) (?:please |just |kindly |still |also )*"
    r"(?:get|have|receive|request|claim|be given|ask for) (?:\w+ ){0,4}?(?:refund(?:ed)?|money back|reimbursement)\b",
    r"\b(?:can|could|would|will) (?:you|u|someone|somebody|anyone) (?:\w+ ){0,4}?(?:refund|reimburse)\b",
    r"\b(?:can|could) (?:\w+ ){1,6}?(?:be )?(?:refunded|reimbursed)\b(?! if)",
    r"\b(?:can|could|would|will) (?:you|someone) (?:\w+ ){0,5}?(?:process|issue|give|make|arrange|send|get|start|"
    r"provide|initiate)"
    r" (?:\w+ ){0,4}?(?:refund|money back|reimbursement)\b",
    r"\b(?:please|pls|plz|kindly|just) (?:\w+ ){0,3}?(?:refund|reimburse|return (?:my|the) money)\b",
    r"(?:^|[,.!:;-] ?|\band )(?:then |so |pls |please |just |now )?(?:refund|reimburse) (?:me|us|my|the|this|that|"
    r"these|it|both|one|half|all|every|each|everything|order|orders|charge|\W?\d)",
    r"^\W*(?:a |full |request (?:for )?(?:a )?)?refund(?: request)?(?: (?:for|of|on) [^?\n]{1,60}?)?(?: please|"
    r" pls)?\W*$",
    r"\b(?:refund|money back),? (?:please|pls|plz|asap|now)\b",
    r"\b(?:give|send|transfer|pay|put|get) (?:me |us )?(?:back )?(?:my|the|our|all my|that) (?:\w+ )?(?:money|cash|"
    r"funds|payment)"
    r"(?: back)?\b(?<=back)",
    r"\b(?:give|send|pay) (?:me |us )?back (?:my|the|our|that)\b",
    r"\b(?:and|please|pls|kindly|to) (?:\w+ )?(?:return|give back|send back) (?:me )?(?:my|the|our|all my) (?:money|"
    r"payment|cash|"
    r"funds)\b",
    r"\b(?:want|need|like|get|have|give me|send me|please) (?:to (?:get|have|see|receive) )?(?:all |half |"
    r"some )?(?:of )?"
    r"(?:my|the|that|our) (?:\w+ )?(?:money|cash|funds) (?:back|returned|refunded)\b",
    r"\b(?:issue|process|make|arrange|initiate|give|grant|send) (?:me |us )?(?:a|the|my|an?|another) (?:\w+ )?refund\b",
    r"\bhelp (?:me |us )?(?:to |with |in )?(?:\w+ing |get |obtain |receive |process )?(?:\w+ ){0,3}?(?:refund|"
    r"money back)\b",
    r"\b(?:must|should|need to|have to|ought to) (?:be )?(?:refund(?:ed)?|reimburse(?:d)?|"
    r"give (?:me )?(?:\w+ )?money back)\b",
    r"\b(?:remove|reverse|cancel|delete|take off|return|refund|correct|fix|void|drop) (?:\w+ ){0,3}?(?:second|"
    r"duplicate[d]?|double|extra|additional|other|one of (?:the|these|those|my|them|it))\b",
    r"\b(?:send|give|pay|transfer) (?:me )?(?:the )?[€$£]?\d[\d.,]{0,9} ?(?:€|eur|euros?|usd|dollars?|gbp|"
    r"pounds?)? back\b",
    r"\b(?:can|could|may|might) (?:i|we|you) [^.!?\n]{0,40}?\b(?:refunded|reimbursed)\b",
    r"\b(?:please|kindly|pls|can you|could you|would you|to) credit (?:me )?[€$£]?\d[\d.,]{0,9} ?(?:€|eur|euros?|usd|"
    r"dollars?|gbp|pounds?)?",
    rf"\b(?:want|like|love|get|have|take|accept|happy with|settle for|appreciate|prefer|expect|give me|send me|pay me|"
    rf"give|return|refund|reverse)\b[^.!?\n]{{0,25}}?{_MONEY}(?: [^.!?\n]{{1,40}}?)? back\b",
    r"\b(?:want|like|get|have|give me|pay me|return)\b[^.!?\n]{0,12}?\b(?:one|1|half|the (?:second|2nd|other|extra|"
    r"duplicate|difference|rest|amount|sum|surplus|excess)|what i paid)(?: of (?:those|them|these))?"
    r"(?: (?:one|payment|charge|amount))?(?: (?:put|sent|paid))? (?:back|returned|refunded|reversed)\b",
    r"\bkeep (?:it|them|this|the [\w ]{2,25}?)\b[^.!?\n]{0,20}?\bif you[^.!?\n]{0,20}?\b(?:refund|reimburs|give|credit|"
    r"send)\w*\b",
    r"\b(?:reject\w*|rejection of) (?:the|these|this) goods\b",
    # German
    r"\b(?:bitte|möchte\w*|würden?\b.{0,20}?\bgern\w*|will|wollen|hätte\w* gern\w*|könn\w+ sie|kann ich|könnt\w* ihr|"
    r"kannst du|fordere|verlange|brauche|wünsche|beantrage|erwarte|bestehe auf|"
    r"um)\b.{0,90}?\b(?:(?:zu)?rück(?:zu)?erstatt\w*|rückzahlung|erstatt(?:en|et|ung)\w*|zurück(?:zu)?(?:zahl|"
    r"überweis|buch)\w*|geld (?:\w+ ){0,2}(?:zurück\w*|wieder\w*)|gutschreiben|gutgeschrieben|(?:betrag|euro|€|"
    r"eur) zurück)",
    r"\b(?:erstatten|überweisen|zahlen|buchen) sie\b.{0,80}?(?:\bzurück\b|\bbetrag|\beuro|€|\bgeld|\bmir\b|\bzahlung|"
    r"\babbuchung)",
    r"\bgeld zurück\b(?! ?\?)",
    r"\bbehalt\w*\b[^.!?\n]{0,40}?\b(?:wenn|gegen|bei)\b[^.!?\n]{0,60}?(?:erstatt\w*|gutschr\w*|nachlass)",
    r"\b(?:bitte|um|möchte\w*|will|hätte\w*|würde\w*|könn\w*)\b[^.!?\n]{0,60}?\b(?:rück(?:buch|überweis|zahl)\w*|"
    r"zurück(?: ?zu)?(?: ?)(?:buch|überweis|zahl)\w*)",
    r"\b(?:betrag|summe|zahlung|abbuchung|kaufpreis|€|euro|eur|geld|davon|einmal) (?:\w+ ){0,3}?zurück"
    r"(?:erhalten|bekommen|haben)\b",
    # French
    r"\b(?:je (?:voudrais|souhaite\w*|veux|demande|désire|aimerais)|j['’]aimerais|j['’]exige|nous (?:voudrions|"
    r"souhaitons)|merci de|veuillez|pouvez[- ]vous|pourriez[- ]vous|peux[- ]tu|svp|s['’]il vous pla[iî]t|puis-je|"
    r"prière de)\b.{0,90}?"
    r"\b(?:rembours\w*|(?:rendre|récupérer) (?:mon|l['’]) ?argent|recrédit\w*)",
    r"\bremboursez\b",
    r"\b(?:restitu\w*|recrédit\w*|re-crédit\w*|rendre|reverser)\b[^.!?\n]{0,40}?\b(?:somme|montant|paiement\w*|"
    r"prélèvement\w*|"
    r"argent|€|euros?|trop)",
    r"\b(?:gard\w*|conserv\w*)\b[^.!?\n]{0,30}?\bsi vous[^.!?\n]{0,40}?\brembours\w*",
    r"\brembours\w+\b.{0,40}?\b(?:svp|stp|s['’]il (?:vous|te) pla[iî]t)",
    # Spanish
    r"\b(?:quiero|quisiera|querría|necesito|me gustaría|solicito|pido|exijo|deseo|por favor|pueden|podrían|puede|"
    r"podría|puedo)\b"
    r".{0,90}?\b(?:reembols\w*|devolución (?:del?|de mi|completa|por)\b|devol(?:ver|ución)\w*(?: \w+){0,3} (?:dinero|"
    r"importe|pago|cobro|cargo|euros)|(?:me )?devuelv\w+|mi dinero)",
    r"\b(?:devuélvan?(?:me|nos)|devuelv[ae]n? (?:me|mi|el)|reembólsen?(?:me|nos)|devolved?(?:me|nos)|devolv[ée]?dme)\b",
    r"\b(?:quiero|quisiera|querría|necesito|gustaría|solicito|pido|exijo|deseo|ruego|por favor|pued\w+|pod[eé][ií]s|"
    r"podr[ií]\w+|espero)\b"
    r"[^.!?\n]{0,90}?\b(?:(?:me|nos) (?:\w+ )?(?:devolv\w+|devuelv\w+)|devolverme|devolvernos|reembols\w+|"
    r"reintegr\w+)\b",
    r"\bme (?:\w+ )?(?:devolver|reembolsar)\b",
    r"\b(?:me )?(?:qued\w+)\b[^.!?\n]{0,30}?\bsi me[^.!?\n]{0,30}?\b(?:devuelv\w+|reembols\w+)",
    # Italian, Portuguese, Dutch
    r"\b(?:vorrei|voglio|chiedo|potete|potreste|può|per favore|desidero|posso)\b.{0,80}?\b(?:rimbors\w*|(?:indietro|"
    r"restituir\w*)"
    r"(?: \w+){0,2} (?:soldi|denaro)|soldi indietro)",
    r"\b(?:quero|queria|gostaria|peço|preciso|solicito|podem|poderiam|por favor|posso)\b.{0,80}?\b(?:reembols\w*|"
    r"estorn\w*|devol\w+(?: \w+){0,3} dinheiro|dinheiro de volta)",
    r"\b(?:graag|wil|zou|kunt u|kunnen jullie|kun je|verzoek|alstublieft|aub)\b.{0,80}?\b(?:terugbetal\w*|"
    r"terugstort\w*|geld (?:\w+ ){0,2}terug|terugkrijgen|restitutie)",
)

DUPLICATE = _any(
    # English
    r"\b(?:charg\w*|bill(?:ed|ing)|debited|deducted|paid|taken|took|pay(?:ing|ed|ments?)?|withdrawn|invoiced|"
    r"processed|posted|put through|went through|came out|went out|transactions?|purchase[ds]?)\b(?:(?!\b(?:fee|top|"
    r"atm|withdr\w+)\b)[^.!?\n]){0,60}?"
    r"\b(?:twice|two times|2 times|2x|x2|double(?! check)|doubled|duplicate[ds]?(?! cards?\b)|doubly|more than once|"
    r"multiple times|several times|many times|repeatedly|over and over)\b",
    r"\b(?:double|doubled|doubly|duplicate[ds]?|duplicated|repeat(?:ed)?|second identical)[ -](?:\w+ )?"
    r"(?:charg\w*|pay(?:ment|ments)|paid|transact\w*|trans\w+ction\w*|bill\w*|debit\w*|purchase\w*|deduct\w*)\b",
    r"\btwice\b(?:(?!\b(?:asked|called|wrote|and)\b)[^.!?\n]){0,30}?\b(?:charged|billed|debited|paid|taken|deducted)\b",
    r"\b(?:two|2|multiple|several|both) (?:\w+ ){0,2}?(?:identical |same |equal |duplicate )?(?:charges|payments|"
    r"transactions|debits)\b"
    r"[^.!?\n]{0,40}?\b(?:same|one|single|identical|only|instead of|once)\b",
    r"\b(?:two|2) (?:of the same|identical|same|of these|of this) ?(?:\w+ )?(?:charges?|payments?|transactions?|"
    r"purchases?|thing|amount)?",
    r"\b(?:same|one|single|this) (?:\w+ )?(?:charge|payment|transaction|purchase|order|thing|item|amount|"
    r"visit)\b[^.!?\n]{0,40}?"
    r"\b(?:twice|two times|double|multiple times|more than once|two (?:charges|payments|transactions))\b",
    r"\b(?:two|2) (?:charges|payments|transactions|debits) (?:of|for|from|on|to)\b",
    r"\b(?:shows?|see|is|was|there'?s|took|made) (?:\w+ ){0,3}?second (?:payment|charge|debit|transaction)\b",
    r"\bmore than one (?:charge|payment|transaction)\b|\b(?:only|just) (?:\w+ ){0,3}?one (?:charge|payment|"
    r"transaction)\b[^.!?\n]{0,40}?\b(?:two|2)\b",
    r"\b(?:multiple|several|two|many) of the same (?:charge|payment|transaction)",
    r"\b(?:charged|debited|billed|invoiced) (?:me |us |my (?:card|account) )?(?:again|(?:one )?too many times|"
    r"a second time)\b",
    r"\b(?:appear|show|com|go|went|pass)\w*\b[^.!?\n]{0,25}?\b(?:twice|two times|2 times|2x|x2|"
    r"double)\b[^.!?\n]{0,40}?\b(?:account|"
    r"statement|card|bank)\b",
    r"\b(?:2|two) (?:card )?(?:payments|charges|debits)\b[^.!?\n]{0,60}?\b(?:went|gone|go|taken|left|came|off|out|"
    r"through|for "
    r"(?:one|1|the))\b",
    r"\bclicked\b[^.!?\n]{0,40}?\btwice\b[^.!?\n]{0,60}?\b(?:both times|money|charged|paid)",
    r"\b(?:extra|additional|second|another) (?:charge|payment|debit)\b[^.!?\n]{0,80}?\b(?:shouldn'?t be|"
    r"should not be|same (?:order|"
    r"amount)|already (?:paid|charged))",
    r"(?P<sum>[€$£] ?\d[\d.,]{0,8}|\d[\d.,]{0,8} ?(?:€|eur|euros?|usd|dollars?|gbp|"
    r"pounds?))[^.!?\n]{0,25}?\b(?:and then|then|and) "
    r"(?:another |again |a second |a further )(?:(?:charge|payment) of )?(?P=sum)",
    # German
    r"\b(?:doppelt|zweimal|zwei mal|2 ?x|2 ?mal|2-mal)\b[^.!?\n]{0,60}?\b(?:abgebucht|belastet|berechnet|bezahlt|"
    r"eingezogen|gezahlt|abgezogen|abgegangen|eingezahlt|gebucht|geklickt|in rechnung|abbuch\w*|zahl\w*|verrechnet|"
    r"überwiesen)",
    r"\b(?:abgebucht|belastet|berechnet|bezahlt|eingezogen|gezahlt|abgezogen|abgegangen|"
    r"gebucht)\b[^.!?\n]{0,40}?\b(?:doppelt|zweimal|"
    r"zwei mal|2 ?x|2 ?mal)\b",
    r"\bdoppel(?:te[nrs]?)?[ -]?(?:abbuchung|zahlung|belastung|buchung|berechnung)|\b(?:zwei|2) (?:abbuchungen|"
    r"zahlungen|belastungen|buchungen)",
    # French
    r"\b(?:débité\w*|prélevé\w*|facturé\w*|payé\w*|chargé\w*|encaissé\w*)\b[^.!?\n]{0,40}?\b(?:deux fois|2 fois|"
    r"en double|doublement|à deux reprises)",
    r"\b(?:deux fois|2 fois|en double)\b[^.!?\n]{0,40}?\b(?:débité|prélevé|facturé|payé|chargé|encaissé)",
    r"\bdouble (?:prélèvement|débit|paiement|facturation)|\b(?:deux|2) (?:prélèvements|débits|paiements)\b",
    r"\b(?:apparaî\w+|passé\w*|montant)\b[^.!?\n]{0,40}?\b(?:deux fois|2 fois|en double)\b",
    # Spanish
    r"\b(?:cobrad\w+|cargad\w+|cobr[aoó]\w*|pagad\w+|pagu[ée]|cargaron|descontad\w+|cargo|"
    r"cobro)\b[^.!?\n]{0,50}?\b(?:dos veces|2 veces|doble|duplicad\w+|por duplicado)",
    r"\b(?:(?:cobro|cargo|pago) (?:repetido|doble|duplicado)|aparec\w+[^.!?\n]{0,40}?(?:duplicado|dos veces|2 veces)|"
    r"doble (?:cobro|cargo|pago)|(?:dos|2) (?:cobros|cargos|pagos)\b|dos veces\b[^.!?\n]{0,30}?\b(?:cobr|carg|"
    r"pag))",
    # Italian, Portuguese, Dutch
    r"\b(?:addebitat\w+|pagat\w+|pagato|prelevat\w+)\b[^.!?\n]{0,40}?\b(?:due volte|doppi\w+|2 volte)|"
    r"\bdoppio (?:addebito|pagamento)",
    r"\b(?:cobrad\w+|cobraram|debitad\w+|pag\w+)\b[^.!?\n]{0,40}?\b(?:duas vezes|em duplicado|2 vezes)|"
    r"\bcobrança (?:dupla|duplicada)",
    r"\b(?:twee keer|dubbel|2 keer|tweemaal|2x)\b[^.!?\n]{0,40}?\b(?:afgeschreven|betaald|in rekening|afgerekend)|"
    r"\b(?:dubbele (?:afschrijving|betaling))|\b(?:afgeschreven|betaald)\b[^.!?\n]{0,30}?\b(?:twee keer|dubbel|2x)",
)

TWO = _any(
    r"\b(?:additional|extra|second|surplus) (?:debit|charge|payment|transaction)\b",
    r"\b(?:twice|two times|2 ?times|2 ?x|x ?2|double[ds]?|doubly|duplicate[ds]?|both payments|both charges|"
    r"for two|two (?:\w+ )?occasions|on two|"
    r"zwei anlässe\w*|à deux reprises|dos ocasiones)\b",
    r"\b(?:two|2|zwei|deux|dos) (?:\w+ ){0,2}?(?:payments|charges|transactions|debits|amounts|abbuchungen|zahlungen|"
    r"buchungen|beträge|"
    r"paiements|prélèvements|débits|cobros|cargos|pagos)\b",
    r"\b(?:doppelt\w*|zweimal|zwei mal|2 ?mal|zweifach|deux fois|2 fois|doublons?|en double|dos veces|2 veces|"
    r"duplicad\w+|doble|"
    r"repetid\w+)\b",
)
PAYING = _any(
    r"\b(?:pa(?:y|id)|payments?|charge[ds]?|billed|debited|transactions?|money|amounts?|account|statement|card|bank|"
    r"taken|took|stung|"
    r"deducted|invoiced|processed|collected|price|purchase|euros?|eur|usd|gbp|dollars?|pounds?)\b|[€$£]",
    r"\b(?:bezahlt|abgebucht|belastet|berechnet|zahlung\w*|abbuchung\w*|betr[aä]g\w*|\w*konto\w*|karte|"
    r"\w*kartenabrechnung|"
    r"eingezogen|in rechnung)\b|\b(?:pay\w+|paiement\w*|débité\w*|prélevé\w*|prélèvement\w*|facturé\w*|compt(?:é|"
    r"e)\w*|carte|relevé|"
    r"montant|pris)\b|\b(?:pag\w+|cobr\w+|cargo\w*|cuenta|tarjeta|importe|factur\w+)\b",
)
GIVE_BACK = _any(
    r"\b(?:take|knock) (?:one|it|the second) off\b",
    r"\b(?:refund\w*|reimburs\w*|revers(?:e|al|ed|ing)|credit(?:ed)?|repay\w*)\b|\b(?:fix|sort) (?:it|this|that|pls|"
    r"please)\b",
    r"\b(?:send|give|put|pay|transfer|get|want|have|like|need)\b[^.!?\n]{0,40}?\b(?:money|one|1|payment|charge|"
    r"amount|"
    r"difference|surplus|that|second|extra|half|euros?|\d+)\b[^.!?\n]{0,15}?\bback\b|"
    r"\breturn\w* (?:\w+ ){0,3}?(?:payments?|money|"
    r"charges?|amount|one|sum|second|extra|duplicate|surplus)\b",
    r"\b(?:zurück(?:zahl|überweis|buch|erstatt|bekomm|erhalt)\w*|(?:geld|betrag|einmal|euro|€|"
    r"zahlung) (?:\w+ ){0,3}?zurück|"
    r"(?:rück)?erstatt\w*|rück(?:buch|zahl|überweis)\w*|gutschr\w*|storn\w*)\b",
    r"\b(?:rembours\w*|rendre|récupérer|restitu\w*|recrédit\w*|aider)\b|\b(?:reembols\w*|devol[uv]\w*|devuel\w*|"
    r"reintegr\w*)\b",
)
REFUND_STATUS = _any(
    # English
    r"\b(?:where|wheres|where's|what happened to|status of|update on|news (?:on|about)|any news|check on|"
    r"follow(?:ing)? up on|progress (?:of|on)|updates? (?:for|regarding|about)|waiting (?:on|for)|wait for|missing|"
    r"track)\b[^.!?\n]{0,30}?\b(?:refund|"
    r"reimbursement|money back|my money)\b",
    r"\b(?:when|how (?:long|soon|many days|much longer))\b[^.!?\n]{0,60}?\b(?:refund(?:ed|s)?|reimburse\w*|money back|"
    r"money returned|my money)\b",
    r"\b(?:whether|if|know|check)\b[^.!?\n]{0,30}?\b(?:my|the) refund\b[^.!?\n]{0,50}?\b(?:has been|have been|was|is|"
    r"been) (?:processed|"
    r"issued|sent|made|done|completed|initiated|approved)\b|\bhas (?:my|the) refund\b",
    r"\brefund\b[^.!?\n]{0,60}?\b(?:was|is|has been|were) (?:\w+ )?(?:done|made|processed|issued|sent|completed|"
    r"refunded)\b"
    r"[^.!?\n]{0,20}?\b(?:but|yet|however|still)\b",
    r"\brefund(?:s|ed)?\b(?:(?!\b(?:but|and|on|for|if|when|unless|guarantee|because|as|since|item|order|purchase|"
    r"bought)\b|"
    r",)[^.!?\n]){0,60}?(?:\b(?:not|never|nowhere|(?<!the )missing|yet|late|delayed|pending|isn'?t|hasn'?t|haven'?t|"
    r"didn'?t|doesn'?t|don'?t|wasn'?t|cannot|can'?t|unable|still|yet to|taking|where)\b|n't\b)",
    r"(?:\b(?:not|never|still|yet|haven'?t|hasn'?t|didn'?t|don'?t|doesn'?t|isn'?t|can'?t|cannot|unable to|without|no|"
    r"nor|missing)\b|n't\b)(?:(?!\b(?:and|want|need|so|but|order|item|items|product|parcel|package|purchase|"
    r"working)\b|,)[^.!?\n]){0,40}?"
    r"\b(?:see|seen|seeing|got|get|gotten|receiv\w+|find|showing|shown|appear\w*|credited|processed|posted|have|had|"
    r"been|any|sign of|my)\b"
    r"(?:(?!\b(?:and|want|need|so|but|order|item|items|product|parcel|package|purchase|would|like|can|could|please|"
    r"what|it|working|this)\b|,)[^.!?\n]){0,30}?"
    r"\b(?:refund(?:ed)?|reimbursement|money back)\b",
    r"\b(?:requested|asked for|was promised|were promised|been promised|promised|supposed to (?:get|have|be|receive)|"
    r"was told|issued|said|sent|approved|processed|cancelled|returned|initiated|submitted|"
    r"put in for)\b(?:(?!\b(?:please|can|could|want|would|like|need|so|kindly|i'd)\b|"
    r",)[^.!?\n]){0,60}?\brefund(?:ed)?\b",
    r"\b(?:said|wrote|told|confirmed|informed|promised|claim\w*)\b[^.!?\n]{0,40}?\b(?:you|it|was|were|had|have|"
    r"would be|been) (?:\w+ ){0,2}?refunded\b",
    r"(?<!process )(?<!issue )(?<!give me )(?<!send me )(?<!initiate )(?<!want )\bmy refund\b|\bstill no (?:refund|"
    r"money)\b",
    r"\b(?:did|has|was|were|have) (?:i|you|u|my|the|it|they|we|your team) (?:\w+ ){0,3}?(?:refund(?:ed)?|"
    r"money back)\b[^.!?\n]{0,60}?\?",
    r"\brefund (?:status|arrive|come)|\bno refund (?:yet|so far)|\brefund (?:that|which|you) (?:\w+ ){0,3}(?:promised|"
    r"issued|sent|made)",
    # German
    r"\b(?:wo|wann|wie lange|status|was ist mit|warte\w*|stand)\b[^.!?\n]{0,60}?\b(?:(?:rück)?erstattung\w*|"
    r"rückzahlung|gutschrift|mein geld|das geld|erstattet|zurück(?:gezahlt|überwiesen|erstattet|gebucht))",
    r"\b(?:erstattung|rückerstattung|rückzahlung|gutschrift|geld)\b[^.!?\n]{0,50}?\b(?:nicht|noch kein\w*|immer noch|"
    r"noch nicht)\b[^.!?\n]{0,30}?"
    r"\b(?:da|angekommen|erhalten|eingegangen|bekommen|gutgeschrieben|auf)\b",
    r"\b(?:nicht|noch kein\w*|immer noch kein\w*|kein\w*)\b(?:(?!\b(?:möchte|will|bitte|bestellung|paket|ware|artikel|"
    r"und)\b|,)[^.!?\n]){0,30}?\b(?:rück)?(?:erstattung|rückzahlung|gutschrift)\b[^.!?\n]{0,30}?"
    r"\b(?:erhalten|bekommen|da|angekommen|eingegangen)\b",
    # French
    r"\b(?:où (?:en )?est|quand|où en|statut|suivi|attends?|en attente)\b[^.!?\n]{0,60}?\b(?:rembours\w*|mon argent)",
    r"\b(?:pas|jamais|toujours pas)\b[^.!?\n]{0,30}?\b(?:reçu|vu|eu|été)\b(?:(?!\b(?:commande|colis|article|veux|"
    r"souhaite|voudrais|demande|merci|veuillez|et)\b|,)[^.!?\n]){0,30}?\brembours\w*",
    r"\bremboursement\b[^.!?\n]{0,40}?\b(?:pas|toujours|jamais)\b",
    # Spanish
    r"\b(?:d[óo]nde est[áa]|cu[áa]ndo|estado|sigo esperando|espero|esperando)\b[^.!?\n]{0,60}?\b(?:reembols\w*|"
    r"devoluci[óo]n|mi dinero|el dinero)",
    r"\b(?:no|a[úu]n no|todav[íi]a no|nunca)\b[^.!?\n]{0,25}?\b(?:recib\w+|veo|ha llegado|me ha|me han|"
    r"llega)\b(?:(?!\b(?:pedido|paquete|art[íi]culo|quiero|quisiera|necesito|solicito|pido|por favor)\b|"
    r",)[^.!?\n]){0,30}?\b(?:reembolso|devoluci[óo]n|dinero|devuelto|reembolsado)",
    r"\b(?:reembolso|devoluci[óo]n)\b[^.!?\n]{0,40}?\b(?:no|a[úu]n|todav[íi]a)\b[^.!?\n]{0,30}?\b(?:lleg\w+|aparec\w+|"
    r"recib\w+)",
    # Italian, Portuguese, Dutch
    r"\b(?:dov['’]è|dove|quando|non ho (?:ancora )?ricevuto)\b[^.!?\n]{0,40}?\b(?:rimborso|i miei soldi)",
    r"\b(?:onde est[áa]|quando|ainda não recebi|não recebi)\b[^.!?\n]{0,40}?\b(?:reembolso|estorno|meu dinheiro)",
    r"\b(?:waar (?:is|blijft)|wanneer|nog (?:steeds )?geen|niet ontvangen)\b[^.!?\n]{0,40}?\b(?:terugbetaling|"
    r"restitutie|mijn geld|geld terug)",
)

INSTEAD_OF = _any(
    r"\b(?:got|have|took|taken|charged|billed|debited|paid|deducted|abgebucht|belastet|bezahlt|berechnet|débité|"
    r"prélevé|payé|"
    r"facturé|"
    r"cobrad\w+|cobr\w+|pagad\w+|"
    r"pagu[ée])\b(?:[^.!?\n]{0,30}?[ €$£])??(?P<high>\d{1,5}(?:[.,]\d\d)?)\b[^.!?\n]{0,40}?\b"
    r"(?:instead of|rather than|statt|anstatt|au lieu de?|en lugar de|"
    r"en vez de)\b[^.!?\n\d]{0,15}(?P<low>\d{1,5}(?:[.,]\d\d)?)\b",
    r"\b(?:instead of|rather than|statt|anstatt|au lieu de?|en lugar de|"
    r"en vez de)\b[^.!?\n\d]{0,15}(?P<low2>\d{1,5}(?:[.,]\d\d)?)"
    r"\b[^.!?\n]{0,40}?\b(?P<high2>\d{1,5}(?:[.,]\d\d)?)\b[^.!?\n]{0,20}?\b(?:abgebucht|belastet|bezahlt|berechnet|"
    r"taken|charged)",
)
MONEY_BACK_WHEN = _any(
    r"\bwhen\b[^.!?\n]{0,15}?\b(?:the|my) (?:money|funds)\b",
    r"\b(?:when|how (?:long|soon))\b[^.!?\n]{0,25}?\b(?:see|get|receive|have|expect|arrive|show up|come|"
    r"be)\b[^.!?\n]{0,20}?\b(?:the|my|that) "
    r"(?:money|funds|cash)\b|\bwhere(?:'s| is| are)? (?:the|my) (?:money|funds)\b",
    r"\b(?:wann|wo)\b[^.!?\n]{0,40}?\b(?:das|mein) geld\b|\b(?:quand|où)\b[^.!?\n]{0,40}?\b(?:l['’]|mon )argent\b|"
    r"\b(?:cu[áa]ndo|d[óo]nde)\b[^.!?\n]{0,40}?\b(?:el|mi) dinero\b",
)
"""Asks after a refund where the customer also says that the goods went back or the order was cancelled."""

WAITING = _any(
    r"\b(?:still|am|been|are|i'm|keep) waiting\b|\b(?:not|never|n't|yet to) (?:\w+ ){0,2}?(?:received|got|gotten|seen|"
    r"get|receive|see) (?:the|my|any) money\b",
    r"\bwarte (?:immer )?noch\b|\bj['’]attends toujours\b|\bsigo esperando\b",
)
"""May mean that a refund was asked for before."""

PAYMENT_STATUS = _any(
    r"\b(?:did|has|have|was|is) (?:you |u )?(?:\w+ ){0,2}?(?:my|the) (?:payment|charge|"
    r"card payment) (?:\w+ ){0,3}?(?:go through|gone through|received|succe\w+|processed|arrive\w*|ok|complete\w*|"
    r"work)\b",
    r"\b(?:status of|check) (?:my|the) (?:payment|charge)\b|\bdid you (?:get|receive) my payment\b|"
    r"\bwhy is my payment (?:\w+ )?pending\b",
    r"\b(?:ist|wurde) meine zahlung (?:\w+ ){0,3}?(?:angekommen|eingegangen|erfolgreich|durch)|"
    r"\bhabt ihr meine zahlung (?:erhalten|bekommen)",
    r"\bmon paiement (?:a-t-il|est-il|est) (?:\w+ ){0,2}?(?:été|passé|reçu|accepté)|"
    r"\bavez[- ]vous (?:bien )?reçu mon paiement",
    r"\b(?:han recibido|recibieron|se (?:ha )?proces\w+|ha llegado) mi pago",
)

HOW_IT_WORKS = _any(
    r"\b(?:how (?:do|can|does|would|should|might|to|long|many|could|are)|how i (?:can|could|would)|what(?:'s| is| are|"
    r" does| would| will)?[^.!?\n]{0,25}?"
    r"(?:policy|policies|procedure|process|steps?|rules?|way)|(?:refund|return) (?:policy|policies|procedure|process|"
    r"rules)|is there (?:a|any) (?:way|chance|possibility)|is it (?:possible|ok)|would it be possible|do you (?:offer|"
    r"allow|accept|give|do|provide|have)|are (?:refunds|returns|purchases|there)|am i (?:eligible|entitled|able)|"
    r"(?:explain|tell me|show me|know|understand|wondering|information|info|details?) (?:\w+ ){0,3}?"
    r"(?:how|about|whether|on)|what (?:do|should|can|must|happens)|who (?:do|should|can)|where (?:do|can|should) i|"
    r"do i (?:get|need|have)|can (?:items?|purchases|products|one|people|anyone|something|anything) be|can (?:i|we|"
    r"you|one) (?:\w+ ){0,4}?(?:refund|money back)[^.!?\n]{0,20}?\b(?:if|when|in case|after|within|for items|on items|"
    r"for any))\b",
    r"\b(?:wie (?:funktioniert|läuft|kann|bekomme|geht|lange|beantrage|erhalte)|was (?:sind|ist) (?:ihre|eure|"
    r"die) (?:rückgabe|erstattung|bedingung)|gibt es (?:eine|die) möglichkeit|ist es möglich|kann man|bietet ihr|"
    r"bieten sie)\b",
    r"\b(?:comment (?:fonctionne|faire|puis|obtenir|se passe|demander|ça)|quelle est (?:votre|la) (?:politique|"
    r"procédure)|est-il possible|est-ce possible|peut-on)\b",
    r"\b(?:cómo (?:funciona|puedo|se|hago|solicito)|cuál es (?:su|la) (?:política|proceso)|es posible|se puede|"
    r"qué (?:pasa|debo|tengo))\b",
    r"\b(?:come (?:funziona|posso|si)|è possibile|como (?:funciona|posso|faço)|é possível|hoe (?:werkt|kan|krijg)|"
    r"is het mogelijk)\b",
)

HOW_TO_GET = _any(
    r"\b(?:is it possible(?: for me)? to|would it be possible to|am i (?:able|entitled|eligible) (?:to|"
    r"for)) (?:\w+ ){0,4}?(?:refund(?:ed)?|money back)\b",
    r"\bhow (?:do|can|could|should|would|may) (?:i|we) (?:\w+ ){0,4}?(?:get|have|receive|request|claim|apply for|"
    r"obtain|process)\b[^.!?\n]{0,30}?\b(?:refund(?:ed)?|money back|reimburse\w*)\b",
    r"\bhow (?:i can|can i|do i|to) (?:be|get) (?:refunded|reimbursed)\b",
    r"\bwie (?:bekomme|erhalte|kriege) ich\b[^.!?\n]{0,30}?\b(?:mein geld|erstattung|rückerstattung|zurück)",
    r"\bcomment (?:puis-je |faire pour |je peux )?(?:être |obtenir |me faire )(?:le |un |mon )?rembours\w*|"
    r"\bcómo (?:puedo )?(?:obtener|recuperar|recibir|pedir|solicitar)\b[^.!?\n]{0,20}?\b(?:reembolso|dinero|"
    r"devolución)",
)
"""An ask where the customer also says what went wrong, else a question."""

CONDITIONAL = _any(
    r"\b(?:if|unless|until|wenn|falls|si)\b[^.!?\n]{3,80}?(?:'d|\bwould|\bwürde\w*|\bdemanderai\w*|"
    r"\bpediría)\b[^.!?\n]{0,60}?"
    r"\b(?:refund|money back|erstatt\w*|rembours\w*|reembols\w*)",
    r"\bunless\b[^.!?\n]{0,120}?\brefund",
    r"\b(?:if|unless|in case|should) (?:it|this|that|the|you|i|my|there|they|we|nothing|"
    r"not)\b[^.!?\n]{0,120}?\b(?:refund|money back|reimburse|charge ?back)",
    r"\b(?:refund|money back|reimburse)\b[^.!?\n]{0,60}?\b(?:if|unless|in case|in the event|otherwise|depending)\b",
    r"\b(?:either|or)\b[^.!?\n]{0,60}?\b(?:refund|money back)|\b(?:refund|"
    r"money back)[^.!?\n]{0,40}?\bor\b[^.!?\n]{0,40}?\b(?:replace\w*|exchange|new|send|another|store credit|voucher|"
    r"repair)",
    r"\b(?:wenn|falls|sofern|ansonsten|andernfalls|sonst|oder)\b[^.!?\n]{0,120}?\b(?:erstatt\w*|rückerstatt\w*|"
    r"geld zurück|zurückzahl\w*)",
    r"\b(?:erstatt\w*|geld zurück)\b[^.!?\n]{0,60}?\b(?:wenn|falls|sofern|oder)\b",
    r"\b(?:si|sinon|ou bien|ou)\b[^.!?\n]{0,120}?\brembours\w*|\brembours\w*\b[^.!?\n]{0,60}?\b(?:si|ou)\b",
    r"\b(?:si (?:no|el|la|mi|es|lo|puede)|o bien|o si no)\b[^.!?\n]{0,100}?\b(?:reembols\w*|devol\w*|devuel\w*)|"
    r"\breembols\w*\b[^.!?\n]{0,60}?\b(?:si|o bien|en caso)\b",
)
POLITE_IF = _any(
    r"\bif (?:it'?s |that'?s |it is |that is )?(?:possible|ok|okay|you (?:can|could|would|don'?t mind|please)|"
    r"i (?:can|could|may)|at all|needed|necessary|not too)",
    r"\bkeep\b[^.!?\n]{0,40}?\bif you\b|\bbehalt\w*\b[^.!?\n]{0,40}?\bwenn (?:sie|ihr|du)\b|\b(?:gard|conserv)\w*\b"
    r"[^.!?\n]{0,40}?\bsi vous\b|\bqued\w+\b[^.!?\n]{0,40}?\bsi me\b",
    r"\b(?:wenn|falls) (?:es )?(?:möglich|geht|sie (?:so )?(?:nett|freundlich))|\bsi (?:c['’]est )?possible|"
    r"\bs['’]il (?:vous|te)|\bsi es posible|\bse possibile|\bse possível",
    r"\b(?:appreciate|grateful|great|happy|kind|nice|wonderful|good|thankful) (?:it )?if\b|\bwondering if\b|"
    r"\bask(?:ing)? if\b|\bsee if\b|\bwäre (?:nett|schön|toll|super),? wenn",
)

NEGATED = _any(
    r"\b(?:don'?t|do not|no need to|not|never|without|dont|doesn'?t|won'?t|rather than|instead of|than|not asking|"
    r"isn'?t about) "
    r"(?:\w+ ){0,5}?(?:refund\b|refunded\b|money back|reimburs\w+)",
    r"\bno (?:need (?:for|of) (?:a |the |any )?refund|refund (?:is |was )?(?:needed|necessary|required|please|"
    r"wanted))|\bkeep the money\b|\bcancel (?:my|the) refund|\b(?:refund|money back) (?:is |was )?(?:not|"
    r"no longer) (?:needed|necessary|required|wanted)",
    r"\b(?:kein\w*|nicht)\b[^.!?\n]{0,30}?\b(?:erstattung|rückerstattung|erstatt\w+|"
    r"geld zurück)\b[^.!?\n]{0,20}?(?:nötig|notwendig|mehr|wollen|möchte|brauche)?",
    r"\b(?:pas (?:besoin )?(?:de |d['’]être )?|aucun |ne )(?:\w+ ){0,3}?rembours\w*|\binutile de (?:\w+ )?rembours\w*",
    r"\b(?:nichts|nicht)\b[^.!?\n]{0,20}?(?:\berstatten\b|\bzurück(?:zu)?(?:zahl|überweis|buch)\w*)",
    r"\brefund\b[^.!?\n]{0,15}\?\W{0,3}no\b|\brefund my (?:time|life|patience|nerves)\b|\bno,? (?:thanks|keep it)\b|"
    r"\bjust (?:repair|fix|replace) "
    r"(?:it|the)\b|\brefund the (?:person|people|man|woman|driver|guy)\b",
    r"\bno (?:hace falta|necesito|quiero|es necesario)\b[^.!?\n]{0,30}?\b(?:devol\w+|devuel\w+|reembols\w+)",
    r"\bno (?:\w+ ){0,4}?(?:reembols\w*|devoluci[óo]n)\b",
)

GOT_IT = _any(
    r"\b(?:can|do|i) (?:now |already )?see (?:the|my) (?:refund|money) (?:on|in|now)\b",
    r"(?:^\W*|\b(?:i|we)(?:'ve| have)? (?:just |now |already )*)(?:just )?(?:got|received) (?:the|my|your|our|"
    r"that) (?:\w+ )?"
    r"(?:refund|money(?: back)?)\b(?! (?:e-?mail|confirmation|notification|notice))",
    r"\b(?:refund|money) (?:has |have |is |just )*(?:came|come|arrived|landed|here|there|showed up)\b",
    r"\b(?:geld|erstattung|rückerstattung) (?:ist |wurde )?(?:\w+ ){0,2}?(?:da|angekommen|eingegangen|erhalten)\b",
    r"\b(?:bien reçu|ai reçu) (?:le|mon|votre) remboursement\b|\b(?:he recibido|recibí|ya (?:me )?llegó) (?:el|mi) "
    r"(?:reembolso|dinero)\b",
)
"""The refund came: nothing to ask, unless there is a "but"."""
HOWEVER = _any(
    r"\?|\b(?:but|only|instead|missing|less|short|wrong|not|never|no|still|yet|until|when|if|nur|aber|nicht|noch|"
    r"kein\w*|"
    r"mais|pas|seulement|jamais|pero|solo|sólo|falta|aún|todavía)\b|n't\b"
)
STOPPED = _any(
    r"\b(?:cancel|stop|withdraw|undo|reverse|forget(?: about)?) (?:my|the|this|that) refund\b|\bno longer (?:want|"
    r"need) (?:a |the |my )?refund",
    r"\b(?:rückerstattung|erstattung) (?:\w+ )?(?:stornieren|stoppen|zurückziehen|nicht mehr)|\bannule[rz]? (?:le|"
    r"mon) remboursement|\bcancel\w+ (?:el|mi) reembolso",
)
SETTLED = _any(
    r"\? ?no,? (?:thanks|thank you|keep|just|please don)|\?\s{1,3}(?:nein|non|no),? (?:danke|merci|gracias)",
    r"\b(?:on purpose|intentional\w*|deliberate\w*|absichtlich|mit absicht|gewollt|exprès|volontairement|a propósito|"
    r"adrede)\b|"
    r"\b(?:both|two) (?:\w+ )?(?:are|were) (?:correct|right|fine|mine|ok|okay|legit\w*)\b|\bnothing to do on your\b|"
    r"\bno action (?:is )?(?:needed|required|necessary)\b",
    r"\b(?:ignore|disregard|forget(?: about)?|scrap) (?:my|the|that) (?:\w+ )?(?:e-?mails?|message|request|ticket|"
    r"mail|question|"
    r"complaint|one)\b|\b(?:drop off|disappear|fall off|sort itself|resolve itself|reverse itself|be released)\b|"
    r"\bby itself\b",
    r"\b(?:vergess\w+|ignorier\w+) (?:sie |bitte )?meine (?:\w+ )?(?:mail|e-mail|nachricht|anfrage)\b|\b(?:oubliez|"
    r"ignorez) mon "
    r"(?:\w+ )?(?:message|mail|e-mail)\b|\b(?:olvid\w+|ignor\w+) mi (?:\w+ )?(?:mensaje|correo)\b",
    r"\balready (?:got|received|have|had) (?:it|one|them|my|the|a) (?:\w+ )?(?:back|refund|money)\b|\b(?:already|"
    r"since|now|meanwhile) (?:been )?(?:refunded|resolved|sorted|fixed|credited|reversed)\b",
    r"\b(?:all good|never ?mind|solved itself|(?:it'?s|is|was|got|been) (?:all )?(?:sorted|resolved)|(?:was|"
    r"were) (?:going|about) to ask)\b",
    r"\b(?:thanks|thank you)(?! in advance)[^.!?\n]{0,20}?\bfor (?:the |my )?(?:quick |fast |prompt )?refund\b",
    r"\brefund (?:came|went|has come|has gone|arrived|has arrived|is there)\b|\bi (?:have |'ve )?(?:got|"
    r"received) (?:the|my) (?:refund|money)\b(?! back)",
    r"\b(?:hat sich erledigt|(?:bereits|schon) (?:erstattet|zurück(?:erhalten|gezahlt|bekommen)))\b|"
    r"\b(?:déjà (?:été )?remboursé\w*|c['’]est réglé)\b|\bya (?:me (?:lo )?(?:han devuelto|devolvieron|reembolsaron)|"
    r"está resuelto)\b",
)
"""May mean that nothing is left to do."""
ARRIVED = _any(
    r"\b(?:it|they|parcel|package|order|item|delivery) (?:has |have |did )?(?:now |just |finally )?(?:arrived?|came|"
    r"turned up|showed up)"
    r"(?: now| today| yesterday| after all| this morning)?[.!,]|\bbut it (?:has )?arrived|\b(?:inzwischen|doch noch|"
    r"endlich) (?:da|angekommen)\b",
)
NOT_HAPPENED = _any(
    r"\b(?:i|we)(?:'ll| will| would|'d| might| could)(?: not)? (?:be|get) (?:\w+ )?(?:charged|billed|debited|double)\b",
    r"\b(?:do not|don'?t|never|won'?t|stop) (?:please |ever |just )?(?:charge|charging|bill|billing|debit|take)\b",
    r"\b(?:wasn'?t|weren'?t|was not|were not|(?:have|has|had) not|haven'?t|hasn'?t|never) (?:been |actually |really |"
    r"get )?"
    r"(?:charged|billed|debited|paid|double)\b",
    r"\b(?:nicht|keine) (?:doppelt\w*|zweimal)\b|\b(?:pas|jamais) (?:été )?(?:débité|prélevé|payé)\b|\bno (?:me |"
    r"se |nos )?(?:han? |he |hab[eé]is |hemos )?"
    r"(?:cobr|pag)\w+",
    r"\b(?:if|should|unless|in case|before|so that|avoid|worried|afraid|don'?t want to be|not be|not get|won'?t be|"
    r"whether)\b[^.!?\n]{0,30}?\b(?:charg|bill|pay|debit|double)",
    r"\b(?:falls|wenn|damit|ob)\b[^.!?\n]{0,40}?\b(?:doppelt|zweimal)|\b(?:si|"
    r"pour ne pas)\b[^.!?\n]{0,30}?\b(?:débité|prélevé|deux fois)|\b(?:si|para no)\b[^.!?\n]{0,30}?\b(?:cobr|"
    r"dos veces)",
)
"""A double payment feared or imagined, not told."""

UNRECOGNISED = _any(
    r"\b(?:don'?t|do not|didn'?t|did not|not|never|no longer|cannot|can'?t|doesn'?t|"
    r"haven'?t) (?:\w+ ){0,2}?(?:recogni[sz]e|remember|recall|authori[sz]e|approve|make(?! it)|made(?! it)|do this|"
    r"order (?:this|"
    r"that|it|anything)|recogni[sz]ed|authori[sz]ed|use(?:d)? (?:my|the) card|know (?:what|who|anything|this|that|"
    r"where))\b",
    r"\b(?:unauthori[sz]ed|unrecogni[sz]ed|unknown (?:charge|payment|transaction)|fraud\w*|stolen|stole|hacked|"
    r"compromised|scam\w*|someone (?:else )?(?:used|is using|has|made|took)|identity|isn'?t mine|not mine|wasn'?t me|"
    r"not me|(?:strange|weird|unusual|suspicious|mystery|random) (?:charge|payment|transaction|amount)s?|what (?:is|"
    r"are) (?:this|these) (?:charge|payment|transaction)s?|what (?:this|these) (?:charge|payment|transaction)s? (?:is|"
    r"are))\b",
    r"\b(?:nicht (?:autorisiert|veranlasst|von mir|erkenne)|unbekannte (?:abbuchung|zahlung)|betrug|betrügerisch\w*|"
    r"gestohlen|gehackt|kenne (?:ich )?(?:diese|die) \w+ nicht)\b",
    r"\b(?:non autorisé\w*|frauduleu\w+|fraude|volée?|piraté\w*|ne reconnais pas|pas effectué)\b",
    r"\b(?:no (?:reconozco|autoric[ée]|he hecho|autorizad\w+)|fraude|robad\w+|hackead\w+|estafa)\b",
)

BANKING = _any(
    r"\b(?:atm|cash machine|withdr[ae]w\w*|cash|top(?:ped|ping)?[- ]?up|direct debits?|exchange rate|"
    r"exchang\w+ rates?|currency|wrong account|transfer(?:red|s)?|beneficiary|pin|cheque)\b"
)
NOT_TWO_PAYMENTS = _any(
    r"\b(?:twice|double|2x|two times) (?:as|the (?:price|size|amount|cost|money|value|time)|check)\b|\bdoppelt so\b|"
    r"\bdeux fois "
    r"(?:plus|moins)\b|\bel doble de\b|\b(?:almost|nearly|beinahe|fast|presque|failli|"
    r"casi)\b[^.!?\n]{0,25}?\b(?:twice|double|"
    r"zweimal|doppelt|deux fois|dos veces)",
    r"\b(?:in|en) (?:two|2|zwei|deux|dos) (?:payments|instal\w+|zahlungen|raten|paiements|fois|pagos|plazos)\b",
)
"""A multiple or instalments, not one payment too many."""
WILL_IT = _any(
    r"^\W*(?:and |but |so )?(?:can|could|will|would|do|does|is it|should|what if|what happens|how(?! come)|wird|"
    r"werde\w*|kann|"
    r"könnte\w*|est-ce que|"
    r"puis-je|vais-je|puedo|se puede|podría)\b(?![^?\n]{0,80}?(?:refund|reimburs|back|return|revers|credit|remove|"
    r"fix|cancel|"
    r"zurück|erstatt|storn|rembours|rendre|annul|reembols|devol|devuel))[^?\n]*\?\s*$",
)
"""Asks whether it may happen, not for anything back."""
MAY_BE_FINE = _any(
    r"\b(?:vanish\w*|reserved|deposit|pre-?authori\w+|authori[sz]ation hold)\b|\b(?:oh|no),? wait\b|"
    r"\bjust kidding\b|"
    r"\b(?:last (?:year|month|time)|in the past(?! (?:week|month|few|couple|\d))|years ago)\b|\b(?:has|have|was|were|"
    r"been) (?:\w+ )?refunded\b|\bfor "
    r"(?:refunding|giving|returning|sending)\b|\brefunded (?:me|it|us)\b",
    r"\bone (?:is |was )?for\b[^.!?\n]{0,30}?\b(?:and )?(?:one|the other)\b|\b(?:the )?(?:other|second)(?: one|"
    r" payment| charge)? (?:is|was) "
    r"(?:for|from)\b|\b(?:die andere|die zweite|eine)(?: \w+)? (?:ist|war) (?:für|von)\b|\b(?:l['’]autre|la deuxième|"
    r"une lampe) "
    r"(?:est |était )?pour\b|\b(?:la otra|el otro|el segundo) (?:\w+ )?(?:es|era) (?:de|para)\b",
    r"\b(?:would like|['’]d like|want|wish|going) to (?:buy|order|purchase)\b[^.!?\n]{0,60}?\b(?:again|twice|two|"
    r"another|second)\b|\bcharge (?:me|my card|the (?:same )?card|it) (?:again|twice) (?:if|when|for)\b",
    r"\bif (?:yes|no|so|not)\b|\b(?:ask|check with|check) (?:my|the) (?:bank|statement|wife|husband)\b|\bsequel\b",
)
"""The two payments may be meant, settled, or not yet sure."""
OTHER_SHOP = _any(
    r"\b(?:different|another|other) (?:shop|store|seller|company|website|site|retailer)\b|\byour competitors?\b|"
    r"\bfrom them\b|\b(?:at|from|by|with) "
    r"(?:amazon|ebay|paypal|etsy|zalando|otto|ikea|aliexpress|temu)\b|\b(?:ander\w+|fremd\w+) (?:shop|laden|händler|"
    r"anbieter|geschäft)\b|"
    r"\bautre (?:boutique|magasin|site)\b|\botra (?:tienda|web|empresa)\b",
)
DECLINED = _any(
    r"\b(?:declin\w+|fail\w+|tried|trying|attempt\w*|reject\w+)\b[^.!?\n]{0,40}?\b(?:times|repeatedly|twice)\b")
FEE = _any(r"\b(?:fees?|interest|commission|surcharge|gebühr\w*|frais|comisi[óo]n|tarifa|commissione|taxa|kosten)\b")

THIRD_PARTY = _any(
    r"\b(?:my|his|her|their|our|a) (?:friend|mother|mum|mom|father|dad|wife|husband|son|daughter|brother|sister|"
    r"partner|boss|colleague|client|customer|neighbou?r|girlfriend|boyfriend|grandmother|grandma|aunt|"
    r"uncle|cousin|roommate|flatmate|parents|company|employer|team ?mate|co-?worker)(?:'s (?:order|card|account|"
    r"phone|number|address|e-?mail|payment|refund|money|purchase|name)| (?:has |"
    r"had |have )?(?:bought|ordered|paid|wants|needs|would like|purchased|was charged|got charged|been charged|"
    r"is asking|asked me to|was (?:\w+ )?(?:billed|debited|invoiced)|never (?:got|received)|didn'?t (?:get|"
    r"receive)))\b",
    r"\bcontacted (?:the|a|this|my) (?:seller|merchant|shop)\b",
    r"\b(?:the|a|this|from) (?:merchant|retailer)\b|\bthe sellers? (?:\w+ ){0,3}(?:respond|refus\w+|answer|reply|"
    r"ignor\w+)|\bfrom (?:the|a|this) seller\b",
    r"\bon (?:behalf of|\w+'s behalf)\b|\b(?:his|her|their) (?:order|account|card|payment|phone|number|address|"
    r"e-?mail|refund|money)\b",
    r"\b(?:refund|reimburse|give|pay) (?:her|him)\b",
    r"\b(?:mein(?:e[rmn]?|em)?|unsere[rmn]?) (?:mutter|vater|frau|mann|sohn|tochter|freundin|freund|chef|kollegin|"
    r"kollegen?|oma|opa|"
    r"schwester|bruder|firma|nachbarin|nachbarn?)\b[^.!?\n]{0,40}?\b(?:abgebucht|belastet|berechnet|bestellt|"
    r"bezahlt)\b",
    r"\b(?:ma|mon|notre) (?:mère|père|femme|épouse|mari|fils|fille|ami|amie|sœur|soeur|frère|collègue|client|cliente|"
    r"société)"
    r" (?:a été|n['’]a|avait)\b",
    r"\ba mi (?:madre|padre|esposa|marido|mujer|hijo|hija|amigo|amiga|hermano|hermana|compañer[oa]|jefe|empresa)\b",
    r"\bim (?:namen|auftrag) (?:von|meine\w)|\b(?:meine?|seine?|ihre) (?:mutter|vater|frau|mann|sohn|tochter|freundin|"
    r"freund|chef|kollegin|kollege|oma|opa|schwester|bruder|nachbarin)"
    r" (?:hat (?:\w+ ){0,5}?(?:bestellt|bezahlt|gekauft)|wurde (?:\w+ ){0,4}?(?:belastet|abgebucht)|möchte|will|"
    r"braucht)\b|\bfür meine[nr]? (?:mutter|vater|frau|mann|chef|kundin|kunden|mandant\w*)\b",
    r"\b(?:au nom de|pour le compte de)\b|\b(?:ma|mon) (?:mère|père|femme|mari|fils|fille|ami|amie|sœur|frère|client|"
    r"cliente) (?:a (?:\w+ ){0,3}?(?:commandé|payé|acheté)|veut|voudrait|souhaite)\b",
    r"\ben nombre de\b|\bmi (?:madre|padre|esposa|marido|mujer|hijo|hija|amigo|amiga|hermano|hermana|cliente|"
    r"jefe) (?:ha|quiere|necesita|compró|pagó|hizo)\b",
)

CLAIMS: tuple[tuple[Claim, re.Pattern[str]], ...] = (
    (Claim.NOT_RECEIVED, _any(
        r"\b(?:never|not|n't|hasn'?t|haven'?t|didn'?t|nothing|still no|no sign)\b[^.!?\n]{0,25}?\b(?:arriv\w+|"
        r"receiv\w+|deliver\w+|came|come|coming|shown up|showed up|turn\w* up|get (?:it|my (?:order|item|parcel|"
        r"package|stuff))|got (?:it|my (?:order|item|parcel|package|stuff)))",
        r"\b(?:lost in (?:the )?(?:post|mail|transit)|(?:didn'?t|never|not|hasn'?t|haven'?t) (?:\w+ )?(?:show\w* up|"
        r"turn\w* up|get anything|"
        r"(?:get|got|receive\w*) (?:it|this|that|them|any|the|my|a)\b(?! (?:\w+ ){0,2}?(?:refund|money|reply|answer|"
        r"response|"
        r"discount|confirmation|e-?mail)))|says (?:it was |it'?s )?delivered|(?:tracking|it) says lost|(?:never|not|"
        r"n't) made? it|(?:order|"
        r"parcel|package|item|delivery|"
        r"shipment) is (?:lost|missing)|went missing|(?:it'?s|it is|been|got|is) lost|"
        r"waiting (?:\w+ ){0,6}?for (?:my |the |our )?(?:order|parcel|package|delivery|item)|undelivered)\b",
        r"\b(?:nicht|nie|nichts|niemals)\b[^.!?\n]{0,25}?\b(?:angekommen|erhalten|geliefert|bekommen|gekommen|"
        r"eingetroffen|da)\b|\bverloren gegangen",
        r"\b(?:jamais|pas)\b[^.!?\n]{0,25}?\b(?:reçu|arrivé\w*|livré\w*)|\bperdu\b",
        r"\b(?:no|nunca)\b[^.!?\n]{0,20}?\b(?:lleg\w+|recib\w+|entreg\w+)|\bno ha llegado\b",
        r"\bnon\b[^.!?\n]{0,20}?\b(?:arrivat\w+|ricevut\w+)|\b(?:não|nunca)\b[^.!?\n]{0,20}?\b(?:cheg\w+|receb\w+)|"
        r"\b(?:niet|nooit)\b[^.!?\n]{0,20}?\b(?:ontvangen|aangekomen|geleverd|binnen)",
    )),
    (Claim.DAMAGED, _any(
        r"\b(?:broken|broke|damaged?s?|faulty|defect\w*|crack(?:ed|s)?|shattered|smashed|scratch(?:ed|es)?|torn|"
        r"rips?|tears? in|flicker\w*|faded|frayed|"
        r"ripped|leak\w*|dent(?:ed|s)?|"
        r"stain(?:ed|s)?|snapped|crushed|bent|in (?:bits|pieces)|dirty|holes?|(?:side|one|it|ear|screen|light|"
        r"battery) is dead|"
        r"does(?:n'?t| not) (?:close|open|turn on|charge|fit together)|zipper|malfunction\w*|used already|"
        r"(?:i )?ordered (?:a |the )?\w+,? (?:but )?"
        r"(?:got|received)|instead of (?:the|a) \w+|missing (?:the|from)|was missing|without the|"
        r"wrong (?:item|size|colou?r|product|one|model|thing)|doesn'?t work|does not work|not work\w*|stopped working|"
        r"not as described|dead on arrival|ruined|missing parts?|mou?ldy|spoiled|expired)\b",
        r"\b(?:kaputt\w*|defekt\w*|beschädigt\w*|zerbrochen\w*|zerkratzt|gerissen|falsche[rsn]? (?:artikel|größe|"
        r"farbe|ware)|funktioniert nicht|mangelhaft\w*|kratzer|fleck\w*|riss\w*|delle\w*|loch|"
        r"(?:geht|läuft|mahlt|lädt|startet|schließt|hält|leuchtet|heizt|druckt|klebt|"
        r"dreht)\b[^.!?\n]{0,25}? nicht(?: mehr)?|"
        r"statt (?:des|der|dem)|gebrochen\w*)\b",
        r"\b(?:cassé\w*|abîmé\w*|endommagé\w*|défectueu\w+|brisé\w*|mauvais\w* (?:article|taille|couleur)|"
        r"ne (?:marche|fonctionne|ferme|s['’]allume) (?:pas|plus)|rayé\w*|tach\w+|décoll\w+|trou\w*|fissur\w+|fêl\w+|"
        r"déchir\w+|manquant\w*)\b",
        r"\b(?:rot[oa]s?|dañad\w+|defectuos\w+|estropead\w+|equivocad\w+|no funciona|rayad\w+|manchad\w+|agujero\w*|"
        r"partid[oa]s?|abollad\w+|(?<!hace )falta(?:ba)?n?)\b",
        r"\b(?:rott[oa]|difettos\w+|danneggiat\w+|partid[oa]|danificad\w+|defeituos\w+|kapot|beschadigd|defect)\b",
    )),
    (Claim.RETURN, _any(
        r"\b(?:too (?:small|big|large|tight|long|short|wide)|to give (?:it|them) back|send (?:it|them|this|"
        r"the \w+(?: \w+)?) back|wanna return|want to return|like to return|"
        r"(?<!payment )(?<!money )(?<!funds )(?<!amount )(?<!charge )(?<!one )(?<!be )returned|sent (?:it|them|this|"
        r"everything|the \w+(?: \w+)?) back|have returned|sent back|returning|"
        r"return (?:it|them|this|the|my)\b(?! (?:\w+ )?(?:money|payment|amount|funds|charge|cash|one|second|other|"
        r"extra))|send (?:it|them|this) back|shipped (?:it|them) back)\b",
        r"\b(?:zurückgeschickt|zurückgesendet|zurückgesandt|retourniert|retoure|rücksendung|zurückgegeben|"
        r"zurückschicken|zurückgeben|zurücksenden|(?:schicke|sende|gebe|geht|gehen|geben|schicken|"
        r"senden)\b[^.!?\n]{0,40}?\bzurück)\b",
        r"\b(?:renvoy\w+|retourn\w+|retour|rétractation)\b|\b(?:quiero|quisiera|voy a|gustaría|"
        r"deseo) devolver(?:l[oa]s?)?\b|\b(?:he devuelto|devolví|devuelto el|enviado de vuelta)\b|"
        r"\b(?:ho restituito|reso|devolvi|teruggestuurd|geretourneerd)\b",
    )),
    (Claim.CANCELLED, _any(
        r"\bcancel\w*|\b(?:stornier\w*|storno|widerruf\w*|gekündigt|kündig\w*)\b|\bannul\w+|\bcancelad\w+|"
        r"\bcancel[éo]\b|\bgeannuleerd|\bannuleer\w*",
    )),
    (Claim.GOODWILL, _any(
        r"\b(?:goodwill|good will|gesture|compensat\w*|changed my mind|don'?t (?:like|want|need) (?:it|this|them)|"
        r"not (?:happy|satisfied)|unhappy|disappoint\w+|(?:too|so|very) late|late delivery|no longer (?:want|need)|"
        r"inconvenience|not what i (?:wanted|expected))\b",
        r"\b(?:kulanz\w*|entschädigung|gefällt mir nicht|enttäuscht|unzufrieden|zu spät|verspätet)\b|"
        r"\b(?:geste commercial\w*|déçu\w*|en retard|dédommage\w*)\b|\b(?:compensaci[óo]n|decepcionad\w+|tarde|"
        r"ya no (?:lo )?quiero|no me gusta)\b",
    )),
)

SIGNALS: tuple[tuple[Signal, re.Pattern[str]], ...] = (
    (Signal.ANGER, _any(
        r"\b(?:furious|outrag\w+|disgust\w*|unacceptable|ridiculous|scandalous|fed up|sick of|worst (?:company|shop|"
        r"service|customer)|rip[- ]?off|thieves|crooks|idiots|wtf|bullshit|shameful|a joke|livid|appalling|robb(?:ed|"
        r"ery)|liars|incompetent|pissed)\b|!{3,}",
        r"\b(?:unverschämt\w*|frechheit|unfassbar|wütend|sauerei|abzocke|betrüger|unmöglich|stinksauer|skandal\w*|"
        r"inakzeptabel)\b",
        r"\b(?:inadmissible|scandaleu\w+|inacceptable|furieu\w+|honteu\w+|arnaque\w*|ras[- ]le[- ]bol|voleurs)\b",
        r"\b(?:inaceptable|indignad\w+|vergüenza|furios\w+|ladrones|estafador\w+|harto|harta)\b|\b(?:vergogna|"
        r"inaccettabile|inaceitável|schandalig|belachelijk)\b",
    )),
    (Signal.ASKS_FOR_MANAGER, _any(
        r"\b(?:manager|supervisor|your (?:boss|superior)|someone (?:senior|higher|in charge)|head of|ceo|team lead)\b",
        r"\b(?:vorgesetzt\w+|geschäftsführ\w+|filialleit\w+|ihren chef|teamleit\w+)\b|\b(?:votre responsable|"
        r"un responsable|votre supérieur|directeur)\b|\b(?:su jefe|un responsable|encargad[oa]|gerente|supervisor)\b",
    )),
    (Signal.ASKS_FOR_PERSON, _any(
        r"\b(?:(?:real|actual|live) (?:person|human|agent|people)|speak (?:to|with) (?:a |an |some)?(?:person|human|"
        r"someone|somebody|agent|representative|one)|talk to (?:a |an |some)?(?:person|human|someone|somebody|agent|"
        r"representative|one)|no (?:bot|robot)s?|not (?:a )?(?:bot|robot|machine)|call me(?: back)?|(?:human|"
        r"person) please|another robot|(?m:^\W*(?:person|human|mensch|personne|humain|persona|humano)\W*$))\b",
        r"\b(?:echte[nr]? (?:menschen?|person)|mit (?:einem|einer) (?:menschen|mitarbeiter\w*|person) (?:sprechen|"
        r"reden)|"
        r"kein(?:en)? (?:bot|roboter)|rufen sie mich|rückruf)\b",
        r"\b(?:parler à (?:une? )?(?:vraie |vrai )?(?:personne|humain|conseiller\w*|quelqu)|rappelez[- ]moi|"
        r"un humain)\b|\b(?:hablar con (?:una |un )?(?:persona|humano|agente|alguien)|llámen?me)\b",
    )),
    (Signal.LEGAL_THREAT, _any(
        r"\b(?:lawyers?|attorney|solicitor|legal (?:action|steps|advice|proceedings)|sue|suing|small claims|in court|"
        r"to court|trading standards|consumer (?:protection|affairs|rights|ombudsman)|ombudsman|police|ftc|bbb)\b",
        r"\b(?:anwalt\w*|anwält\w+|rechtsanwalt\w*|rechtliche\w* schritte|klage|verklagen|gericht|verbraucherzentrale|"
        r"verbraucherschutz|polizei|anzeige|mahnbescheid|rechtsweg)\b",
        r"\b(?:avocat\w*|justice|tribunal|porter plainte|plainte|mise en demeure|dgccrf|ufc)\b|\b(?:abogad\w+|"
        r"demanda\w*|tribunal\w*|denuncia\w*|consumo|juzgado|oficina del consumidor|policía)\b|\b(?:avvocato|denuncia|"
        r"advogado|procon|advocaat|rechtbank)\b",
    )),
    (Signal.CHARGEBACK_THREAT, _any(
        r"\bcharge ?-?backs?\b|\bdisput(?:e|ing) (?:it|this|the|with|my)\b|\b(?:my|the) (?:bank|card (?:company|"
        r"issuer|provider)|credit card company|paypal)\b[^.!?\n]{0,40}?\b(?:dispute|claim|revers\w+|complain\w*|"
        r"involve|report)|\b(?:dispute|claim|complain\w*|report|go|take)\b[^.!?\n]{0,40}?\b(?:with|to) (?:my|"
        r"the) (?:bank|card (?:company|issuer|provider)|credit card company|paypal)\b",
        r"\b(?:rückbuchung|zurückbuchen lassen|rücklastschrift|kreditkartenunternehmen|käuferschutz|"
        r"über meine bank)\b|\b(?:opposition|rétrofacturation|contester auprès de ma banque|rejet du prélèvement)\b|"
        r"\b(?:contracargo|retrocesión|disputar|reclamar a mi banco)\b",
    )),
    (Signal.PRESS, _any(
        r"\b(?:newspapers?|journalists?|the press|reporter|on tv|social media|twitter|facebook|instagram|tiktok|"
        r"trustpilot|bad review|negative review|one[- ]star|1[- ]star|go public|viral|watchdog)\b",
        r"\b(?:presse|zeitung\w*|journalist\w*|fernsehen|öffentlich machen|schlechte bewertung|soziale\w* medien)\b|"
        r"\b(?:journaux|journaliste\w*|réseaux sociaux|avis négatif)\b|\b(?:prensa|periodista\w*|redes sociales|"
        r"mala reseña)\b",
    )),
    (Signal.MEDICAL, _any(
        r"\b(?:hospital\w*|ill|illness|sick|surgery|cancer|allerg\w+|injur\w+|doctor|medical|pregnan\w+|burn(?:ed|"
        r"t) (?:my|me)|rash|ambulance|bleeding|disab\w+)\b(?! of)",
        r"\b(?:krankenhaus|krank|krankheit|operation|krebs|allergi\w+|verletz\w+|arzt|medizinisch\w*|schwanger\w*)\b|"
        r"\b(?:hôpital|malade|maladie|cancer|allergi\w+|blessé\w*|médecin|enceinte)\b|\b(?:hospital|enferm\w+|cáncer|"
        r"alergi\w+|herid\w+|médico|embarazada)\b",
    )),
    (Signal.SELF_HARM, _any(
        r"\b(?:suicid\w*|kill myself|end (?:it all|my life)|hurt myself|self[- ]harm|don'?t want to live|"
        r"no reason to live|want to die)\b",
        r"\b(?:umbringen|selbstmord|suizid\w*|nicht mehr leben)\b|\b(?:me tuer|me suicider|en finir)\b|"
        r"\b(?:suicidarme|matarme|quitarme la vida)\b",
    )),
    (Signal.BEREAVEMENT, _any(
        r"\b(?:passed away|died|has died|deceased|death of|funeral|my late (?:husband|wife|mother|father|son|"
        r"daughter)|bereave\w*|widow\w*|late mother|late father)\b",
        r"\b(?:verstorben\w*|gestorben|verschieden ist|todesfall|beerdigung|trauerfall|witwe\w*)\b|\b(?:décédé\w*|"
        r"décès|obsèques|mort de)\b|\b(?:falleci\w+|murió|muerte de|funeral)\b",
    )),
    (Signal.MINOR, _any(
        r"\bi(?:'m| am) (?:only |just )?(?:[5-9]|1[0-7])(?: years| yrs| y/?o|\b(?! ?(?:%|eur|€|days|weeks|hours|"
        r"minutes|months)))|\b(?:i(?:'m| am) (?:a minor|underage|a kid|a child))\b|\bmy (?:son|daughter|child|"
        r"kid) (?:\w+ ){0,3}?(?:bought|ordered|used|purchased|without)",
        r"\bich bin (?:erst )?(?:[5-9]|1[0-7]) ?(?:jahre|\b)|\bminderjährig\w*|\bmein (?:sohn|"
        r"kind) hat (?:\w+ ){0,4}?(?:bestellt|gekauft)|\bj['’]ai (?:[5-9]|1[0-7]) ans|\bmineure?\b|\btengo (?:[5-9]|"
        r"1[0-7]) años|\bmenor de edad",
    )),
)

CANCEL = _any(
    r"\b(?:want|need|like|wish|please|pls|can|could|have|going|must|help)\b[^.!?\n]{0,50}?\bcancel(?:l?ing|l?ed|"
    r"lation)?\b(?! ?(?:my |the )?refund)",
    r"(?:^|[,.!;:] ?|\band )cancel (?:my|the|this|it|order|that)\b|\b(?:order|subscription|purchase) (?:needs|"
    r"has) to be cancel",
    r"\b(?:möchte\w*|bitte|will|kann|können|könnt\w*|hiermit|würde)\b[^.!?\n]{0,60}?\b(?:stornier\w*|kündig\w*|"
    r"widerruf\w*)|\b(?:stornieren sie|widerrufe ich|kündige ich)\b",
    r"\b(?:voudrais|souhaite|veux|veuillez|merci de|pouvez|pourriez|aimerais|puis)\b[^.!?\n]{0,50}?\b(?:annuler|"
    r"résilier)",
    r"\b(?:quiero|quisiera|necesito|gustaría|por favor|pueden|podrían|puedo|deseo)\b[^.!?\n]{0,50}?\b(?:cancelar|"
    r"anular|cancelen|anulen)",
    r"\b(?:vorrei|voglio|potete)\b[^.!?\n]{0,40}?\bannullare|\b(?:quero|gostaria|podem)\b[^.!?\n]{0,40}?\bcancelar|"
    r"\b(?:graag|wil|kunt)\b[^.!?\n]{0,50}?\bannuleren",
)
_NO_MONEY = (
    r"(?:(?!refund|reimburs|money|erstatt|rückzahl|geld|rembours|argent|reembols|devoluci|dinero)[^.!?\n])")
"""A character of the same sentence that begins no word of money going back."""
OTHER_ASKS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("asks where the parcel is", _any(
        rf"\b(?:where(?:'s| is| are)?|when (?:will|does|is)|track(?:ing)?|status of)\b{_NO_MONEY}{{0,30}}?\b(?:order|"
        r"parcel|package|delivery|shipment|item)\b(?![^.!?\n]{0,20}refund)",
        rf"\b(?:wo (?:ist|bleibt)|wann kommt)\b{_NO_MONEY}{{0,30}}?\b(?:paket|bestellung|lieferung|sendung|ware)|"
        rf"\b(?:où (?:en )?est|quand)\b{_NO_MONEY}{{0,30}}?\b(?:commande|colis|livraison)|\b(?:dónde está|"
        rf"cuándo llega)\b{_NO_MONEY}{{0,30}}?\b(?:pedido|paquete|envío)",
    )),
    ("asks for an exchange or replacement", _any(
        r"\b(?:exchange|swap|replace(?:ment)?|send (?:me )?(?:a |an )?(?:new|another|replacement))\b",
        r"\b(?:umtausch\w*|ersatz\w*|austausch\w*|ersetzen)\b|\b(?:échang\w+|remplac\w+)\b|\b(?:cambiar(?:lo|la)? por|"
        r"reemplaz\w+|sustitu\w+)\b",
    )),
    ("asks about returning something", _any(
        r"\b(?:how|can|could|want|like|need|where|possible)\b[^.!?\n]{0,30}?\b(?:return|send back|returnable)\b|"
        r"\breturn (?:label|address|slip)\b",
        r"\b(?:rücksendeetikett|retourenlabel|retourenschein|zurückschicken|zurücksenden)\b|"
        r"\b(?:étiquette (?:de )?retour|retourner)\b|\b(?:etiqueta de devolución)\b",
    )),
    ("asks for an invoice", _any(
        r"\b(?:send|need|get|have|want|request|copy of|resend|download)\b[^.!?\n]{0,30}?\b(?:invoice|receipt|vat)\b",
        r"\b(?:rechnung)\b[^.!?\n]{0,30}?\b(?:schick\w*|send\w*|zukommen|brauche|benötige|erhalten)|\b(?:brauche|"
        r"benötige|schick\w*|sende\w*|bekommen)\b[^.!?\n]{0,30}?\brechnung\b|\b(?:envoyer|besoin|obtenir|"
        r"recevoir)\b[^.!?\n]{0,30}?\bfacture\b|\b(?:enviar\w*|necesito|mandar\w*)\b[^.!?\n]{0,30}?\bfactura\b",
    )),
    ("asks about logging in", _any(
        r"\b(?:password|log ?in|sign in|locked out|passwort|einloggen|anmelden kann|mot de passe|contraseña)\b")),
    ("asks to delete the account", _any(
        r"\b(?:delete|close|terminate|deactivate)\b[^.!?\n]{0,20}?\b(?:account|data|profile)|\b(?:konto|"
        r"daten) (?:\w+ )?(?:löschen|schließen)|\bsupprimer mon compte|\b(?:eliminar|borrar) mi cuenta",
    )),
    ("asks for a discount", _any(
        r"\b(?:discount|voucher|coupon|promo code|rabatt|gutschein|code promo|descuento|cupón)\b")),
)
"""What customers ask of a shop that Deskhand does not do."""

ASKS_SOMETHING = _any(
    r"\?",
    r"\b(?:please|pls|plz|can you|could you|would you|i need|i want|i would like|i'd like|help me|let me know|"
    r"tell me)\b",
    r"\b(?:bitte|können sie|könnten sie|ich möchte|ich brauche|helfen)\b|\b(?:pouvez|pourriez|merci de|veuillez|"
    r"je voudrais|je souhaite|j'ai besoin|aidez)\b|\b(?:por favor|pueden|podrían|quiero|necesito|quisiera|ayúd\w+)\b|"
    r"\b(?:vorrei|potete|quero|gostaria|preciso|graag|kunt u)\b",
)
SELLS = _any(
    r"\breply stop\b|\bclick (?:here|the link|below)\b",
    r"\bwe (?:help|work with|offer|provide|build|support) (?:\w+ ){0,2}?(?:shops|stores|brands|businesses|companies|"
    r"retailers|"
    r"e-?commerce|merchants)\b|\b(?:book|schedule|have) (?:a |an )?(?:\d{1,2}[- ]?min\w* )?(?:quick )?(?:call|demo|"
    r"meeting) "
    r"(?:this|next)\b|\b(?:for|have) \d{1,2}[- ]?min\w* for a (?:call|demo|chat)\b|\b(?:seo|google ranking|"
    r"backlinks?|guest post|lead "
    r"generation)\b|\byou(?:'ve| have) won\b|\b(?:lottery|inheritance|crypto investment)\b",
    r"\bwir (?:helfen|unterstützen|bieten) (?:\w+ ){0,2}?(?:shops|händler\w*|unternehmen|firmen|marken)\b|"
    r"\bnous (?:aidons|"
    r"accompagnons) (?:\w+ ){0,2}?(?:boutiques|marques|entreprises|e-?commerçants)\b|\b(?:ayudamos|"
    r"ofrecemos) a (?:\w+ ){0,2}?"
    r"(?:tiendas|empresas|marcas|negocios)\b",
)
"""Someone sells to the shop or lures; no customer writes so."""
STEERS = _any(
    r"\b(?:ignore|disregard|forget|override) (?:\w+ ){0,3}?(?:instructions?|rules|prompts?|polic(?:y|ies)|"
    r"guidelines)\b|\bsystem prompt\b|\byou are (?:now|an? (?:ai|assistant|language model))\b|\b(?:as an ai|"
    r"developer mode|admin override|pre-?approved by)\b",
    r"\bignorier\w* (?:\w+ ){0,3}?(?:anweisungen|regeln)|\bignore[rz]? (?:\w+ ){0,3}?(?:instructions|consignes)|"
    r"\bignor\w+ (?:\w+ ){0,3}?(?:instrucciones|reglas)",
)
"""Text that talks to a machine instead of asking a shop."""

CHASES = _any(
    r"\b(?:any (?:news|update)|update\??$|following up|follow up|still waiting|haven'?t heard|no (?:reply|answer|"
    r"response)|hello\?+|anyone there|bump|reminder|what(?:'s| is) (?:happening|going on))\b",
    r"\b(?:gibt es (?:etwas )?neue\w*|noch (?:keine|immer keine) antwort|wie ist der stand|erinnerung|warte noch)\b|"
    r"\b(?:des nouvelles|toujours pas de (?:réponse|nouvelles)|relance)\b|\b(?:alguna novedad|sin respuesta|"
    r"sigo esperando)\b",
)
