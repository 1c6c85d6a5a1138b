"""The kill switch: its rows, its file, and the look before each write."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from agent import audit, switch
from agent.ledger import Ledger
from agent.switch import ALL, FRESH, TOO_OLD, UNSAID, Gate, Paused, on_file
from agent.vault import Vault

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)


def reason(engine: Engine, kind: str) -> str | None:
    with engine.begin() as c:
        return Ledger(engine, Vault("a secret for tests that is long enough")).paused(c, kind)


def audited(engine: Engine) -> list[tuple[str, dict[str, object]]]:
    with engine.begin() as c:
        return [(row.kind, row.public) for row in c.execute(text("select kind, public from audit order by id"))]


def test_an_action_that_is_paused_is_held_back_and_the_others_are_not(engine: Engine) -> None:
    with engine.begin() as c:
        switch.pause(c, "refund", "month end", "Lea", NOW)
    assert reason(engine, "refund") == "month end"
    assert reason(engine, "contact_change") is None
    assert reason(engine, "ticket_update") is None


def test_all_holds_back_every_action_notes_too(engine: Engine) -> None:
    with engine.begin() as c:
        switch.pause(c, ALL, "", "Lea", NOW)
    kinds = ("refund", "contact_change", "log_activity", "ticket_update")
    assert {reason(engine, kind) for kind in kinds} == {"paused"}


def test_who_paused_and_resumed_and_why_is_audited(engine: Engine) -> None:
    with engine.begin() as c:
        switch.pause(c, "refund", "month end", "Lea", NOW)
    switch.resume(engine, "refund", "Mia", LATER)
    with engine.begin() as c:
        audit.seal_chain(c)
        assert audit.verify(c) == []
    assert audited(engine) == [
        ("switch.paused", {"action": "refund", "reason": "month end", "by": "Lea"}),
        ("switch.resumed", {"action": "refund", "by": "Mia"})]
    assert reason(engine, "refund") is None


def test_who_pauses_what_is_paused_is_added_to_its_reason_and_audited(engine: Engine) -> None:
    with engine.begin() as c:
        assert switch.pause(c, "refund", "month end", "Lea", NOW) is not None
        assert switch.pause(c, "refund", "fraud is running", "Mia", LATER) is None
        assert switch.pause(c, "refund", "", "Noa", LATER) is None
        assert switch.pause(c, "refund", "and the books", "Lea", LATER) is None
        [pause] = switch.pauses(c)
    assert pause == switch.Pause("refund", "month end + Mia: fraud is running + Noa + and the books", "Lea", NOW)
    assert [public["by"] for _, public in audited(engine)] == ["Lea", "Mia", "Noa", "Lea"]


@pytest.mark.parametrize("words", ["", "x" * 290])
def test_a_card_number_in_a_reason_is_kept_nowhere(engine: Engine, words: str, tmp_path: Path) -> None:
    said = f"{words} 4242 4242 4242 4242 cvv 917 is tried again and again"
    with engine.begin() as c:
        thrown = switch.pause(c, "refund", said, "Lea", NOW)
        switch.pause(c, "refund", said, "Mia", LATER)
        kept = switch.pauses(c)
    switch.pause_on_file(tmp_path / "paused", said)
    told = [str(thrown), str(kept), str(audited(engine)), (tmp_path / "paused").read_text()]
    assert all("[card end" in one for one in told)
    assert not any("4242 4242" in one or "917" in one for one in told)


@pytest.mark.parametrize("words", ["", "x" * 290])
def test_a_card_number_in_a_file_that_was_made_by_hand_is_not_told(tmp_path: Path, words: str) -> None:
    (tmp_path / "paused").write_text(f"{words} 4242 4242 4242 4242 is tried again and again\n")
    told = on_file(tmp_path / "paused") or ""
    assert told.startswith(f"{words} [card end".strip())
    assert "4242 4242" not in told


def test_saying_the_same_pause_again_changes_nothing(engine: Engine) -> None:
    with engine.begin() as c:
        for by, reason in (("Lea", "month end"), ("Mia", "fraud")) * 2:
            switch.pause(c, "refund", reason, by, LATER)
        switch.pause(c, "refund", "", "Lea", LATER)
        switch.pause(c, "refund", "USD 1,020 would go out", switch.BREAKER, LATER)
        assert [one.reason for one in switch.pauses(c)] == ["month end + Mia: fraud"]
    assert len(audited(engine)) == 2


def test_what_a_person_adds_to_the_breakers_pause_is_not_for_anyone(engine: Engine) -> None:
    with engine.begin() as c:
        switch.pause(c, "refund", "USD 1,020 would go out", switch.BREAKER, NOW)
        switch.pause(c, "refund", "Mrs Smith was paid twice", "Lea", LATER)
        [pause] = switch.pauses(c)
    assert "Mrs Smith" in pause.in_words()
    assert pause.for_anyone().endswith("circuit breaker: USD 1,020 would go out")


def test_only_the_pause_that_was_seen_is_resumed(engine: Engine) -> None:
    with engine.begin() as c:
        switch.pause(c, "refund", "month end", "Lea", NOW)
        [seen] = switch.pauses(c)
        switch.pause(c, "refund", "fraud is running", "Mia", LATER)
    assert switch.resume(engine, "refund", "Lea", LATER, only=seen) is None
    assert reason(engine, "refund") == "month end + Mia: fraud is running"


def test_resuming_what_is_not_paused_does_nothing(engine: Engine) -> None:
    with engine.begin() as c:
        switch.pause(c, ALL, "", "Lea", NOW)
    assert switch.resume(engine, "refund", "Mia", LATER) is None
    assert reason(engine, "refund") == "paused"
    assert len(audited(engine)) == 1


def test_it_can_be_paused_again_after_it_was_resumed(engine: Engine) -> None:
    with engine.begin() as c:
        switch.pause(c, "refund", "month end", "Lea", NOW)
    switch.resume(engine, "refund", "Lea", LATER)
    with engine.begin() as c:
        switch.pause(c, "refund", "again", "Mia", LATER)
        assert switch.pauses(c) == [switch.Pause("refund", "again", "Mia", LATER)]


def test_without_a_file_nothing_is_held_back_and_no_folder_is_needed(tmp_path: Path) -> None:
    assert on_file(None) is None
    assert on_file(tmp_path / "paused") is None
    assert on_file(tmp_path / "nowhere" / "paused") is None


def test_an_empty_file_holds_back_and_its_first_line_is_the_reason(tmp_path: Path) -> None:
    (tmp_path / "paused").touch()
    assert on_file(tmp_path / "paused") == UNSAID
    (tmp_path / "paused").write_bytes(b"  wrong refunds \xff\n second line\n")
    assert on_file(tmp_path / "paused") == "wrong refunds \ufffd"


def test_what_lies_there_and_is_no_file_holds_back(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").symlink_to(tmp_path / "nowhere")
    assert on_file(tmp_path / "a") == UNSAID
    assert on_file(tmp_path / "b") == UNSAID


def test_where_it_cannot_be_looked_for_everything_is_held_back(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert on_file(tmp_path / "data" / "paused") == f"{tmp_path / 'data' / 'paused'} cannot be looked for " \
                                                    "(Not a directory)"
    assert "cannot be looked for" in (on_file(tmp_path / "loop" / "paused") or "")
    assert "cannot be looked for" in (on_file(tmp_path / ("x" * 300)) or "")


def test_what_pause_writes_is_read_as_it_was_said(tmp_path: Path) -> None:
    switch.pause_on_file(tmp_path / "var" / "paused", "Lea: wrong\nrefunds")
    assert on_file(tmp_path / "var" / "paused") == "Lea: wrong refunds"


class Looks:
    """Answers each look at the rows in turn, and lets time pass while it is looked."""

    def __init__(self, *answers: str | None, takes: float = 0.0) -> None:
        self.answers = list(answers)
        self.takes = takes
        self.now = NOW

    def __call__(self) -> str | None:
        self.now += timedelta(seconds=self.takes)
        return self.answers.pop(0)

    def clock(self) -> datetime:
        return self.now

    def gate(self, file: Path | None = None) -> Gate:
        return Gate(self, file, self.clock)


def test_at_once_after_the_intent_the_rows_are_not_read_again() -> None:
    looks = Looks()
    gate = looks.gate()
    looks.now += timedelta(seconds=FRESH)
    gate()


def test_half_a_second_after_the_intent_the_rows_are_read_again() -> None:
    looks = Looks(None, "month end")
    gate = looks.gate()
    looks.now += timedelta(seconds=FRESH + 0.01)
    gate()
    gate()
    looks.now += timedelta(seconds=FRESH + 0.01)
    with pytest.raises(Paused, match=r"^month end$") as held:
        gate()
    assert held.value.lasting
    assert looks.answers == []


def test_a_clock_that_was_set_back_makes_the_last_look_old() -> None:
    looks = Looks("month end")
    gate = looks.gate()
    looks.now -= timedelta(hours=1)
    with pytest.raises(Paused):
        gate()


def test_a_look_that_took_too_long_lets_nothing_start() -> None:
    looks = Looks(None, takes=TOO_OLD + 0.01)
    gate = looks.gate()
    looks.now += timedelta(seconds=5)
    with pytest.raises(Paused, match="could not be read in time"):
        gate()


def test_rows_that_cannot_be_read_hold_back() -> None:
    def away() -> str | None:
        raise OperationalError("select", {}, OSError("gone"))

    moments = iter([NOW] + [NOW + timedelta(seconds=5)] * 9)
    gate = Gate(away, None, lambda: next(moments))
    with pytest.raises(Paused, match="cannot be read"):
        gate()


def test_the_file_is_looked_for_before_every_write(tmp_path: Path) -> None:
    gate = Looks().gate(tmp_path / "paused")
    gate()
    (tmp_path / "paused").write_text("wrong refunds")
    with pytest.raises(Paused, match=r"^wrong refunds$"):
        gate()
