"""What `deskhand doctor` asks Salesforce."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.contract import Surroundings
from connectors.parts import Check, House
from connectors.salesforce.checks import cases, contacts, people, replies, sending
from connectors.salesforce.checks.asking import Asked, Doctor
from connectors.salesforce.settings import SalesforceSettings


def checks(settings: SalesforceSettings, around: Surroundings, house: House) -> Sequence[Check]:
    """No check writes; the one test call that the org makes for us holds nothing. Cases are asked about where they are
    Deskhand's tickets, and the package's calls where it makes some."""
    asked = list(contacts.checks(settings, around))
    if settings.org_id is None:
        return asked
    doctor = Doctor(settings, around, house)
    asked += [Asked(doctor, name, ask) for name, ask in (
        ("cases", cases.permissions), ("org id", cases.org), ("case history", cases.history),
        ("package", cases.package), ("replies", replies.replies), ("people", people.people), ("roles", people.roles))]
    if doctor.calls_us():
        asked += [Asked(doctor, name, ask) for name, ask in (
            ("certificate", sending.certificate), ("scheduled job", sending.job), ("outbox", sending.outbox),
            ("round trip", sending.round_trip))]
    if settings.admin_token is not None:
        asked.append(Asked(doctor, "setup", cases.setup))
    return asked
