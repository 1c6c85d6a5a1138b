"""Somebody is erased: are twenty marks of theirs found anywhere in the clear, and does the trail's chain still hold?

Looked through are every column of every table, the raw files of the database with its write-ahead log, everything that
was logged, exports, the file of heads, and a backup made afterwards. Each place is shown to be readable first: a word
that is put there on purpose must be found.
"""

from __future__ import annotations

import base64
import io
import json
import logging
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from agent import audit, erasing, saving
from agent.audit import checking, export
from agent.audit.heads import Signing, kept, make
from agent.audit.keepers import FileKeeper
from agent.consent import approval
from agent.consent.approval import Colleague
from agent.consent.waits import of_ticket
from connectors.mount import Mounted
from scripts.audit import verify_export
from tests.journeys.office import POLICY as SHIPPED
from tests.journeys.office import WORLD, Office, execute, refund

SECRET = "a secret for tests that is long enough"
EMAIL = "thessaly.q@marks.example"
MARKS = {
    "first name": "Thessaly", "last name": "Quillfeather", "e-mail address": EMAIL, "phone before": "5550117",
    "phone after": "5550942", "street": "Nachtigallenweg", "town": "Grünmoosbach", "subject": "Teekannenfrage",
    "what was ordered": "zinnoberroter Samowar", "order number": "QX7790417", "quoted mail": "Wolkenkuckucksheim",
    "signature": "Orgelbaumeisterin", "attachment's name": "Schadensfoto", "attachment's text": "Haarriss am Henkel",
    "nickname": "Quilly-Tess", "answer": "Mops Balthasar", "reason of a no": "Nachbarschaftszwist",
    "bank account": "DE02120300000000202051", "asked besides": "Glockenspielreparatur",
    "payment's description": "Jubiläumsedition",
}
CONTROL = "Kontrollmarke-7731"
BODY = """I was charged twice for order QX7790417, please refund the second one. It is the zinnoberroter Samowar.
My number is +49 30 5550942 now. I live in Nachtigallenweg 7, Grünmoosbach; my account is DE02120300000000202051.
The attached Schadensfoto.png says: Haarriss am Henkel.

Quilly-Tess, that is Thessaly Quillfeather, Orgelbaumeisterin

On Mon, 16 Nov 2026 at 10:00, Thessaly Quillfeather <thessaly.q@marks.example> wrote:
> In Wolkenkuckucksheim they sell them, too.
"""
PHONE = {"kind": "contact_change", "contact": "k1", "field": "phone", "value": "+49 30 5550942",
         "quote": "My number is +49 30 5550942"}
MAIA = Colleague("79", "Maia Lind", "lead")


@dataclass
class Left:
    """What one person left behind, by where it was looked for."""

    marks: int = 0
    seen: set[str] = field(default_factory=set)
    """Marks that Deskhand was given by the vendors: the others prove nothing."""
    sealed: set[str] = field(default_factory=set)
    """Marks that could be read under the person's key before."""
    before: dict[str, list[str]] = field(default_factory=dict)
    after: dict[str, list[str]] = field(default_factory=dict)
    blind: list[str] = field(default_factory=list)
    """Places in which the word put there on purpose was not found."""
    opened: int = 0
    """Sealed texts that some key still opens, of all."""
    broken: list[str] = field(default_factory=list)
    """What is wrong with the chain, afterwards."""
    verified: int = -1
    """The single file's exit code on an export made afterwards."""


def left_behind(engine: Engine, pgdata: Path, folder: Path, helpdesk: str) -> Left:
    """Lives a ticket of theirs, erases them, and looks."""
    with _everything_logged() as logged, _answers() as answered:
        office = _office(engine, helpdesk)
        _live(office)
        signing, keeper = Signing(SECRET), FileKeeper(folder / "audit-heads.jsonl")
        _chain(office, signing, keeper)
        found = Left(len(MARKS), seen=_in(answered), sealed=_in(_readable(office)))
        places = _Places(office, pgdata, folder, logged)
        found.before = places.looked(("tables", "raw files and WAL", "log"))
        with engine.begin() as c:
            [person] = erasing.by_email(c, office.desk, EMAIL)
        erasing.erase(office.desk, person, "Lea", EMAIL)
        office.settle(hours=2)
        _chain(office, signing, keeper)
        found.after = places.looked()
        found.opened = len(_readable(office))
        _judge(office, signing, found)
        found.blind = places.blind()
    return found


