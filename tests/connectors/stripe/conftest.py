from __future__ import annotations

import pytest

from tests.connectors.stripe.shop import Checked, Contract, Shop, contract


@pytest.fixture(scope="session")
def shapes() -> Contract | None:
    return contract()


@pytest.fixture
def shop(shapes: Contract | None) -> Shop:
    return Shop(Checked(shapes))
