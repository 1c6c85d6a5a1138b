"""Whether a text speaks of an order or a parcel: a changed address may then send somebody's goods elsewhere."""

from __future__ import annotations

import re

PARCEL = re.compile(
    r"\b(?:orders?\b|ordered|ordering|re-?order|pre-?order|parcel|packag|packet|ship|deliver|dispatch|despatch|courier|"
    r"carrier|track(?:ing|ed)?\b|in transit|on (?:its|the|their) way|sen[dt]\b|sending|purchase|bought|"
    r"p[äa]e?ckchen|versand|versend|verschick|schick|zustell|zugestellt|unterwegs|gekauft|auftrag|"
    r"command[ée]|colis|livr|expédi|exp[ée]dition|envoy|envoi|"
    r"pedid|ped[íi]\b|paquet|env[íi][oae]|enviar|envié|entreg|"
    r"encomend|remessa|bestel|pakje|bezorg|verzend|verzonden|(?:ge)?lever|"
    r"ordin[ieao]\b|ordinat|pacc[oh]|consegn|spedi|"
    r"zam[óo]w|pacz[ek]|przesy[łl]|dostaw|dostarcz|wysy[łl]|wys[łl]a)|"
    r"bestell|paket|liefer|sendung|pakket", re.IGNORECASE)
"""Stems, so that plurals and verbs count; the German and Dutch ones in the second part also end longer words."""


def of_a_parcel(text: str) -> bool:
    return PARCEL.search(text) is not None
