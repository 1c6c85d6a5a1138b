"""Offices for the journeys."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine

from tests.journeys.office import Office


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)


@pytest.fixture
def an_office(engine: Engine) -> Callable[..., Office]:
    def make(**more: Any) -> Office:
        return Office(engine, **more)
    return make
