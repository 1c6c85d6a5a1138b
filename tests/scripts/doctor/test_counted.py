"""What the doctor counts is told in the singular where it is one, and only what `held` lists is called held."""

from __future__ import annotations

import pytest

from scripts.doctor.running import waiting
from tests.scripts.doctor.clinic import Clinic


def wakes(clinic: Clinic, many: int, minutes: int) -> None:
    for n in range(many):
        clinic.sql("select procrastinate_defer_jobs_v1(array[row('tickets', 'deskhand.wake', 0, :lock, null, "
                   "jsonb_build_object('ticket', 1, 'why', 'test'), cast(:now as timestamptz) - :minutes * "
                   "interval '1 minute')::procrastinate_job_to_defer_v1])", now=clinic.now, lock=f"ticket:{n}",
                   minutes=minutes)


def told(clinic: Clinic) -> list[str]:
    return [one.says for one in waiting(clinic.database, clinic.now)]


@pytest.mark.parametrize(("many", "words"), [(1, "1 ticket is due now."), (2, "2 tickets are due now.")])
def test_what_is_due(clinic: Clinic, many: int, words: str) -> None:
    wakes(clinic, many, minutes=0)
    assert told(clinic) == [words]


@pytest.mark.parametrize(("many", "words"), [
    (1, "1 ticket waits for a worker, since "), (2, "2 tickets wait for a worker, the oldest since ")])
def test_what_waits(clinic: Clinic, many: int, words: str) -> None:
    wakes(clinic, many, minutes=30)
    [said] = told(clinic)
    assert said.startswith(words)


@pytest.mark.parametrize(("many", "words"), [
    (1, "1 ticket is with a worker that is silent."), (2, "2 tickets are with a worker that is silent.")])
def test_what_a_silent_worker_has(clinic: Clinic, many: int, words: str) -> None:
    wakes(clinic, many, minutes=30)
    clinic.sql("update procrastinate_jobs set status = 'doing'")
    assert told(clinic) == [words]