def _office(engine: Engine, helpdesk: str) -> Office:
    told = json.dumps(WORLD, ensure_ascii=False)
    for ours, theirs in (("Dana Customer", "Thessaly Quillfeather"), ("dana@example.com", EMAIL), ('"Dana"',
                         '"Thessaly"'), ('"LastName": "Customer"', '"LastName": "Quillfeather"'),
                         ("+49 30 1234567", "+49 30 5550117")):
        told = told.replace(ours, theirs)
    office = Office(engine, world=json.loads(told), helpdesk=helpdesk)
    office.publish(execute(SHIPPED))
    office.planner.always = lambda case: {"actions": [  # type: ignore[attr-defined]
        PHONE, refund("c2", quote="please refund the second one")], "reply": "Dear Thessaly"} if (
        "charged twice" in case.asked()) else {"uncovered": ["a Glockenspielreparatur"], "reply": "Dear Thessaly"}
    return office


def _live(office: Office) -> None:
    """A change, a refund to be confirmed, a colleague's no with a reason, and what the machine cannot do."""
    for ago in ("-2h", "-110m"):
        office.charge(9000, email=EMAIL, ago=ago, customer="cus_dana", order="QX7790417",
                      description="Jubiläumsedition for Thessaly Quillfeather")
    ticket = office.writes(BODY, EMAIL, subject="Teekannenfrage",
                           attachments=["Schadensfoto.png"])
    office.event(ticket)
    office.run()
    office.settle(hours=1)
    office.customer_answers(ticket, "YES, and Mops Balthasar agrees.", EMAIL)
    with office.engine.begin() as c:
        waiting = [one for one in of_ticket(c, 1, ("open",)) if one.for_whom != "customer"]
    for one in waiting:
        approval.decline(office.desk, one.id, one.shown, MAIA, "Thessaly has a Nachbarschaftszwist about it")
    office.settle(hours=1)
    office.customer_answers(ticket, "Then I want a person for the Glockenspielreparatur, at Nachtigallenweg 7.", EMAIL)
    office.settle(hours=1)


def _chain(office: Office, signing: Signing, keeper: FileKeeper) -> None:
    with office.engine.begin() as c:
        audit.seal_chain(c)
        keeper.keep(make(c, signing, office.clock()))


def _readable(office: Office) -> list[str]:
    """Every sealed text that some person's key of ours opens."""
    with office.engine.begin() as c:
        keys = [office.vault.person_by_id(c, id) for id in c.execute(text(
            "select id from people where wrapped is not null and id <> 'installation'")).scalars()]
        sealed = [one for where in ("select sealed from proposals", "select sealed from operations", "select receipt "
                                    "from operations", "select sealed from waits", "select asked from waits",
                                    "select sealed from audit")
                  for one in c.execute(text(where)).scalars() if one is not None]
    return [json.dumps(value, ensure_ascii=False) for key in keys for one in sealed
            if (value := key.read(one)) is not None]


def _judge(office: Office, signing: Signing, found: Left) -> None:
    with office.engine.begin() as c:
        lines: list[bytes] = []
        found.broken = list(checking.check(c, (), signing.public, office.clock()).problems)
        export.write(c, lines.append, deskhand="test", now=office.clock(), part=export.part(c),
                     signing=signing)
        heads = [head.line().encode() for _, head in kept(c)]
    found.verified = verify_export.check(lines, heads, signing.public, lambda words: None)


def variants(mark: str) -> list[bytes]:
    """How a text may lie somewhere, in small letters: as it is, escaped as in JSON, in UTF-16, Latin-1 and hex."""
    small = mark.lower()
    return list(dict.fromkeys((small.encode(), json.dumps(small)[1:-1].encode(), small.encode("utf-16-le"),
                               small.encode("latin-1"), mark.encode().hex().encode())))


def in_base64(mark: str) -> list[bytes]:
    """What base64 makes of it, wherever it begins."""
    coded = [base64.b64encode(b"\0" * shift + mark.encode())[shift and 4:-4] for shift in range(3)]
    return [one for one in coded if len(one) >= 8]


def found_in(data: bytes, marks: Mapping[str, str]) -> set[str]:
    """The names of those that are there, in capitals or small."""
    small = data.lower()
    return {name for name, mark in marks.items() if any(one in small for one in variants(mark))
            or any(one in data for one in in_base64(mark))}


