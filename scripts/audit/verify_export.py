#!/usr/bin/env python3
"""Checks an export of Deskhand's audit with nothing but Python 3.9 or newer: no package, no network, none of our code.

    python3 verify_export.py EXPORT [HEADS] [PUBLIC-KEY] [TIME]

EXPORT is what `deskhand audit export --out EXPORT` wrote. HEADS is a file of signed heads that was kept elsewhere, one
in a line; "-" stands for those in the export alone. PUBLIC-KEY is what `deskhand audit key` printed, got by a way of
your own; several with commas. TIME, as in 2026-11-21T10:00:00+00:00, leaves out older heads: those of rows that were
lost when a backup was put back.

Checked are: that the file is whole and signed, that each row's hash is the SHA-256 of the hash before it and of what
the row says, that decisions and policies are those that the rows name, and that every head (Ed25519, RFC 8032) stands
in the chain where it was signed.

Exit codes: 0 nothing was changed or cut off, 1 something was, 2 wrong usage or no export, 3 the chain holds in itself,
but no signed head that was kept elsewhere was compared, so that a chain that was built anew as a whole would not be
found; or the newest of them is a day behind the rows; or the file is not signed with a key given here, so that nobody
vouches for what stands in no row of the chain; or heads are missing among those kept elsewhere; 4 a file cannot be
read, and nothing was checked.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

FORMAT = "deskhand audit export 1"
START = bytes(32)
NOT_CHECKED = 4
MOST_SHOWN = 50
MOST_SIGNATURES = 200
MOST_LETTERS = 600
WIDE, WIDE_ROWS = timedelta(hours=1), 100
"""With both, heads are missing in between: one is signed every 100 rows, and every 10 minutes with anything new."""
LATE = timedelta(days=1)
END = ("kind", "rows", "policies", "decisions", "heads", "sha256")
IN_NO_ROW = "when it was made and whether it is the whole trail, tickets' names, words in clear"
SIGNED, UNSIGNED, BY_ANOTHER, WRONG = "signed", "unsigned", "by another key", "wrong"

P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]
"""In extended coordinates (RFC 8032, section 5.1.4)."""


def add(a: Point, b: Point) -> Point:
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    x, y, z, t = f - e, h - g, h + g, f + e
    return x * y % P, z * t % P, y * z % P, x * t % P


def times(n: int, point: Point) -> Point:
    made: Point = (0, 1, 1, 0)
    while n:
        if n & 1:
            made = add(made, point)
        point, n = add(point, point), n >> 1
    return made


def point_of(raw: bytes) -> Point | None:
    """None for bytes that stand for no point (RFC 8032, section 5.1.3)."""
    n = int.from_bytes(raw, "little")
    y, sign = n & ((1 << 255) - 1), n >> 255
    if len(raw) != 32 or y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed(public: bytes, signature: bytes, told: bytes) -> bool:
    """Whether the holder of this key signed these bytes (RFC 8032, section 5.1.7)."""
    a, r = point_of(public), point_of(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or BASE is None or len(signature) != 64 or s >= Q:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + told).digest(), "little") % Q
    left, right = times(s, BASE), add(r, times(h, a))
    return all((left[n] * right[2] - right[n] * left[2]) % P == 0 for n in (0, 1))


class Trail:
    """What an export says, and what is wrong with it."""

    def __init__(self) -> None:
        self.header: dict[str, Any] = {}
        self.end: dict[str, Any] | None = None
        self.sum = ""
        self.made_at, self.partial, self.begins = "?", False, 1
        """As the header says."""
        self.heads: list[Any] = []
        self.problems: list[str] = []
        self.counted = {"rows": 0, "policies": 0, "decisions": 0, "heads": 0}
        self.hashes: dict[int, bytes] = {}
        self.first = self.last = 0
        self.previous, self.newest = START, ""
        """The last row's hash, and the latest time that any row says."""
        self.said_decisions: dict[int, str] = {}
        self.said_policies: dict[int, tuple[Any, ...]] = {}
        self.decisions: dict[int, str] = {}
        self.policies: dict[int, tuple[Any, ...]] = {}
        """Both texts' sums, then how it was published."""
        self.refs: dict[int, str] = {}
        """What each ticket is called; rows about decisions say it inside the chain."""
        self.unbound = 0
        self.restored: list[str] = []

    def wrong(self, words: str) -> None:
        self.problems.append(words)

    def read(self, lines: Iterable[bytes]) -> bool:
        """False where it is no export at all."""
        sum = hashlib.sha256()
        for number, line in enumerate(lines, 1):
            told = read_line(line)
            if number == 1:
                if told.get("kind") != "header" or told.get("format") != FORMAT:
                    return False
                self.header = told
                self.take_header(told)
            elif self.end is not None:
                self.wrong(f"line {number} stands after the end")
            elif told.get("kind") == "end":
                self.end, self.sum = told, sum.hexdigest()
                if told.get("sha256") != self.sum:
                    self.wrong("the file is not as it was written: its sum is another")
                if set(told) - {"signatures"} != set(END):
                    self.wrong("the end cannot be read")
            else:
                self.take(told, number)
            sum.update(line)
        if self.end is None:
            self.wrong("the file has no end: it was cut off")
        elif any(self.end.get(name) != count for name, count in self.counted.items()):
            self.wrong("the end counts other lines than there are")
        return bool(self.header)

    def take_header(self, told: dict[str, Any]) -> None:
        try:
            self.begins = whole(told["first"])
            self.made_at = moment(told["made_at"])
            if not isinstance(told["partial"], bool):
                raise ValueError
            self.partial = told["partial"]
        except (ValueError, KeyError, TypeError):
            self.wrong("the header cannot be read")

    def take(self, told: dict[str, Any], number: int) -> None:
        places: dict[Any, tuple[str, Callable[[Any], None]]] = {
            "row": ("rows", self.row), "policy": ("policies", self.policy), "decision": ("decisions", self.decision),
            "head": ("heads", self.heads.append)}
        if told.get("kind") not in places:
            return self.wrong(f"line {number} cannot be read")
        name, keep = places[told["kind"]]
        self.counted[name] += 1
        try:
            keep(told)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            self.wrong(f"line {number} cannot be read")

    def row(self, told: dict[str, Any]) -> None:
        position, content = whole(told["position"]), told["content"].encode("utf-8", "surrogatepass")
        previous, hash = bytes.fromhex(told["previous"]), bytes.fromhex(told["hash"])
        said = json.loads(content, object_pairs_hook=once)
        if not self.first:
            self.first = self.begins
            if self.first < 1 or (self.first > 1 and not self.partial):
                self.wrong(f"it says that it is the whole trail, and begins at row {self.first}")
            self.last, self.previous = self.first - 1, START if self.first == 1 else previous
        if position != self.last + 1:
            self.wrong(f"after row {self.last} comes row {position}")
        if previous != self.previous:
            self.wrong(f"row {position} does not follow the row before it")
        if hash != hashlib.sha256(previous + content).digest() or said["position"] != position:
            self.wrong(f"row {position} ({said['kind']}) was changed")
        self.last, self.previous, self.hashes[position] = position, hash, hash
        self.newest = max(self.newest, moment(said["at"]))
        self.named(said["ticket"], said["public"].get("ref") if said["kind"] == "decision.made" else None)
        self.named(said["ticket"], told["ref"])
        self.hear(said["kind"], said["public"], said["at"], f"row {position} of {said['at']}")

    def named(self, ticket: int | None, ref: str | None) -> None:
        if ref is not None and self.refs.setdefault(whole(ticket), ref) != ref:
            self.wrong(f"ticket {ticket} is called by two names, {self.refs[whole(ticket)]} and {ref}")

    def hear(self, kind: str, public: dict[str, Any], at: str, where: str) -> None:
        """What a row says about other lines: the first time, for who changes something later can add a row as well."""
        if kind == "decision.made":
            if self.said_decisions.setdefault(public["decision"], public["sha256"]) != public["sha256"]:
                self.wrong(f"decision {public['decision']} is named by two rows, and they differ")
        elif kind == "policy.published":
            told = (*(public.get(name) for name in ("digest", "never", "digest", "by", "second", "rolled_back_to")), at)
            if self.said_policies.setdefault(public["version"], told) != told:
                self.wrong(f"policy version {public['version']} is named by two rows, and they differ")
        elif kind == "database.restored":
            self.restored.append(where)

    def policy(self, told: dict[str, Any]) -> None:
        if whole(told["version"]) in self.policies:
            self.wrong(f"policy version {told['version']} stands here twice")
        self.policies[told["version"]] = (
            *(hashlib.sha256(told[name].encode("utf-8", "surrogatepass")).hexdigest() for name in ("text", "never")),
            *(told[name] for name in ("digest", "published_by", "second", "rolled_back_to", "published_at")))

    def decision(self, told: dict[str, Any]) -> None:
        content = told["content"].encode("utf-8", "surrogatepass")
        if whole(told["id"]) in self.decisions:
            self.wrong(f"decision {told['id']} stands here twice")
        self.decisions[told["id"]] = hashlib.sha256(content).hexdigest()
        self.named(json.loads(content, object_pairs_hook=once)["ticket_id"], told["ref"])

    def bound(self) -> None:
        """Decisions and policies against the rows that name them."""
        oldest = min(self.said_decisions, default=None)
        for id, sum in self.decisions.items():
            if self.said_decisions.get(id, sum) != sum:
                self.wrong(f"decision {id} was changed")
            elif id not in self.said_decisions:
                if self.begins > 1 or id < 1 or (oldest is not None and id > oldest):
                    self.wrong(f"decision {id} is named by no row")
                else:
                    self.unbound += 1
        for id in self.said_decisions:
            if id not in self.decisions:
                self.wrong(f"decision {id} is named by a row, and is missing")
        for version, told in self.said_policies.items():
            there = self.policies.get(version, ())
            if there[:2] != told[:2]:
                self.wrong(f"the text of policy version {version} is not the one that was published")
            elif there != told:
                self.wrong(f"how policy version {version} was published (by whom, who agreed, when) is not what the "
                           "audit says")
        for version in self.policies:
            if version not in self.said_policies and not self.partial:
                self.wrong(f"policy version {version} is named by no row")

    def file_is(self, keys: Sequence[str]) -> str:
        """Whether the one who wrote the file signed it."""
        by = (self.end or {}).get("signatures")
        if not isinstance(by, dict) or not by:
            return UNSIGNED
        ours = [key for key in keys if key in by]
        text = f"deskhand audit export 1\n{self.sum}".encode()
        return BY_ANOTHER if not ours else SIGNED if signed_by(by, ours, text) else WRONG

    def against(self, heads: Sequence[dict[str, Any]], keys: Sequence[str], elsewhere: set[str]) -> Compared:
        """Heads, the newest first. A signature takes a while here: once many were checked, those of older heads are
        checked only where the head disagrees with the chain, is the newest one that was kept elsewhere, or fills what
        would be a gap between those."""
        found = Compared()
        filling = thinned([head for head in heads if name_of(head) in elsewhere and self.has(head)
                           and set(keys) & set(head["signatures"])])
        pairs = zip(filling, filling[1:])  # noqa: B905, RUF007 - Python 3.9 has neither
        found.gaps = [gap for before, after in pairs if (gap := wide(before, after))]
        fills = {name_of(head) for head in filling}
        for head in sorted(heads, key=lambda head: (head["position"], head["at"]), reverse=True):
            position, where = head["position"], f"the head of {head['at']}"
            ours = [key for key in keys if key in head["signatures"]]
            agrees = self.has(head)
            outside = not found.outside and name_of(head) in elsewhere
            if not ours:
                found.unknown += 1
            elif agrees and found.used >= MOST_SIGNATURES and not outside and name_of(head) not in fills:
                found.agree += 1
            elif not signed_by(head["signatures"], ours, text_of(head)):
                self.wrong(f"{where} at row {position} has a wrong signature")
            elif agrees:
                found.used, found.upto = found.used + 1, max(found.upto, position)
                if outside:
                    found.outside, found.outside_at = position, head["at"]
            elif position > self.last and (self.partial or head["at"] > self.made_at):
                found.later += 1
            elif position > self.last:
                self.wrong(f"{where} says {position} rows, and the export ends at row {self.last}: rows were cut off")
            elif position >= self.first:
                self.wrong(f"row {position} is another than {where} says: the chain was built anew")
        return found

    def has(self, head: dict[str, Any]) -> bool:
        """Stands in the chain where the head says."""
        return self.hashes.get(head["position"]) == bytes.fromhex(head["hash"])


