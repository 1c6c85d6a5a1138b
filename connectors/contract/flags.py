"""What counts as a mark on a customer's record, whoever keeps it."""

from __future__ import annotations

NOT_FLAGGED = frozenset({"", "no", "none", "false", "0", "n", "off"})


def flagged(value: object) -> bool:
    """A ticked box, or any text but a word for no: a flag whose words nobody foresaw still holds."""
    return bool(value) and str(value).strip().casefold() not in NOT_FLAGGED