def _in(texts: list[str]) -> set[str]:
    return found_in("\n".join(texts).encode("utf-8", "surrogatepass"), MARKS)


@dataclass
class _Places:
    office: Office
    pgdata: Path
    folder: Path
    logged: io.StringIO

    def _all(self) -> Mapping[str, Callable[[], Iterator[bytes]]]:
        return {"tables": self._tables, "raw files and WAL": self._raw, "log": self._log, "export": self._export,
                "table for people": self._csv, "file of heads": self._heads, "backup made after": self._backup}

    def looked(self, only: tuple[str, ...] = ()) -> dict[str, list[str]]:
        """By place, the marks that are found there."""
        return {place: sorted({name for data in read() for name in found_in(data, MARKS)})
                for place, read in self._all().items() if not only or place in only}

    def blind(self) -> list[str]:
        """Where a word that is put there in the clear is not found."""
        with self.office.engine.begin() as c:
            audit.record(c, kind="note", ticket=None, operation=None, at=self.office.clock(), public={"say": CONTROL})
            audit.seal_chain(c)
            c.execute(text("update audit_heads set signatures = jsonb_build_object('word', cast(:word as text))"),
                      {"word": CONTROL})
        logging.getLogger("deskhand.test").debug("%s", CONTROL)
        with (self.folder / "audit-heads.jsonl").open("a", encoding="utf-8") as file:
            file.write(CONTROL)
        word = {CONTROL: CONTROL}
        return [place for place, read in self._all().items() if not any(found_in(data, word) for data in read())]

    def _tables(self) -> Iterator[bytes]:
        with self.office.engine.begin() as c:
            names = c.execute(text("select tablename from pg_tables where schemaname = 'public'")).scalars().all()
            for name in names:
                yield "\n".join(c.execute(text(f'select t::text from "{name}" t')).scalars()).encode()  # noqa: S608
                for row in c.execute(text(f'select * from "{name}"')):  # noqa: S608 - names of our own tables
                    yield b"\n".join(bytes(value) for value in row if isinstance(value, bytes | memoryview))

    def _raw(self) -> Iterator[bytes]:
        """After a checkpoint, so that the data files are as new as the log before them."""
        with self.office.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as c:
            c.execute(text("checkpoint"))
        for path in sorted(self.pgdata.rglob("*")):
            if path.is_file() and not path.is_socket():
                yield path.read_bytes().rstrip(b"\0")

    def _log(self) -> Iterator[bytes]:
        yield self.logged.getvalue().encode("utf-8", "surrogatepass")

    def _export(self) -> Iterator[bytes]:
        """With everything opened that can be."""
        lines: list[bytes] = []
        with self.office.engine.begin() as c:
            export.write(c, lines.append, deskhand="test", now=self.office.clock(), part=export.part(c),
                         signing=Signing("any"), opened=self.office.vault)
        yield b"".join(lines)

    def _csv(self) -> Iterator[bytes]:
        out = io.StringIO()
        with self.office.engine.begin() as c:
            export.write_table(c, out, export.part(c))
        yield out.getvalue().encode()

    def _heads(self) -> Iterator[bytes]:
        yield (self.folder / "audit-heads.jsonl").read_bytes()

    def _backup(self) -> Iterator[bytes]:
        made = self.folder / "backup.zip"
        saving.save(self.office.engine, made, {}, "test", self.office.clock())
        with zipfile.ZipFile(made) as archive:
            for name in archive.namelist():
                yield archive.read(name)


@contextmanager
def _everything_logged() -> Iterator[io.StringIO]:
    """Every logger, down to the vendors' own words on each request."""
    kept, root = io.StringIO(), logging.getLogger()
    handler, before = logging.StreamHandler(kept), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield kept
    finally:
        root.removeHandler(handler)
        root.setLevel(before)


@contextmanager
def _answers() -> Iterator[list[str]]:
    """What the vendors told Deskhand meanwhile: a mark that it was never given proves nothing."""
    told: list[str] = []
    before = Mounted.send

    def heard(self: Mounted, *args: Any, **kwargs: Any) -> Any:
        answer = before(self, *args, **kwargs)
        told.append(answer.text)
        return answer

    Mounted.send = heard  # type: ignore[method-assign]
    try:
        yield told
    finally:
        Mounted.send = before  # type: ignore[method-assign]
