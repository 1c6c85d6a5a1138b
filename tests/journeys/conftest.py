"""Offices for the journeys, with Zendesk as the helpdesk; a test or file marked `on_both` runs with Salesforce, too."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine

from tests.journeys.office import Office

on_both = pytest.mark.parametrize("helpdesk", ["zendesk", "salesforce"], indirect=True)


@pytest.fixture
def helpdesk(request: pytest.FixtureRequest) -> str:
    return str(getattr(request, "param", "zendesk"))


@pytest.fixture
def office(engine: Engine, helpdesk: str) -> Office:
    return Office(engine, helpdesk=helpdesk)


@pytest.fixture
def an_office(engine: Engine, helpdesk: str) -> Callable[..., Office]:
    def make(**more: Any) -> Office:
        return Office(engine, **{"helpdesk": helpdesk, **more})
    return make
