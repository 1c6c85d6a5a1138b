"""Which histories are chosen: the same for a seed, all kinds in a short run, and a stopped run goes on."""

from __future__ import annotations

import json
import math
import os
import signal
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

import pytest

from tests.figures import Number
from tests.simulation.__main__ import QUICK, WHOLE, summed
from tests.simulation.history import History, Lived
from tests.simulation.lives import LATES, LIVES
from tests.simulation.oracle import Books, Verdict
from tests.simulation.places import Asked
from tests.simulation.sweep import (
    AT_READS,
    DRAWN,
    HELPDESKS,
    LASTS,
    Result,
    Scout,
    Sweep,
    Work,
    chosen,
    code_digest,
    every_single,
    in_processes,
    shrunk,
    singles,
)

CALLS = (Asked("zendesk", "GET", "/audits", False), Asked("stripe", "GET", "/v1/charges", False),
         Asked("stripe", "POST", "/v1/refunds", True), Asked("zendesk", "PUT", "/tickets/1", True))


@pytest.fixture
def scouts() -> list[Scout]:
    return [Scout(life, helpdesk, late, tuple(call.kinds for call in CALLS), 2, 20, 2)
            for life in LIVES for helpdesk in HELPDESKS for late in LATES]


def keys(levels: dict[str, list[History]]) -> list[str]:
    return [one.key for level in levels.values() for one in level]


@pytest.mark.parametrize("count", [300, 700, 9000])
def test_it_is_as_many_as_wanted_and_none_twice(scouts: Sequence[Scout], count: int) -> None:
    made = keys(chosen(scouts, count, 7))
    assert len(made) == len(set(made)) == count


def test_a_seed_gives_the_same_again_and_another_seed_gives_others(scouts: Sequence[Scout]) -> None:
    assert keys(chosen(scouts, 500, 7)) == keys(chosen(scouts, 500, 7))
    assert keys(chosen(scouts, 500, 7)) != keys(chosen(scouts, 500, 8))


def test_seven_hundred_have_every_life_late_truth_level_and_kind_of_fault(scouts: Sequence[Scout]) -> None:
    levels = chosen(scouts, 700, 7)
    every = [one for level in levels.values() for one in level]
    assert {(one.life, one.helpdesk) for one in every} == {(life, side) for life in LIVES for side in HELPDESKS}
    assert {one.late for one in every} == set(LATES)
    assert levels.keys() >= DRAWN.keys()
    assert {fault.kind for one in every for fault in one.faults} >= {kind for call in CALLS for kind in call.kinds}


def test_the_whole_has_each_single_fault_and_each_single_crash(scouts: Sequence[Scout]) -> None:
    singles = every_single(scouts)
    assert len({(one.life, one.helpdesk, one.faults) for one in singles["1 fault"]}) == len(LIVES) * 2 * sum(
        len(call.kinds) for call in CALLS)
    assert len({(one.life, one.helpdesk, one.crash) for one in singles["crash"]}) == len(LIVES) * 2 * 20


def test_nothing_is_thinned_but_single_faults_at_reads(scouts: Sequence[Scout]) -> None:
    there_are = singles(scouts)
    reads = there_are.pop(AT_READS)
    room = len(reads) // 3
    levels = chosen(scouts, math.ceil((sum(map(len, there_are.values())) + room) / 0.7), 7)
    assert {level: len(set(levels[level])) for level in there_are} == {
        level: len(some) for level, some in there_are.items()}
    assert room - 30 <= len(levels[AT_READS]) <= room + 1
    for part in (lambda one: one.faults[0].kind, lambda one: (one.life, one.helpdesk),
                 lambda one: (one.life, one.helpdesk, one.faults[0].after)):
        all_of, lived = Counter(map(part, reads)), Counter(map(part, levels[AT_READS]))
        assert all(abs(lived[one] - number / 3) <= 2 for one, number in all_of.items() if number < 100)
        assert all(0.3 < lived[one] / number < 0.36 for one, number in all_of.items() if number >= 100)


def test_where_there_is_room_for_all_nothing_is_thinned(scouts: Sequence[Scout]) -> None:
    there_are = singles(scouts)
    levels = chosen(scouts, sum(map(len, there_are.values())) * 2, 7)
    assert {level: levels[level] for level in there_are} == there_are


