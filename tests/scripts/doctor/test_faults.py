"""Each planted fault is found with its mend; without one, nothing is."""

from __future__ import annotations

import pytest

from tests.scripts.doctor.clinic import Clinic
from tests.scripts.doctor.faults import FAULTS


def test_a_sound_installation_is_green_throughout(clinic: Clinic) -> None:
    assert clinic.wrong() == []


def test_rows_that_count_questions_or_hold_a_lock_need_no_rate(clinic: Clinic) -> None:
    clinic.sql("insert into totals (kind, subject, day, currency, attended, amount, count) values "
               "('desk', 'desk', :now, '', false, 0, 1), ('desk', 'desk', :now, 'any', false, 0, 0)", now=clinic.now)
    assert clinic.wrong() == []


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found_with_its_mend(clinic: Clinic, name: str) -> None:
    fault = FAULTS[name]
    fault.plant(clinic)
    found = clinic.wrong()
    assert [one for one in found if one[0] == fault.level and fault.check in one[1].split(", ")
            and fault.says in one[2] and fault.mend in one[3]], found
