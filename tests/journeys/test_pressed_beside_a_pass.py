"""Somebody presses while a pass ends what they press on: one waits for the other, and neither is broken off."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import Engine, text

from agent import erasing, saving, workflow
from agent.consent import waits
from agent.database import Database
from agent.saving import Backup
from scripts.processes import wait_for
from tests.journeys.office import DANA, Office
from tests.journeys.test_consent import asks
from tests.journeys.test_later import fails, refunded
from tests.journeys.test_later import told as refund_changed
from tests.journeys.test_refunded_by_hand import by_hand, told
from tests.webhooks.opened import OpenOffice

A_PRESS = text("update waits set tries = tries + 1 where ticket_id = 1")
AN_UNDO = text("select 1 from operations where ticket_id = 1 for update")
BLOCKED = text("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")


def beside(office: Office, act: Callable[[], object], press: object = A_PRESS) -> None:
    """`act` comes upon somebody who has just pressed, and both come to their end."""
    with ThreadPoolExecutor(1) as pool:
        with office.engine.begin() as c:
            waits.alone(c, 1)
            acting = pool.submit(act)
            wait_for("the other to wait", lambda: blocked(office.engine) or acting.done() or None, 20)
            assert not acting.done()
            c.execute(press)  # type: ignore[call-overload]
        acting.result(20)


def blocked(engine: Engine) -> bool:
    with engine.begin() as c:
        return bool(c.execute(BLOCKED).scalar_one())


def a_pass(office: Office) -> None:
    workflow.run(office.desk, 1)


def test_a_pass_that_finds_a_refund_made_by_hand(engine: Engine) -> None:
    office = OpenOffice(engine)
    office.asks(18000)
    by_hand(office)
    told(office)
    beside(office, lambda: a_pass(office))


def test_a_pass_that_looks_at_a_refund_again(office: Office) -> None:
    refunded(office)
    office.clock.forward(days=3)
    fails(office)
    refund_changed(office)
    beside(office, lambda: a_pass(office), AN_UNDO)


def test_an_erasure(office: Office) -> None:
    asks(office, 4700)
    with office.engine.begin() as c:
        [person] = erasing.by_email(c, office.desk, DANA)
        office.desk.ledger.reopen(c, 1)
    beside(office, lambda: erasing.erase(office.desk, person, "Lea"))


def test_a_pass_that_finds_what_was_written_after_the_backup(own_database: Database, tmp_path: Path) -> None:
    office = Office(own_database.engine)
    ticket = asks(office, 4700)
    saving.save(office.engine, tmp_path / "saved.zip", {}, "0.1.0", office.clock())
    office.customer_answers(ticket, "YES")
    office.engine.dispose()
    saving.restore(office.engine, Backup.read(tmp_path / "saved.zip"), office.clock(), replace=True)
    beside(office, lambda: a_pass(office))