def test_three_in_ten_are_drawn_and_each_drawn_level_is_what_it_says(scouts: Sequence[Scout]) -> None:
    levels = chosen(scouts, 9000, 7)
    assert sum(len(levels[level]) for level in DRAWN) >= 2700
    assert {level: {one.level for one in levels[level]} for level in DRAWN} == {level: {level} for level in DRAWN}


def test_a_drawn_life_can_lose_a_vendor_for_hours_and_be_killed_when_an_undisturbed_one_has_ended(
        scouts: Sequence[Scout]) -> None:
    drawn = [one for level, some in chosen(scouts, 20_000, 7).items() if level in DRAWN for one in some]
    kinds = Counter(fault.kind for one in drawn for fault in one.faults)
    for kind in LASTS:
        lasting = kinds[f"{kind}~2"] + kinds[f"{kind}~25"]
        assert 0.15 < lasting / (lasting + kinds[kind]) < 0.25
    assert {one.partition("~")[0] for one in kinds if "~" in one} == set(LASTS)
    assert max(one.crash for one in drawn if one.faults) == max(one.crash for one in drawn if one.mishap) == 30
    assert max(one.crash for one in drawn if one.level == "crash, crash") == 20


def test_a_life_without_events_has_no_mishap() -> None:
    quiet, told = (Scout("unheard", side, "any_news", tuple(call.kinds for call in CALLS), 2, 20, events)
                   for side, events in (("zendesk", 0), ("salesforce", 2)))
    assert {one.helpdesk for some in chosen([quiet, told], 2000, 7).values() for one in some if one.mishap} == {
        "salesforce"}


def test_each_call_meets_each_fault_where_a_late_truth_makes_the_same_calls_later() -> None:
    polled = (Asked("zendesk", "GET", "/incremental", False), *CALLS)
    plain, late = (Scout("auto", "zendesk", name, tuple(call.kinds for call in calls), [*calls].index(CALLS[2]), 20, 2)
                   for name, calls in (("any_news", CALLS), ("a_message_unheard", polled)))
    singles = every_single([plain, late])
    ahead = {"any_news": 0, "a_message_unheard": 1}
    met = {(fault.after - ahead[one.late], fault.kind) for one in singles["1 fault"] for fault in one.faults}
    assert met == {(n, kind) for n, call in enumerate(CALLS) for kind in call.kinds}
    assert {one.late for one in singles["1 fault"]} == set(ahead)
    assert {(one.late, one.faults[0].after) for one in singles["answer lost"]} == {
        ("any_news", 2), ("a_message_unheard", 3)}


def a_result(key: str, **more: object) -> Result:
    return Result(**{"key": key, "level": "crash", "ok": True, "end": "done", "why": "", "broken": [], "errors": [],  # type: ignore[arg-type]
                     "met": 0, "as_planned": True, "killed": 1, "places": 40, "ms": 60, **more})


def test_a_stopped_run_goes_on_with_what_is_left_and_half_a_line_is_lived_again(tmp_path: Path) -> None:
    sweep = Sweep(100, 7, folder=tmp_path)
    assert sweep.begin() == 0
    kept, line, other = sweep.home / "lived-0.jsonl", *(
        json.dumps(asdict(a_result(f"auto/zendesk/any_news/-/k{n}/k0/-"))) for n in (1, 2))
    kept.write_text(f"{line}\n{other[:40]}")
    assert Sweep(100, 7, folder=tmp_path).begin() == 1
    with kept.open("a") as file:
        file.write(f"{other}\n")
    assert Sweep(100, 7, folder=tmp_path).begin() == 2
    assert Sweep(100, 8, folder=tmp_path).begin() == 0
    assert Sweep(100, 7, folder=tmp_path).begin(fresh=True) == 0


@pytest.mark.parametrize("file", ["agent/desk.py", "connectors/http.py", "webhooks/app.py", "tests/simulation/lives.py",
                                  "tests/journeys/office.py", "manifests/policy/policy.yaml", "uv.lock"])
def test_what_another_code_policy_or_package_has_lived_is_not_gone_on_with(tmp_path: Path, file: str) -> None:
    for name, words in ((file, "1"), ("uv.lock", "1"), ("README.md", "1")):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(words)
    before = code_digest(tmp_path)
    (tmp_path / "README.md").write_text("2")
    assert code_digest(tmp_path) == before
    (tmp_path / file).write_text("2")
    assert code_digest(tmp_path) != before


def doubled(place: object, item: int, home: Path, number: int) -> int:
    return item * 2


