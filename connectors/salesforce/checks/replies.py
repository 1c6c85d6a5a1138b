"""Whether a reply can leave the org: the address it is sent from, the right to send, and where mail stops."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.parts import Finding
from connectors.salesforce.checks.asking import SETUP, Doctor

REPLIES = "replies"
PLACE = "Setup, Organization-Wide Addresses"


def replies(doctor: Doctor) -> Iterator[Finding]:
    sender = (doctor.settings.sender or "").lower()
    if not sender:
        yield Finding(REPLIES, "yellow", "SALESFORCE_SENDER is not set, so nobody is replied to and tickets are handed "
                      "over.", f"Write SALESFORCE_SENDER=ADDRESS to .env, one of {PLACE}.")
        return
    found = [*_address(doctor, sender), *_rights(doctor), *_sandbox(doctor)]
    yield from found or [Finding(REPLIES, "green", f"Replies are sent from {sender}.")]


def _address(doctor: Doctor, sender: str) -> Iterator[Finding]:
    rows = {str(one["Address"]).lower(): one for one in doctor.running.rows(
        "Address, IsVerified, IsAllowAllProfiles", "OrgWideEmailAddress")}
    one = rows.get(sender)
    if one is None:
        have = f"; there are {', '.join(sorted(rows))}" if rows else ""
        yield Finding(REPLIES, "red", f"The org has no org-wide address {sender}, so no reply can be sent{have}.",
                      f"Add it in {PLACE}, or write another to SALESFORCE_SENDER.")
    elif not one.get("IsVerified"):
        yield Finding(REPLIES, "red", f"The org-wide address {sender} is not verified, so no reply can be sent.",
                      f"Confirm the mail that Salesforce sent there; {PLACE} sends it anew.")
    elif not one.get("IsAllowAllProfiles"):
        yield Finding(REPLIES, "yellow", f"Only some profiles may send from {sender}.",
                      f"See that the integration user's profile is among them ({PLACE}).")


def _rights(doctor: Doctor) -> Iterator[Finding]:
    [row] = doctor.running.rows("PermissionsEmailSingle", "UserPermissionAccess")
    if row.get("PermissionsEmailSingle") is False:
        yield Finding(REPLIES, "red", "The run-as user lacks the permission Send Email, so no reply can be sent.",
                      f"Run {SETUP}: the permission set Deskhand Integration has it.")


def _sandbox(doctor: Doctor) -> Iterator[Finding]:
    """No API tells how far mail goes; a new sandbox sends system mail alone ("Deliverability")."""
    [row] = doctor.running.rows("IsSandbox", "Organization")
    if row.get("IsSandbox"):
        yield Finding(REPLIES, "yellow", "This is a sandbox, and Salesforce does not tell whether mail leaves it.",
                      "See that Setup, Deliverability, Access level is All email; deskhand doctor --rehearse tries it.")
