from __future__ import annotations

import pytest

from agent.policy import Policy, load_file, shipped_policy_path


@pytest.fixture(scope="session")
def shipped() -> Policy:
    return load_file(shipped_policy_path())