def is_killed_at_three(place: object, item: int, home: Path, number: int) -> int:
    if item == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return item


def leaves_at_three(place: object, item: int, home: Path, number: int) -> int:
    if item == 3:
        os._exit(0)
    return item


def fails_at_three(place: object, item: int, home: Path, number: int) -> int:
    if item == 3:
        raise ValueError("three")
    return item


def test_processes_share_the_work(tmp_path: Path) -> None:
    assert sorted(in_processes(3, doubled, range(10), tmp_path, where=nullcontext)) == list(range(0, 20, 2))
    assert list(in_processes(3, doubled, [], tmp_path, where=nullcontext)) == []


@pytest.mark.parametrize(("work", "says"), [
    (is_killed_at_three, "in the middle of its work, with exit code -9"),
    (leaves_at_three, "in the middle of its work, with exit code 0"),
    (fails_at_three, "3: ValueError: three")])
def test_a_process_that_is_gone_ends_the_run_and_says_why(tmp_path: Path, work: Work, says: str) -> None:
    with pytest.raises(RuntimeError, match=says):
        list(in_processes(2, work, range(20_000), tmp_path, where=nullcontext))


def test_too_few_histories_or_one_broken_promise_fail() -> None:
    good = [a_result("auto/zendesk/any_news/-/k1/k0/-"), a_result("auto/zendesk/any_news/-/k2/k0/-")]
    bad = a_result("auto/zendesk/any_news/-/k3/k0/-", ok=False, broken=[["doubled", "2 refunds"]])
    held = a_result("auto/zendesk/any_news/-/k4/k0/-", end="held", why="sent over 23 hours ago")
    assert summed(good, 2, 10, {}).ok
    assert summed([*good, held], 3, 10, {}).ok
    assert not summed(good, 3, 10, {}).ok
    assert not summed([*good, bad], 3, 10, {}).ok
    assert not summed([*good, a_result("auto/zendesk/any_news/-/k9/k0/-", as_planned=False)], 3, 10, {}).ok
    assert not summed([*good, a_result("auto/zendesk/any_news/-/k5/k0/-", errors=["KeyError"])], 3, 10, {}).ok


def test_the_whole_fails_where_too_little_of_a_level_is_lived_and_every_where_anything_is_not() -> None:
    lived = [a_result(f"auto/zendesk/any_news/-/k{n}/k0/-") for n in range(1, 51)]
    read = a_result("auto/zendesk/any_news/0:429/k0/k0/-", level=AT_READS)
    both = [*lived, read]
    assert levels_of(both, 51, {"crash": 60, AT_READS: 9}) == [
        ("level: crash, lived of 60", 50, ""), ("level: 1 fault at a read, lived of 9", 1, "")]
    assert levels_of(both, WHOLE, {"crash": 60, AT_READS: 9}) == [
        ("level: crash, lived of 60", 50, "≥ 18"), ("level: 1 fault at a read, lived of 9", 1, "")]
    assert levels_of(both, 60, {"crash": 60, AT_READS: 9}, every=True) == [
        ("level: crash, lived of 60", 50, "60"), ("level: 1 fault at a read, lived of 9", 1, "")]
    assert levels_of(both, 51, {"crash": 50, "event": 4}) == [
        ("level: crash, lived of 50", 50, ""), ("level: event, lived of 4", 0, ""),
        ("level: 1 fault at a read, drawn", 1, "")]


@dataclass(frozen=True)
class Ended:
    """As much of a lived history as it takes to see whether it failed."""

    ok: bool


def shortest(key: str, needs: Callable[[History], bool], most: int = 30) -> tuple[str, int]:
    """What a failing history shrinks to that fails whenever `needs` says so, and how many were lived for it."""
    tried: list[History] = []

    def live(one: History) -> Lived:
        tried.append(one)
        return cast(Lived, Ended(ok=not needs(one)))

    return shrunk(live, History.of(key), lambda lived: not lived.ok, most).key, len(tried)


FULL = "auto/zendesk/any_news/4:429+1:timeout_after+0:auth_lost/k30/k5/1:lost"