class Compared:
    """What came of the heads."""

    def __init__(self) -> None:
        self.used = self.upto = 0
        """How many stand in the chain with a right signature, and the last row of them."""
        self.outside, self.outside_at = 0, ""
        """The last row of those that were kept elsewhere, and when that head was made."""
        self.agree = self.unknown = self.later = 0
        self.gaps: list[str] = []
        """Where heads are missing among those that were kept elsewhere."""


def late(trail: Trail, found: Compared) -> bool:
    """The newest head that was kept elsewhere is a day old, by when the export was made or by what the rows say. A part
    may end long before the export was made, which a head of later rows shows."""
    until = trail.newest if trail.partial and found.later else max(trail.newest, trail.made_at)
    return datetime.fromisoformat(until) - datetime.fromisoformat(found.outside_at) >= LATE


def wide(before: dict[str, Any], after: dict[str, Any]) -> str:
    """What is missing between two heads, or nothing."""
    since, until = (datetime.fromisoformat(head["at"]) for head in (before, after))
    if until - since < WIDE or after["position"] - before["position"] <= WIDE_ROWS:
        return ""
    return (f"rows {before['position'] + 1} to {after['position']}: no head from between {since:%d %b %Y %H:%M} and "
            f"{until:%d %b %Y %H:%M} UTC is kept elsewhere")


