"""What `deskhand doctor` asks Zendesk."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.contract import Surroundings
from connectors.parts import Check, House
from connectors.zendesk.checks import desk, hooks, login
from connectors.zendesk.checks.asking import Asked, Doctor
from connectors.zendesk.settings import ZendeskSettings


def checks(settings: ZendeskSettings, around: Surroundings, house: House) -> Sequence[Check]:
    """No check writes, but for the one webhook test call that Zendesk makes for us."""
    doctor = Doctor(settings, around, house)
    return [Asked(doctor, name, ask) for name, ask in (
        ("Zendesk login", login.credentials), ("Zendesk permissions", login.permissions),
        ("Zendesk account", login.account), ("Zendesk rate limit", login.headroom),
        ("Zendesk webhook", hooks.webhook), ("Zendesk deliveries", hooks.deliveries),
        ("Zendesk round trip", hooks.round_trip), ("Zendesk loops", hooks.loops),
        ("Zendesk business rules", desk.in_the_way), ("Zendesk notifications", desk.notifications),
        ("Zendesk view", desk.view), ("Zendesk app", desk.app), ("Zendesk groups", desk.groups))]
