"""Heads leave the database: each keeper gets every one, in order, and one that is away holds up nobody."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from pydantic import ValidationError
from requests.adapters import BaseAdapter
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import NoResultFound

from agent import audit
from agent.audit import checking, export
from agent.audit.heads import Head, Signing, make, read_lines
from agent.audit.keepers import AGAIN, AuditChoices, FileKeeper, KeeperAway, Keeping, UrlKeeper, held_by
from agent.database import Database
from agent.tables import audit_keepers
from connectors.contract import Surroundings
from scripts.audit import verify_export

SIGNING = Signing("a secret of ours")


@dataclass
class Clock:
    now: datetime = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Notebook:
    """A keeper that can be away."""

    name: str = "notebook"
    away: bool = False
    kept: list[int] = field(default_factory=list)

    def keep(self, head: Head) -> None:
        if self.away:
            raise KeeperAway("it does not answer")
        self.kept.append(head.position)

    def lines(self) -> list[str]:
        if self.away:
            raise KeeperAway("it does not answer")
        return [SIGNING.head(position, bytes(32), Clock()()).line() for position in self.kept]


def grow(engine: Engine, clock: Clock, how_many: int = 1) -> Head:
    with engine.begin() as c:
        for _ in range(how_many):
            audit.record(c, kind="note", ticket=None, operation=None, at=clock(), public={})
        audit.seal_chain(c)
        return make(c, SIGNING, clock())


def row(engine: Engine, name: str = "notebook") -> dict[str, object]:
    with engine.connect() as c:
        return dict(c.execute(select(audit_keepers).where(audit_keepers.c.name == name)).mappings().one())


def test_a_file_gets_one_line_per_head_that_only_its_owner_reads(tmp_path: Path) -> None:
    keeper = FileKeeper(tmp_path / "data" / "heads.jsonl")
    heads = [SIGNING.head(n, bytes(32), Clock()()) for n in (1, 2)]
    for head in heads:
        keeper.keep(head)
    assert read_lines(keeper.path.read_text().splitlines()) == (heads, 0)
    assert keeper.path.stat().st_mode & 0o777 == 0o600


def test_a_line_that_a_crash_cut_short_spoils_no_other(tmp_path: Path) -> None:
    keeper = FileKeeper(tmp_path / "heads.jsonl")
    head = SIGNING.head(1, bytes(32), Clock()())
    keeper.path.write_text(head.line()[:40])
    keeper.keep(head)
    assert read_lines(keeper.path.read_text().splitlines()) == ([head], 1)


def test_a_file_that_cannot_be_written_is_away(tmp_path: Path) -> None:
    with pytest.raises(KeeperAway, match="cannot be written"):
        FileKeeper(tmp_path).keep(SIGNING.head(1, bytes(32), Clock()()))


class Answering(BaseAdapter):
    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status
        self.heard: list[requests.PreparedRequest] = []

    def send(self, request: requests.PreparedRequest, *args: object, **kwargs: object) -> requests.Response:
        self.heard.append(request)
        answer = requests.Response()
        answer.status_code, answer.request, answer.url = self.status, request, request.url or ""
        return answer

    def close(self) -> None: ...


@pytest.mark.parametrize(("status", "kept"), [(200, True), (204, True), (301, False), (403, False), (500, False)])
def test_an_address_is_sent_the_head_and_only_2xx_counts(status: int, kept: bool) -> None:
    door, head = Answering(status), SIGNING.head(1, bytes(32), Clock()())
    keeper = UrlKeeper("https://log.example.com/deskhand", Surroundings(transports={"audit-keeper": door}))
    if kept:
        keeper.keep(head)
    else:
        with pytest.raises(KeeperAway, match=f"it answered with {status}"):
            keeper.keep(head)
    body = door.heard[0].body or b""
    assert (door.heard[0].method, json.loads(body)) == ("POST", json.loads(head.line()))


def test_what_keepers_hold_is_asked_of_each_and_one_that_is_away_is_named(tmp_path: Path) -> None:
    head, file, there = SIGNING.head(1, bytes(32), Clock()()), FileKeeper(tmp_path / "heads.jsonl"), Notebook()
    keepers = [file, there, Notebook("away", away=True), UrlKeeper("https://log.example.com/deskhand")]
    assert held_by(keepers) == ([], ["the keeper away could not be asked: it does not answer"])
    file.keep(head)
    there.keep(head)
    assert held_by(keepers)[0] == [head.line(), head.line()]


@pytest.mark.parametrize("wrong", [
    {"keepers": ["url"]}, {"url": "http://log.example.com/"}, {"url": "https://me:secret@log.example.com/"},
    {"keepers": ["pigeon"]}])
def test_a_choice_that_cannot_work_is_refused_at_start(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        AuditChoices.model_validate(wrong)


def test_each_head_is_brought_once_and_in_order(engine: Engine) -> None:
    clock, notebook = Clock(), Notebook()
    keeping = Keeping(engine, SIGNING, [notebook], clock)
    grow(engine, clock)
    keeping.bring()
    grow(engine, clock, 3)
    grow(engine, clock, 2)
    keeping.bring()
    keeping.bring()
    assert notebook.kept == [1, 4, 6]
    assert (row(engine)["problem"], row(engine)["due_at"]) == ("", None)


def test_one_that_is_away_gets_what_it_lacks_later_and_the_other_gets_it_now(engine: Engine) -> None:
    clock, away, there = Clock(), Notebook("away", away=True), Notebook("there")
    keeping = Keeping(engine, SIGNING, [away, there], clock)
    grow(engine, clock)
    keeping.bring()
    since = clock.now
    grow(engine, clock)
    away.away = False
    keeping.bring()
    assert (away.kept, there.kept) == ([], [1, 2])  # it rests for a minute
    assert (row(engine, "away")["problem"], row(engine, "away")["failing_since"]) == ("it does not answer", since)
    clock.now += AGAIN
    keeping.bring()
    assert away.kept == [1, 2]
    assert (row(engine, "away")["problem"], row(engine, "away")["failing_since"]) == ("", None)


def test_a_keeper_that_is_new_begins_with_the_newest_head(engine: Engine) -> None:
    clock, notebook = Clock(), Notebook()
    for _ in range(3):
        grow(engine, clock)
    Keeping(engine, SIGNING, [notebook], clock).bring()
    assert notebook.kept == [3]


def test_the_chore_signs_what_is_due_and_brings_it_beside_the_work(engine: Engine) -> None:
    clock, notebook = Clock(), Notebook()
    keeping = Keeping(engine, SIGNING, [notebook], clock)
    with engine.begin() as c:
        keeping.tick(c)
    assert keeping.bringing is None
    with engine.begin() as c:
        audit.record(c, kind="note", ticket=None, operation=None, at=clock(), public={})
        audit.seal_chain(c)
    for _ in range(2):  # signed in the first round, brought at the latest after the second
        with engine.begin() as c:
            keeping.tick(c)
        if keeping.bringing is not None:
            keeping.bringing.join()
    assert notebook.kept == [1]
    keeping.bringing = None
    clock.now += timedelta(hours=1)
    with engine.begin() as c:
        keeping.tick(c)
    assert keeping.bringing is None  # nothing is new


@dataclass
class Kept:
    """A worker that keeps its heads in a file, and what the two checks make of it."""

    engine: Engine
    clock: Clock
    path: Path

    def works(self, rows: int, **later: int) -> None:
        """Some rows, then a round of the chore."""
        self.clock.now += timedelta(**later)
        with self.engine.begin() as c:
            for _ in range(rows):
                audit.record(c, kind="operation.sent", ticket=None, operation="op", at=self.clock(),
                             public={"amount": 500})
            audit.seal_chain(c)
            Keeping(self.engine, SIGNING, [], self.clock).tick(c)
        Keeping(self.engine, SIGNING, [FileKeeper(self.path)], self.clock).bring()

    def owner(self, *statements: str) -> None:
        """Who owns the database: no guard of its own holds."""
        with self.engine.begin() as c:
            c.execute(text("set local session_replication_role = replica"))
            for one in statements:
                c.execute(text(one))
            audit.seal_chain(c)

    def checked(self) -> tuple[checking.Checked, int, list[str]]:
        lines: list[bytes] = []
        said: list[str] = []
        kept = self.path.read_bytes().splitlines()
        with self.engine.begin() as c:
            outside = read_lines(line.decode() for line in kept)[0]
            found = checking.check(c, outside, SIGNING.public, self.clock())
            export.write(c, lines.append, deskhand="1.0", now=self.clock(), part=export.part(c), signing=SIGNING)
        return found, verify_export.check(lines, kept, SIGNING.public, said.append), said


@pytest.fixture
def kept(engine: Engine, tmp_path: Path) -> Kept:
    made = Kept(engine, Clock(), tmp_path / "heads.jsonl")
    made.works(rows=1)
    return made


GAP = "rows 2 to 453: no head from between 21 Nov 2026 04:00 and 21 Nov 2026 07:01 UTC is kept elsewhere"


def test_a_keeper_that_was_stopped_by_a_row_and_set_going_again_is_told_of(kept: Kept) -> None:
    """Three hours are hidden, changed, chained anew, and signed by a worker that knows nothing of it."""
    kept.owner("update audit_keepers set upto = 1000000")
    for _ in range(3):
        kept.works(rows=150, hours=1)
    kept.owner("delete from audit_heads where position > 1",
               "update audit set public = '{\"amount\": 1}' where position = 200",
               "update audit set position = null, previous = null, hash = null where position > 1",
               "update audit_keepers set upto = (select max(id) from audit_heads)")
    kept.works(rows=2, minutes=1)
    found, code, said = kept.checked()
    assert (found.problems, found.outside, found.rows, found.gaps) == ((), 453, 453, (GAP,))
    assert code == 3
    assert [one for one in said if one.startswith("Note")] == [
        f"Note: {GAP}. This is so after workers stood still; if they ran, these rows could have been changed until "
        "the later time."]


@pytest.fixture
def swallowing(own_database: Database, tmp_path: Path) -> Kept:
    """The same in a database whose owner lets rows come to nothing; nobody gets an error."""
    made = Kept(own_database.engine, Clock(), tmp_path / "heads.jsonl")
    made.works(rows=1)
    made.owner("create function swallow() returns trigger language plpgsql as $$ begin return null; end $$")
    return made


NO_HEADS = "create trigger swallow before insert on audit_heads for each row execute function swallow()"
NO_PLACES = "create trigger swallow before update on audit for each row execute function swallow()"


@pytest.mark.parametrize("dated", ["at", "(select min(at) from audit)"])
def test_heads_that_the_database_swallows_are_told_of_by_the_rows_behind_the_newest_one_outside(
        swallowing: Kept, dated: str) -> None:
    """No table of the database counts, nor what its rows say of their time."""
    swallowing.owner(NO_HEADS)
    for _ in range(30):
        swallowing.works(rows=50, days=1)
    swallowing.owner(f"update audit set public = '{{\"amount\": 1}}', at = {dated}, position = null, previous = null, "  # noqa: S608 - ours
               "hash = null where position > 1")
    found, code, said = swallowing.checked()
    assert (found.problems, found.rows, found.outside, found.behind) == ((), 1501, 1, True)
    assert (code, said[-1][:74]) == (3, "Up to row 1 nothing was changed. Rows came after it, and for a day or more")


def test_a_head_that_was_not_stored_is_logged_and_holds_up_nothing(
        swallowing: Kept, caplog: pytest.LogCaptureFixture) -> None:
    swallowing.owner(NO_HEADS)
    with swallowing.engine.begin() as c, pytest.raises(NoResultFound):
        make(c, SIGNING, swallowing.clock())
    swallowing.works(rows=100)
    assert caplog.messages == ["heads of the audit: the database does not store them"]


def test_rows_behind_the_newest_head_outside_are_young_for_a_day(kept: Kept) -> None:
    kept.works(rows=1, minutes=1)
    for hours, behind in ((23, False), (24, True)):
        kept.clock.now = Clock().now + timedelta(hours=hours)
        found, _, _ = kept.checked()
        assert (found.rows, found.outside, found.behind) == (2, 1, behind)


def test_where_nothing_came_after_the_newest_head_outside_it_is_named_for_it_may_have_been_cut_off(kept: Kept) -> None:
    assert kept.checked()[0].quiet_since == ""
    kept.clock.now += timedelta(days=30)
    found, _, _ = kept.checked()
    assert (found.behind, found.quiet_since) == (False, "21 Nov 2026 04:00 UTC")


@pytest.mark.parametrize(("days", "left"), [(0, 0), (1, 5), (-2, 5)])
def test_rows_that_get_no_place_for_a_day_or_are_dated_ahead_are_left(
        swallowing: Kept, days: int, left: int) -> None:
    swallowing.owner(NO_PLACES)
    swallowing.works(rows=5)
    swallowing.clock.now += timedelta(days=days)
    found, _, _ = swallowing.checked()
    assert (found.problems, found.loose, found.left) == ((), 5, left)


def test_quiet_hours_busy_ones_and_a_keeper_that_was_away_are_not_told_of(kept: Kept) -> None:
    kept.works(rows=100, hours=9)
    for _ in range(3):
        kept.works(rows=150, minutes=59)
    with kept.engine.begin() as c:
        c.execute(text("update audit_keepers set due_at = :later"), {"later": kept.clock() + timedelta(hours=5)})
    for _ in range(4):
        kept.works(rows=150, minutes=59)
    assert len(kept.path.read_text().splitlines()) == 5
    kept.works(rows=1, hours=2)
    found, code, said = kept.checked()
    assert (found.gaps, code) == ((), 0), said


def test_a_forged_head_between_two_hides_nothing(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where so many heads were kept that not each signature is checked."""
    monkeypatch.setattr(verify_export, "MOST_SIGNATURES", 1)
    kept.works(rows=150, hours=2)
    with kept.engine.begin() as c:
        hash = c.execute(text("select hash from audit where position = 75")).scalar_one()
    forged = Head(75, hash, Clock().now + timedelta(minutes=61), {SIGNING.public[0]: "00" * 64})
    kept.path.write_text(kept.path.read_text() + forged.line() + "\n")
    _, code, said = kept.checked()
    assert code == 1
    assert "Wrong: the head of 2026-11-21T05:01:00+00:00 at row 75 has a wrong signature." in said


def test_older_heads_can_be_left_out_once_the_gap_is_known(kept: Kept) -> None:
    kept.works(rows=150, hours=2)
    kept.works(rows=1, hours=2)
    with kept.engine.begin() as c:
        outside = read_lines(kept.path.read_text().splitlines())[0]
        assert len(checking.check(c, outside, SIGNING.public, kept.clock()).gaps) == 1
        since = Clock().now + timedelta(hours=1)
        assert checking.check(c, outside, SIGNING.public, kept.clock(), since).gaps == ()
