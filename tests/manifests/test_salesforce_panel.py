"""The Lightning component is tried on what the API really says."""

from __future__ import annotations

import json
from typing import get_args

from agent.consent.shown import Status
from tests.manifests.panel_states import AT, written


def test_the_states_it_is_tried_on_are_the_apis_own() -> None:
    """Where the API has changed: `python -m tests.manifests.panel_states`, then look at the component."""
    assert json.loads(AT.read_text()) == json.loads(written())


def test_it_is_tried_on_every_status() -> None:
    assert {one["status"] for one in json.loads(AT.read_text())["states"].values()} == set(get_args(Status))