def thinned(heads: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The oldest, the newest, and so many between them that no gap is there but in all of them, too."""
    given = sorted(heads, key=lambda head: (head["at"], head["position"]))
    taken = given[:1]
    for head, after in zip(given[1:], given[2:]):  # noqa: B905, RUF007 - Python 3.9 has neither
        if wide(taken[-1], after):
            taken.append(head)
    return taken + given[1:][-1:]


def name_of(head: dict[str, Any]) -> str:
    """The same for the same head, wherever it was kept."""
    return json.dumps(head, sort_keys=True)


def text_of(head: dict[str, Any]) -> bytes:
    """What its signature is over."""
    return f"deskhand audit head 1\n{head['position']}\n{head['hash']}\n{head['at']}".encode()


def signed_by(signatures: dict[str, Any], keys: Sequence[str], text: bytes) -> bool:
    """Whether one of these keys signed this; each of them stands among the signatures."""
    try:
        return any(signed(bytes.fromhex(key), bytes.fromhex(signatures[key]), text) for key in keys)
    except (ValueError, TypeError):
        return False


def moment(told: Any) -> str:
    """Raises ValueError and TypeError for all that is not written as we write moments, such as with a blank for the T:
    moments are compared as texts."""
    at = datetime.fromisoformat(told)
    if at.utcoffset() != timedelta(0) or at.isoformat() != told:
        raise ValueError
    return str(told)


def whole(told: Any) -> int:
    """Raises ValueError for all that is not written as a whole number, such as 1.0, "1" or true."""
    if type(told) is not int:
        raise ValueError
    return told


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Raises ValueError where a name stands twice: one reader would take the first value, another one the last."""
    told = dict(pairs)
    if len(told) < len(pairs):
        raise ValueError
    return told


def read_line(line: bytes) -> dict[str, Any]:
    """Empty for what is no JSON object, or could be read in two ways."""
    try:
        told = json.loads(line, object_pairs_hook=once)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def heads_of(lines: Iterable[dict[str, Any]]) -> tuple[list[dict[str, Any]], int]:
    """Those that are heads, and how many are none."""
    heads, broken = [], 0
    for line in lines:
        told: dict[str, Any] = {name: line[name] for name in ("position", "hash", "at", "signatures") if name in line}
        try:
            whole(told["position"]), moment(told["at"])
            fits = len(told["hash"]) == 64 and not set(told["hash"]) - set("0123456789abcdef")
        except (ValueError, KeyError, TypeError):
            fits = False
        if fits and isinstance(told["hash"], str) and isinstance(told.get("signatures"), dict):
            heads.append(told)
        else:
            broken += 1
    return heads, broken


def check(export: Iterable[bytes], kept: Iterable[bytes] = (), keys: Sequence[str] = (),
          out: Callable[[str], object] = print, heads_since: str = "") -> int:
    """Checks the lines of an export with the lines of heads kept elsewhere; says what it finds.

    Returns the exit code.
    """
    def say(words: str) -> None:
        out(harmless(words))

    trail = Trail()
    if not trail.read(export):
        say("This is no export of Deskhand's audit.")
        return 2
    own, wrong = heads_of(trail.heads)
    if wrong:
        trail.wrong(f"{wrong} heads in the export cannot be read")
    others, broken = heads_of(read_line(line) for line in kept if line.strip())
    each = {name_of(head): head for head in own + others if head["at"] >= heads_since}
    heads = list(each.values())
    trail.bound()
    found = trail.against(heads, keys, {name_of(head) for head in others})
    file = trail.file_is(keys)
    if file == WRONG:
        trail.wrong("the file's signature does not fit what stands in it")
    say(f"Made {trail.made_at}. Rows {trail.first} to {trail.last}, {len(trail.decisions)} decisions, "
        f"{len(trail.policies)} policies, {len(heads)} heads.")
    if trail.partial:
        say(f"Note: this is a part of the trail: what came before row {trail.first} or after row {trail.last} is not "
            "in it.")
    notes = ((broken, "lines among the heads cannot be read"),
             (found.unknown, "heads were not signed by a key given here, and were left out"),
             (found.later, "heads are later than this export, or than the part of the trail in it"),
             (found.agree, "older heads agree with the chain, too; their signatures were not checked"),
             (trail.unbound, "decisions are older than the rows that name decisions; their facts cannot be checked"))
    for count, words in notes:
        if count:
            say(f"Note: {count} {words}.")
    for gap in found.gaps:
        say(f"Note: {gap}. This is so after workers stood still; if they ran, these rows could have been changed "
            "until the later time.")
    for where in trail.restored:
        say(f"Note: {where} says that a backup was put back.")
    for words in trail.problems[:MOST_SHOWN]:
        say(f"Wrong: {words}.")
    if trail.problems:
        say(f"This is not what was written: {len(trail.problems)} found.")
        return 1
    return verdict(trail, found, file, say)


def verdict(trail: Trail, found: Compared, file: str, say: Callable[[str], object]) -> int:
    """Where nothing is wrong: how much that proves."""
    if not found.used:
        nor = {SIGNED: "", UNSIGNED: " The file as a whole is not signed, either, so",
               BY_ANOTHER: " Nor was the signature of the whole file checked with a key, so"}[file]
        also = f"{nor} nobody vouches for what stands in no row: {IN_NO_ROW}." if nor else ""
        say("The chain holds in itself. No signed head was compared: a chain that was built anew as a whole would not "
            f"be found.{also} Give the heads and the public key.")
        return 3
    if file != SIGNED:
        why = ("is not signed: it was made before exports were signed, or its signature was taken away. Nobody vouches "
               f"for what stands in no row: {IN_NO_ROW}. Ask for a new export." if file == UNSIGNED else
               "is signed with a key that was not given here, so nobody vouches for what stands in no row: "
               f"{IN_NO_ROW}. Give the key that deskhand audit key printed when the export was made.")
        say(f"The rows fit the signed heads, {found.used} of them, the last one at row {found.upto} of {trail.last}. "
            f"The file as a whole {why}")
        return 3
    if not found.outside:
        say(f"The rows fit the {found.used} signed heads that came with the export, and whoever owns the database can "
            "have such signed anew. None that was kept elsewhere was compared: a chain that was built anew as a whole "
            "would not be found. Give those heads, one in a line of a file (--heads FILE, here the second argument).")
        return 3
    if late(trail, found) and found.outside < trail.last:
        say(f"Up to row {found.outside} nothing was changed. Rows came after it, and for a day or more no head of them "
            "was kept elsewhere: they could have been built anew. Ask for newer heads from who keeps them.")
        return 3
    if found.gaps:
        say(f"Every row fits the {found.used} signed heads, the last one at row {found.upto} of {trail.last}. Heads "
            "are missing among those kept elsewhere: the notes say where. If the workers stood still then, a TIME "
            "after it leaves the older heads out.")
        return 3
    nothing = "In this part nothing" if trail.partial else "Nothing"
    say(f"{nothing} was changed, left out or cut off: {found.used} signed heads stand in the chain, the last one at "
        f"row {found.upto} of {trail.last}.")
    if found.outside < found.upto:
        say(f"After row {found.outside} only heads count that came with the export: whoever owns the database can have "
            "such signed anew. Ask for newer ones from who keeps them elsewhere.")
    if late(trail, found):
        say(f"No row came after the newest head that was kept elsewhere, of {found.outside_at}. If Deskhand worked "
            "since, what it wrote was cut off.")
    if found.later:
        say("What came after the last row is not in this export: ask for one that was made later, or is not a part.")
    return 0


def harmless(words: str) -> str:
    """No text of a file writes over words of ours, nor a page of blanks between them."""
    shown = "".join(letter if letter.isprintable() else "?" for letter in words)
    return shown if len(shown) <= MOST_LETTERS else shown[:MOST_LETTERS] + " ..."


def main(arguments: Sequence[str]) -> int:
    if not 1 <= len(arguments) <= 4 or arguments[0] in ("-h", "--help"):
        print((__doc__ or "").strip())
        return 2
    keys = [key.strip().lower() for key in arguments[2].split(",")] if len(arguments) > 2 else []
    if any(len(key) != 64 or set(key) - set("0123456789abcdef") for key in keys):
        print("A public key is 64 hexadecimal digits, as deskhand audit key prints them.")
        return 2
    try:
        kept: list[bytes] = []
        if len(arguments) > 1 and arguments[1] != "-":
            with open(arguments[1], "rb") as file:
                kept = file.readlines()
        with open(arguments[0], "rb") as export:
            return check(export, kept, keys, heads_since=arguments[3] if len(arguments) > 3 else "")
    except OSError as error:
        print(f"{error.filename or arguments[0]} cannot be read: {error.strerror}.")
        return 2 if isinstance(error, FileNotFoundError) else NOT_CHECKED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
