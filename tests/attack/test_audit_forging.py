"""The attack on exports itself: it finds everything forged, and would see a check that looks less closely."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from scripts.audit import verify_export
from tests.attack.audit_forging import FORGERIES, OF_A_PART, forged
from tests.attack.audit_tampering import Trail, lived


@pytest.fixture
def trail(engine: Engine) -> Trail:
    return lived(engine, places=60)


def test_every_forgery_is_found_and_no_untouched_export_is_blamed(trail: Trail) -> None:
    tally = forged(trail, [2, 7, 30, 55])
    assert tally.missed == []
    assert set(tally.tried) == {*FORGERIES, *OF_A_PART}
    assert (tally.whole, tally.untouched, tally.written_over) == (5, 5, 0)


def test_a_check_that_does_not_look_at_the_signature_is_seen(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify_export.Trail, "file_is", lambda trail, keys: verify_export.SIGNED)
    missed = " ".join(forged(trail, [30]).missed)
    for name in ("words in clear changed", "a member added", "cut off and called a part", "a policy put into a part"):
        assert name in missed


def test_a_check_that_says_what_the_file_says_is_seen(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify_export, "moment", str)
    monkeypatch.setattr(verify_export, "harmless", str)
    assert forged(trail, [30]).written_over == 1
