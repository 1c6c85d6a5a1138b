"""The fixed filter of what surely asks nothing: thanks, good wishes, a kind word on a newsletter."""

from __future__ import annotations

import re

from agent.text.asking import may_ask

_LONGEST = 600
_THANKS = re.compile(
    r"\b(?:(?:ok(?:ay|ey)?|great|perfect|super|awesome|wonderful|excellent|brilliant|lovely|amazing|fantastic|cool|"
    r"nice|"
    r"all good(?: now)?|(?:it )?works(?: fine| great| perfectly)?(?: now| again)?|(?:it(?: is|'s|’s)|that(?: is|'s|’s))"
    r"(?: all)? (?:sorted|solved|resolved|fixed|great|perfect|fine|done|wonderful|good)(?: now)?|"
    r"(?:problem |issue )?(?:solved|resolved|sorted)(?: now)?|(?:i )?got (?:it|them)(?: now| today)?|"
    r"(?:it |they |everything )?(?:has |have )?(?:arrived|came)(?: today| yesterday| safely| now)*|"
    r"received(?: it)?(?: today| yesterday| now)?|"
    r"(?:many |a lot of )?thanks?(?: you| u| ya)?(?: all| guys| everyone| both)?(?: so much| very much| a lot|"
    r" a million| "
    r"again| once again| in advance| anyway)*|thx|ty|tysm|cheers|much appreciated|(?:i |we )?(?:really |truly )?"
    r"appreciate (?:it|that|this|your (?:help|time|support|quick (?:reply|response)|patience|effort))|"
    r"for (?:all )?(?:the|your) (?:\w{3,12} ){0,2}(?:help|support|service|assistance|reply|response|answer|update|"
    r"information|info|time|work|effort|patience|understanding|confirmation|e-?mail|message|quick fix)|"
    r"for (?:letting me know|getting back(?: to me)?(?: so (?:quickly|fast))?|sorting (?:it|this|that)(?: out)?|"
    r"helping(?: me)?(?: out)?|(?:resolving|fixing) (?:it|this|that)(?: so quickly)?)|"
    r"(?:have|wish(?:ing)? you) a (?:very )?(?:nice|good|great|lovely|wonderful|happy) (?:day|weekend|evening|one|week|"
    r"holiday|time)|you too|same to you|(?:happy|merry) (?:new year|christmas|holidays|easter)|"
    r"you(?: guys)?(?: are|'re|’re) (?:the best|awesome|great|amazing|wonderful)|great (?:service|support|job)|"
    r"(?:will|i'll|i’ll) wait|no worries|understood|noted|sounds (?:good|great)|"
    r"hi|hello|hey|dear|good (?:morning|afternoon|evening)|team|support|there|all|everyone|sir|madam|"
    r"(?:kind |best |warm )*regards|best(?: wishes)?|sincerely|yours|bye|goodbye|so|very|much|indeed|and|yes|again|"
    # German
    r"(?:vielen |herzlichen |besten |lieben |tausend )*dank(?:e)?(?: schön| sehr| euch| ihnen| dir| nochmals?|"
    r" vielmals| "
    r"im voraus)*|dankeschön|bedanke mich|"
    r"für (?:die|ihre|eure|deine) (?:\w{3,14} ){0,2}(?:hilfe|unterstützung|antwort|rückmeldung|bearbeitung|info|"
    r"information|mühe|nachricht|auskunft)|prima|toll|klasse|alles (?:klar|gut|bestens|ok|okay)|perfekt|wunderbar|"
    r"hat (?:geklappt|sich erledigt|funktioniert)|(?:ist )?(?:heute )?angekommen|erledigt|passt|"
    r"(?:schönen?|guten?|einen schönen) (?:tag|abend|wochenende|woche|feierabend)(?: noch)?|(?:ein )?schönes wochenende"
    r"(?: noch)?|hallo|guten (?:tag|morgen|abend)|liebes|team|(?:mit )?(?:freundlichen?|lieben?|viele|besten?|schönen?|"
    r"liebe|beste|schöne) (?:grüßen?|gruß|gruss|grüssen?)|mfg|lg|vg|gruß|grüße|und|sehr|ihnen auch|euch auch|"
    # French
    r"(?:un grand |mille )?mercis?(?: beaucoup| bien| infiniment| encore| à vous| d'avance| d’avance| à tous)*|"
    r"pour (?:votre|ton|l['’]) ?(?:\w{3,14} ){0,2}(?:aide|réponse|retour|rapidité|réactivité|soutien|message)|parfait|"
    r"super|génial|c['’]est (?:parfait|bon|noté|reçu|réglé)|bien reçu|bonne (?:journée|soirée|semaine)|bon week-?end|"
    r"bonjour|bonsoir|(?:bien )?cordialement|à bientôt|et|"
    # Spanish, Italian, Portuguese
    r"(?:muchas |muchísimas |mil )?gracias(?: por todo| de nuevo| por (?:la|su|tu|vuestra) (?:ayuda|respuesta|atención|"
    r"rapidez))?|perfecto|genial|vale|todo (?:bien|perfecto|correcto)|recibido|buen (?:día|fin de semana)|"
    r"(?:un )?saludos?"
    r"(?: cordiales)?|hola|buenos días|buenas (?:tardes|noches)|igualmente|"
    r"grazie(?: mille| tante| infinite)*(?: per (?:l['’]aiuto|la risposta|il supporto))?|perfetto|ottimo|"
    r"tutto (?:bene|ok)|"
    r"buona (?:giornata|serata)|ciao|cordiali saluti|saluti|"
    r"(?:muito )?obrigad[oa](?: pela (?:ajuda|resposta))?|perfeito|tudo certo|bom dia|boa tarde|cumprimentos|abraços?|"
    # Dutch, Polish
    r"(?:hartelijk )?(?:bedankt|dank(?: u| je)?(?: wel)?)(?: voor (?:de|uw|je) (?:hulp|reactie|antwoord|"
    r"snelle reactie))?|"
    r"top|prima|fijne (?:dag|avond|weekend)|fijn weekend|(?:met vriendelijke )?groet(?:en|jes)?|"
    r"(?:bardzo )?dziękuję(?: bardzo)?(?: za (?:pomoc|odpowiedź))?|dzięki|super|pozdrawiam|miłego dnia)\b)",
    re.IGNORECASE,
)
_CORE = re.compile(
    r"thank|thx|\bty\b|tysm|cheers|appreciat|dank|merci|gracias|grazie|obrigad|bedankt|dzięk|👍|🙏|❤|"
    r"great|perfe|parfait|solved|resolved|sorted|works|geklappt|erledigt|\bok|okay|genial|super|noted|understood|"
    r"received|arrived|angekommen|reçu|recibido|all good|alles (?:klar|gut)|happy new year|christmas",
    re.IGNORECASE,
)
_ANSWER = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|well|hi|hello|hallo|bonjour|hola|thanks|thank you|danke|merci|gracias)\W+)?"
    r"(?:yes|yep|yeah|ja|oui|s[íi]|sim|tak|person|human|mensch|personne|humain|persona|humano|persoon)\b|^\W*(?:no|nein|non|nee|"
    r"nie)\W*$",
    re.IGNORECASE,
)
"""May answer an open question, so it is never small talk, whatever thanks stand behind it."""
_NAMES = re.compile(r"[^\W\d_]{1,20}")
_MOST_NAMES = 4
_NEWSLETTER = re.compile(
    r"newsletter|rundbrief|infolettre|lettre d['’]information|bolet[íi]n|nieuwsbrief|\d{1,2} ?% (?:off|rabatt|"
    r"de réduction|"
    r"de descuento)|black friday|cyber monday|weekly (?:deals|digest)|sale starts|wochenangebote",
    re.IGNORECASE,
)


def is_small_talk(text: str, subject: str = "") -> str | None:
    """"thanks" or "newsletter reply" when the text surely asks nothing, else None.

    Thanks are recognised by what is left when all known phrases are taken away: nothing but a name or two. A reply to
    a newsletter must not hold a single word of asking. A "yes" or "person" may be an answer and is neither.
    """
    words = text.strip()
    if not words or len(words) > _LONGEST or _ANSWER.search(words):
        return None
    if _CORE.search(words) and _nothing_left(words):
        return "thanks"
    about = f"{subject}\n{words}"
    if _NEWSLETTER.search(about) and not may_ask(words) and not re.search(r"\d{4}", words):
        return "newsletter reply"
    return None


def _nothing_left(words: str) -> bool:
    if "?" in words or re.search(r"\d", words):
        return False
    left = _THANKS.sub(" ", words)
    names = _NAMES.findall(left)
    return len(names) <= _MOST_NAMES and not may_ask(left) and all(name[:1].isupper() for name in names)
