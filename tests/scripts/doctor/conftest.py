from __future__ import annotations

from pathlib import Path

import pytest

from agent.database import Database
from tests.scripts.doctor.clinic import Clinic


@pytest.fixture
def clinic(database: Database, bare: Path) -> Clinic:
    return Clinic(database, bare)
