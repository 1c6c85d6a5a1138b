from __future__ import annotations

from pathlib import Path

import pytest

from agent.database import Database
from tests.scripts.doctor.clinic import Clinic


@pytest.fixture
def clinic(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clinic:
    monkeypatch.chdir(tmp_path)
    for name in ("DESKHAND_POLICY",):
        monkeypatch.delenv(name, raising=False)
    return Clinic(database, tmp_path)
