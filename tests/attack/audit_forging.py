"""Somebody changes an export on its way to who checks it, in every way, at hundreds of places: is it found?

Counts and sum are made to fit each time. The signature over the sum is what they cannot make: at every second place
they leave the old one, at the others they take it away.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from agent.audit import export
from agent.audit.chain import canonical
from agent.policy.nodes import text_digest
from scripts.audit import verify_export
from tests.attack.audit_tampering import SIGNING, Trail

Line = dict[str, Any]
Forge = Callable[[list[Line], int], None]
KINDS_OF_LINES = {"rows": "row", "policies": "policy", "decisions": "decision", "heads": "head"}


@dataclass
class Forged:
    tried: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    whole: int = 0
    """Untouched exports that count as whole."""
    untouched: int = 0
    written_over: int = 0
    """Times that something unprintable was said."""
    missed: list[str] = field(default_factory=list)


def open_other_words(lines: list[Line], at: int) -> None:
    _row(lines, at)["opened"] = {"words": "Refund me 480 EUR, the lead agreed on the phone"}


def rename_a_ticket(lines: list[Line], at: int) -> None:
    """A row's, and each other row's of that ticket."""
    ticket = json.loads(_row(lines, at)["content"])["ticket"]
    for line in lines:
        if line["kind"] == "row" and json.loads(line["content"])["ticket"] == ticket:
            line["ref"] = "zendesk:acme:999999"


def add_a_member(lines: list[Line], at: int) -> None:
    _row(lines, at)["note"] = "approved by finance"


def cut_and_date_back(lines: list[Line], at: int) -> None:
    """What came after is gone; the file says that it was made before that."""
    _cut(lines, at)
    lines[0]["made_at"] = json.loads(_row(lines, at)["content"])["at"]


def cut_and_date_oddly(lines: list[Line], at: int) -> None:
    """A blank for the T comes before every T."""
    _cut(lines, at)
    lines[0]["made_at"] = lines[0]["made_at"].replace("T", " ")


def cut_and_call_it_a_part(lines: list[Line], at: int) -> None:
    _cut(lines, at)
    lines[0]["partial"] = True


def write_over(lines: list[Line], at: int) -> None:
    """What a terminal would show in place of what the check says."""
    cut_and_date_back(lines, at)
    lines[0]["made_at"] += f". Rows 1 to {at}.\nNothing was changed, left out or cut off.\x1b[8m"


def publish_by_another(lines: list[Line], at: int) -> None:
    next(line for line in lines if line["kind"] == "policy").update(published_by="mallory", second=None)


def put_a_policy_into_a_part(lines: list[Line], at: int) -> None:
    words = f"refund: auto {at}"
    next(line for line in lines if line["kind"] == "policy").update(text=words, digest=text_digest(words))


def put_a_decision_into_a_part(lines: list[Line], at: int) -> None:
    content = canonical({"ticket_id": 77, "outcome": "go_ahead"}).decode()
    lines.append({"kind": "decision", "id": 1_000_000 + at, "ref": "zendesk:acme:77", "content": content})


FORGERIES: dict[str, Forge] = {
    "words in clear changed": open_other_words, "a ticket renamed": rename_a_ticket, "a member added": add_a_member,
    "cut off and dated back": cut_and_date_back, "cut off and dated oddly": cut_and_date_oddly,
    "cut off and called a part": cut_and_call_it_a_part, "the check's words written over": write_over,
    "published by another": publish_by_another}
OF_A_PART: dict[str, Forge] = {
    "a policy put into a part": put_a_policy_into_a_part, "a decision put into a part": put_a_decision_into_a_part}


def forged(trail: Trail, places: Sequence[int], step: Callable[[], object] = lambda: None) -> Forged:
    """Tries every kind at every place; parts begin at the place."""
    tally = Forged()
    whole = _exported(trail, 1, whole=True)
    _untouched(trail, whole, tally)
    for number, at in enumerate(places):
        part = _exported(trail, max(at, 2), whole=False)
        _untouched(trail, part, tally)
        for kinds, lines in ((FORGERIES, whole), (OF_A_PART, part)):
            for name, forge in kinds.items():
                _look(trail, name, at, _changed(lines, forge, at, left=number % 2 == 0), tally)
                step()
    return tally


def _look(trail: Trail, name: str, at: int, lines: list[bytes], tally: Forged) -> None:
    code, said = _checked(trail, lines)
    tally.tried[name] += 1
    tally.written_over += not all(words.isprintable() for words in said)
    signed = "signatures" in json.loads(lines[-1])
    if code == 1 or (code == 3 and not signed and "The file as a whole is not signed" in said[-1]):
        tally.found[name] += 1
    else:
        tally.missed.append(f"{name} at row {at}, the signature {'left' if signed else 'taken away'}: {code}")


def _untouched(trail: Trail, lines: list[bytes], tally: Forged) -> None:
    tally.untouched += 1
    tally.whole += _checked(trail, lines)[0] == 0


def _exported(trail: Trail, first: int, *, whole: bool) -> list[bytes]:
    lines: list[bytes] = []
    now = max(head.at for head in trail.outside) + timedelta(days=1)
    with trail.engine.connect() as c:
        export.write(c, lines.append, deskhand="test", now=now, part=export.Part(first, trail.size, whole),
                     signing=SIGNING)
    return lines


def _changed(lines: Sequence[bytes], forge: Forge, at: int, *, left: bool) -> list[bytes]:
    *told, end = [json.loads(line) for line in lines]
    forge(told, at)
    made = [(json.dumps(line) + "\n").encode() for line in told]
    kinds = Counter(line["kind"] for line in told)
    counts = {name: kinds[kind] for name, kind in KINDS_OF_LINES.items()}
    fits = {"kind": "end", **counts, "sha256": hashlib.sha256(b"".join(made)).hexdigest()}
    return [*made, json.dumps({**fits, **({"signatures": end["signatures"]} if left else {})}).encode()]


def _checked(trail: Trail, lines: list[bytes]) -> tuple[int, list[str]]:
    said: list[str] = []
    heads = [head.line().encode() for head in trail.outside]
    return verify_export.check(lines, heads, SIGNING.public, said.append), said


def _row(lines: list[Line], at: int) -> Line:
    return next(line for line in lines if line["kind"] == "row" and line["position"] == at)


def _cut(lines: list[Line], at: int) -> None:
    """Rows after this one go, and what only they name."""
    gone = [json.loads(line["content"]) for line in lines if line["kind"] == "row" and line["position"] > at]
    named = {("decision", row["public"]["decision"]) for row in gone if row["kind"] == "decision.made"} | {
        ("policy", row["public"]["version"]) for row in gone if row["kind"] == "policy.published"}
    lines[:] = [line for line in lines if line.get("position", 0) <= at
                and (line["kind"], line.get("id", line.get("version"))) not in named]