@pytest.mark.parametrize(("needs", "left"), [
    (lambda one: one.crash, "auto/zendesk/any_news/-/k30/k0/-"),
    (lambda one: one.crash_again, "auto/zendesk/any_news/-/k30/k5/-"),
    (lambda one: one.mishap, "auto/zendesk/any_news/-/k0/k0/1:lost"),
    (lambda one: "timeout_after" in one.key, "auto/zendesk/any_news/6:timeout_after/k0/k0/-"),
    (lambda one: "auth_lost" in one.key, "auto/zendesk/any_news/7:auth_lost/k0/k0/-"),
    (lambda one: "429" in one.key and one.crash, "auto/zendesk/any_news/4:429/k30/k0/-"),
    (lambda one: one.disturbances == 6, FULL)])
def test_a_failing_history_is_told_with_as_few_disturbances_as_it_takes(
        needs: Callable[[History], bool], left: str) -> None:
    key, lived = shortest(FULL, needs)
    assert key == left
    assert lived <= 30


def test_shrinking_stops_after_so_many_lives() -> None:
    assert shortest(FULL, lambda one: True, 2) == (
        "auto/zendesk/any_news/4:429+1:timeout_after+0:auth_lost/k30/k0/-", 2)


def test_the_shortest_has_fewest_disturbances_and_then_fewest_places_however_long_its_key_is() -> None:
    crash, longer, both = (a_result(key, places=places) for key, places in (
        ("approve_and_confirm/salesforce/falls_through_unheard/-/k9/k0/-", 40), ("auto/zendesk/any_news/-/k1/k0/-", 90),
        ("auto/zendesk/any_news/-/k1/k1/-", 20)))
    assert sorted((both, longer, crash), key=lambda one: one.size) == [crash, longer, both]


def test_a_pass_that_ended_with_an_error_of_ours_fails_its_history() -> None:
    key = "auto/zendesk/any_news/-/k1/k0/-"
    assert a_result(key, errors=["KeyError"]).fails
    assert a_result(key, ok=False, broken=[["lost", "nothing was noted"]]).fails
    assert not a_result(key).fails


def levels_of(results: list[Result], wanted: int, there_are: dict[str, int], *,
              every: bool = False) -> list[tuple[str, Number | str, str]]:
    return [(line.name, line.reached, line.needed) for line in summed(results, wanted, 10, there_are, every=every).lines
            if line.name.startswith("level: ")]


def test_every_single_disturbance_is_lived_but_those_at_reads_and_nothing_is_drawn(
        tmp_path: Path, scouts: Sequence[Scout]) -> None:
    there_are = singles(scouts)
    del there_are[AT_READS]
    sweep = Sweep(10, folder=tmp_path, every=True)
    assert keys(sweep.chosen(scouts)) == keys(there_are)
    assert (sweep.home.name, sweep.quick) == ("7-every", False)


def test_the_quick_run_has_every_life_at_both_helpdesks(scouts: Sequence[Scout]) -> None:
    every = [one for level in chosen(scouts, QUICK, 7).values() for one in level]
    assert {(one.life, one.helpdesk) for one in every} == {(life, side) for life in LIVES for side in HELPDESKS}


def lines(results: list[Result], wanted: int, begins: str) -> list[tuple[str, Number | str, str]]:
    return [(line.name, line.reached, line.needed) for line in summed(results, wanted, 10, {}).lines
            if line.name.startswith(begins)]


def test_each_late_truth_is_counted_where_it_had_something_to_happen_to_and_the_whole_has_enough_of_each() -> None:
    results = [a_result(f"auto/zendesk/{late}/-/k{n}/k0/-", struck=n < 3)
               for late, most in (("disputed", 5), ("any_news", 2)) for n in range(1, most)]
    assert lines(results, 5, "late truth: ") == [
        ("late truth: any_news, had something to happen to, of 1", 1, ""),
        ("late truth: disputed, had something to happen to, of 4", 2, "")]
    assert {needed for _, _, needed in lines(results, WHOLE, "late truth: ")} == {"≥ 1,000"}


def test_faults_are_counted_by_kind_and_those_that_last_with_the_others() -> None:
    results = [a_result(f"auto/zendesk/any_news/-/k{n}/k0/-", kinds=["429", "429~25"][:n]) for n in (1, 2)]
    assert lines(results, 2, "fault: ") == [("fault: 429, met", 3, "")]


def test_a_look_that_showed_all_there_was_is_no_look_that_lagged() -> None:
    lived = Lived(History("auto", "zendesk"), Verdict((), "done"), Books(),
                  met=["stale_read at zendesk GET /audits", "429 at stripe GET /v1/charges"], not_stale=1)
    assert lived.kinds_met() == ["429"]
