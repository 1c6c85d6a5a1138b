"""Each planted fault is found with its mend; without one, nothing is."""

from __future__ import annotations

from tests.scripts.doctor.clinic import Clinic


def test_a_sound_installation_is_green_throughout(clinic: Clinic) -> None:
    assert clinic.wrong() == []
