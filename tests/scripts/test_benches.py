"""The benches measure what they say they measure. How fast anything is, no test says."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text
from waitress.server import create_server

from agent.database import Database
from agent.engine import pending
from scripts.benches import filling, policy
from scripts.benches.__main__ import bench
from scripts.benches.callers import call, events, signed
from scripts.benches.doors import bare, ours
from scripts.benches.ours import Side
from scripts.benches.rows import NotMeasured, Row, by_turns, centile


def silent(words: str) -> None:
    """Says nothing."""


@pytest.mark.parametrize(("value", "peer", "wanted", "reached"), [
    (120.0, 100.0, "at least", True), (119.0, 100.0, "at least", False),
    (1.2, None, "at most", True), (1.3, None, "at most", False)])
def test_a_figure_with_a_peer_is_judged_by_the_ratio_and_one_without_by_itself(value, peer, wanted, reached):
    assert Row("tickets", value, "/s", 1.2, wanted, peer).reached is reached


def test_the_machine_form_names_figure_peer_ratio_goal_and_whether_it_was_reached():
    assert Row("tickets", 15, "/s", 1.2, "at least", 30, "LangGraph").as_json() == {
        "name": "tickets", "value": 15, "unit": "/s", "goal": 1.2, "wanted": "at least", "reached": False,
        "peer": 30, "peer_name": "LangGraph", "ratio": 0.5}


def test_the_two_sides_are_measured_by_turns():
    order = []
    by_turns(lambda: float(order.append("a") or 0), lambda: float(order.append("b") or 0), 3)
    assert order == ["a", "b", "a", "b", "a", "b"]


def test_p99_of_a_hundred_is_the_slowest_one():
    assert centile([float(n) for n in range(1, 101)], 0.99) == 100


def test_a_missed_goal_is_no_failure(monkeypatch):
    monkeypatch.setattr(policy, "measure", lambda quick, say: [Row("a decision", 99, "µs", 50, "at most")])
    told = CliRunner().invoke(bench, ["policy", "--json"])
    assert told.exit_code == 0
    assert json.loads(told.stdout)["rows"][0]["reached"] is False


def test_what_could_not_be_measured_is_a_failure_and_says_why(monkeypatch):
    def no(quick, say):
        raise NotMeasured("the machine is on fire")

    monkeypatch.setattr(policy, "measure", no)
    told = CliRunner().invoke(bench, ["policy"])
    assert told.exit_code == 1
    assert "policy was not measured: the machine is on fire" in told.stderr


def test_the_decision_and_the_proof_that_are_measured_are_of_the_shipped_policy():
    assert [(row.name, row.unit) for row in policy.measure(True, silent)] == [
        ("one policy decision, p50", "µs"), ("proof of all invariants, p50", "ms")]


def test_both_sides_refund_log_reply_and_note_with_the_same_number_of_vendor_calls(database: Database, tmp_path: Path):
    graph = pytest.importorskip("scripts.benches.graph", reason="LangGraph is a development dependency")
    one, other = Side(database.url), graph.Side(tmp_path, "FULL")
    whole, peer = one.whole(3, 2), other.whole(3, 2)
    one.engine.dispose()
    assert (whole["right"], peer["right"]) == (True, True)
    assert whole["calls"] == peer["calls"]
    for side in (one, other):
        assert side.office.refunds() == 3
        zendesk, salesforce = (side.office.doors[name].rules.books() for name in ("zendesk", "salesforce"))
        assert (zendesk["replies"], zendesk["notes"], len(salesforce["activities"])) == (3, 3, 3)


def test_both_sides_take_five_empty_steps(database: Database, tmp_path: Path):
    graph = pytest.importorskip("scripts.benches.graph", reason="LangGraph is a development dependency")
    one = Side(database.url)
    assert one.empty(3, 2)["right"]
    assert graph.Side(tmp_path, "FULL").empty(3, 2)["right"]
    one.engine.dispose()
    with database.engine.connect() as connection:
        steps = connection.execute(text("select kind, count(*) from audit group by kind order by kind")).all()
    assert [tuple(step) for step in steps] == [(f"step.{n}", 3) for n in range(1, 6)]


def test_a_database_full_of_finished_tickets_still_takes_new_ones(own_database: Database):
    filling.finished(own_database.engine, 25, lambda done: None)
    side = Side(own_database.url)
    assert side.whole(2, 1)["right"]
    side.engine.dispose()
    with own_database.engine.connect() as connection:
        assert pending(connection).idle()


def test_each_parked_ticket_waits_for_a_colleague_with_a_timed_wake(own_database: Database):
    filling.parked(own_database.engine, 25, lambda done: None)
    with own_database.engine.connect() as connection:
        there = pending(connection)
        waits = connection.execute(text("select count(*) from waits where state = 'open'")).scalar_one()
    assert (there.timed, there.waiting, there.due, waits) == (25, 0, 0, 25)


@pytest.fixture(params=[ours, bare], ids=["ours", "bare"])
def port(request, database: Database) -> Iterator[int]:
    server = create_server(request.param(database.url), host="127.0.0.1", port=0, threads=2)

    def run() -> None:
        with suppress(OSError):  # closed under it
            server.run()

    threading.Thread(target=run, daemon=True).start()
    yield server.effective_port
    server.close()
    with database.engine.begin() as connection:
        connection.execute(text("drop table if exists bare"))


def test_every_new_signed_event_is_kept_by_either_door(port: int):
    heard = call(port, events(20, 1), 4)
    assert heard.statuses == {202: 20}
    assert len(heard.took) == 20


def test_a_body_that_was_changed_after_signing_is_refused_by_either_door(port: int):
    assert call(port, [signed(b'{"a": 1}', "delivery-1")[:-2] + b"2}"], 1).statuses == {401: 1}
