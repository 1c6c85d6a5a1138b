"""A wide net: whether a text may ask for something. It errs towards yes."""

from __future__ import annotations

import re

_ASKING = re.compile(
    r"[?？¿؟]|\b(?:"
    # English
    r"refund\w*|money|cash back|pay(?:ment|ments|ed|ing)?|paid|charg\w+|reimburs\w+|credit\w*|bill(?:ed|ing)?|"
    r"invoice\w*|"
    r"cancel\w*|return\w*|exchang\w+|replac\w+|chang\w+|updat\w+|correct\w*|edit|switch|delet\w+|remov\w+|"
    r"unsubscrib\w*|"
    r"opt[- ]?out|stop|where|when|why|how|what|which|who|please|pls|plz|can|could|would|will you|may i|need\w*|want\w*|"
    r"help(?! with)|send|sent|deliver\w*|ship\w*|track\w*|parcel|package|order\w*|missing|wrong|broken|damag\w+|faulty|"
    r"problem\w*|issue\w*|error\w*|not|n't|don'?t|didn'?t|hasn'?t|haven'?t|isn'?t|can'?t|won'?t|never|still|but|"
    r"however|"
    r"address|phone|number|e-?mail address|name is|account|subscription\w*|password|login|log in|twice|double\w*|"
    r"duplicate\w*|dispute\w*|bank|question\w*|lawyer|legal|manager|person|human|agent|speak|talk|call|complain\w*|"
    # German
    r"bitte|erstatt\w*|rückerstatt\w*|zurück\w*|geld\w*|abgebucht|doppelt\w*|zweimal|storn\w*|kündig\w*|widerruf\w*|"
    r"änder\w*|aktualisier\w*|adresse\w*|nummer\w*|telefon\w*|handy\w*|bestell\w*|rechnung\w*|wann|wo|warum|wie|was|"
    r"können|könnten|kann|möchte\w*|brauche|hilfe|nicht|kein\w*|aber|noch|fehlt|falsch\w*|kaputt|defekt|abmelden|"
    r"abbestell\w*|problem|beschwer\w*|anwalt|"
    # French
    r"rembours\w*|argent|débit\w*|prélev\w*|annul\w*|chang\w*|modifi\w*|adresse|numéro|commande\w*|facture\w*|quand|où|"
    r"pourquoi|comment|pouvez|pourriez|puis|voudrais|souhaite\w*|besoin|aide[rz]?|pas|mais|toujours|svp|plaît|plait|"
    r"désabonn\w*|désinscri\w*|retour\w*|colis|"
    # Spanish, Italian, Portuguese
    r"reembols\w*|devol\w*|dinero|cobr\w*|cargo\w*|cancel\w*|cambi\w*|actualiz\w*|direcci[óo]n|n[úu]mero|tel[ée]fono|"
    r"pedido\w*|factura|cu[áa]ndo|d[óo]nde|por qu[ée]|c[óo]mo|pued\w+|podr[íi]a\w*|quier\w+|quisiera|necesit\w+|"
    r"ayuda\w*|"
    r"no|pero|todav[íi]a|por favor|baja|rimbors\w*|soldi|addebit\w*|annull\w*|indirizzo|numero|ordine|quando|dove|"
    r"perch[ée]|come|potete|potrebbe|vorrei|bisogno|non|ma|ancora|favore|reso|dinheiro|estorn\w*|quero|preciso|não|mas|"
    r"endere[çc]o|encomenda|onde|porque|"
    # Dutch, Polish
    r"terug\w*|geld|betal\w*|annuleer\w*|wijzig\w*|adres|bestelling|wanneer|waar|waarom|hoe|kunt|kun|wil|nodig|hulp|"
    r"niet|maar|nog|alstublieft|graag|zwrot\w*|pieni\w+|anuluj\w*|zmie\w+|zam[óo]wieni\w*|kiedy|gdzie|dlaczego|jak|"
    r"prosz[ęe]|mog[ęe]|chc[ęe]|nie|ale"
    r")\b",
    re.IGNORECASE,
)


def may_ask(text: str) -> bool:
    """True when any word or sign of asking stands in the text, of any kind, in eight languages."""
    return _ASKING.search(text) is not None
