"""Whole tickets per second, and five empty steps, beside LangGraph with its SQLite checkpointer."""

from __future__ import annotations

import importlib.util

from scripts.benches.place import Child, server
from scripts.benches.rows import NotMeasured, Row, Say, by_turns, middle

PEER = "LangGraph"


class Sides:
    """Both processes; each side works with the concurrency that suits it best here."""

    def __init__(self, ours: Child, peer: Child, say: Say) -> None:
        self._children = {"ours": ours, "peer": peer}
        self._say = say
        self.calls: dict[str, float] = {}

    def rate(self, side: str, what: str, count: int, concurrency: int) -> float:
        """Tickets per second. Raises NotMeasured when not every one ended as it should."""
        self._say(f"tickets: {what}, {side if side == 'ours' else PEER}, {concurrency} at once")
        told = self._children[side].ask(what=what, count=count, concurrency=concurrency)
        if not told["right"]:
            raise NotMeasured(f"{side}: not every one of {count} tickets ended as it should ({what})")
        if "calls" in told:
            self.calls[side] = told["calls"]
        return count / float(told["seconds"])

    def best(self, side: str, what: str, count: int, choices: tuple[int, ...]) -> int:
        self.rate(side, what, count, choices[0])  # the first one also warms up
        rates = {choice: self.rate(side, what, count, choice) for choice in choices}
        return max(rates, key=lambda choice: rates[choice])


def measure(quick: bool, say: Say) -> list[Row]:
    if importlib.util.find_spec("langgraph") is None:
        raise NotMeasured("LangGraph is not installed; it comes with the development dependencies (uv sync)")
    say("tickets: starting database and both sides")
    with server() as place, Child("scripts.benches.ours", place.database()) as ours, \
            Child("scripts.benches.graph") as peer:
        ours.hear()
        peer.hear()
        sides = Sides(ours, peer, say)
        size = (40, 60, 2) if quick else (80, 200, 5)
        whole = _row(sides, "whole tickets", "whole", *size, goal=1.2)
        if sides.calls["ours"] != sides.calls["peer"]:
            raise NotMeasured(f"the two sides made different numbers of vendor calls per ticket: {sides.calls}")
        whole.more["vendor calls per ticket"] = sides.calls["ours"]
        empty = _row(sides, "five empty steps", "empty", size[0] * 3, size[1] * 5, size[2], goal=2.0)
    return [whole, empty]


def _row(sides: Sides, name: str, what: str, trial: int, count: int, rounds: int, goal: float) -> Row:
    ours, peer = sides.best("ours", what, trial, (2, 4, 8)), sides.best("peer", what, trial, (1, 2, 4, 8))
    a, b = by_turns(lambda: sides.rate("ours", what, count, ours),
                    lambda: sides.rate("peer", what, count, peer), rounds)
    return Row(name, middle(a), "/s", goal, "at least", middle(b), PEER, {
        "at once": ours, f"at once {PEER}": peer, "rounds": [round(x, 1) for x in a],
        f"rounds {PEER}": [round(x, 1) for x in b]})
