"""Which currencies a sign, a code or a word beside an amount can mean."""

from __future__ import annotations

_DOLLARS = frozenset((
    "USD", "AUD", "CAD", "NZD", "SGD", "HKD", "TWD", "BSD", "BBD", "BMD", "BND", "BZD", "FJD", "GYD", "JMD", "KYD",
    "LRD", "NAD", "SBD", "SRD", "TTD", "XCD",
))
_PESOS = frozenset(("ARS", "CLP", "COP", "DOP", "MXN", "UYU"))
_POUNDS = frozenset(("GBP", "EGP", "FKP", "GIP", "SHP"))
_FRANCS = frozenset(("CHF", "BIF", "CDF", "DJF", "GNF", "KMF", "RWF", "XAF", "XOF", "XPF"))
_CROWNS = frozenset(("SEK", "NOK", "DKK", "ISK"))

MEANT: dict[str, frozenset[str]] = {
    "€": frozenset({"EUR"}), "euro": frozenset({"EUR"}), "$": _DOLLARS | _PESOS, "dollar": _DOLLARS, "buck": _DOLLARS,
    "us$": frozenset({"USD"}), "a$": frozenset({"AUD"}), "au$": frozenset({"AUD"}), "c$": frozenset({"CAD"}),
    "ca$": frozenset({"CAD"}), "nz$": frozenset({"NZD"}), "hk$": frozenset({"HKD"}), "s$": frozenset({"SGD"}),
    "mx$": frozenset({"MXN"}), "£": _POUNDS, "pound": _POUNDS, "quid": frozenset({"GBP"}),
    "¥": frozenset({"JPY", "CNY"}), "yen": frozenset({"JPY"}), "yuan": frozenset({"CNY"}), "franc": _FRANCS,
    "kr": _CROWNS, "zł": frozenset({"PLN"}), "zloty": frozenset({"PLN"}), "rupee": frozenset({"INR", "PKR", "LKR"}),
}
"""By the singular in small letters; "$" and "kr" fit every currency that is written so. What is not here is a code."""


def meant(written: str) -> frozenset[str]:
    """The ISO codes it can stand for; none for ""."""
    word = written.strip().casefold()
    if not word:
        return frozenset()
    found = MEANT.get(word) or MEANT.get(word.removesuffix("s"))
    return found or frozenset({word.upper()})
