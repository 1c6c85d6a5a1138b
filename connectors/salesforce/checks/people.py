"""Who may press what: the permission sets are given, and deskhand.toml names ones that there are."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.parts import Dimension, Finding
from connectors.salesforce.checks.asking import Doctor
from connectors.salesforce.setup.user import PERMISSIONS

PEOPLE, ROLES = "people", "roles"
PANEL = ("Deskhand_Agent", "Deskhand_Approver", "Deskhand_Admin")
ESCALATION: Dimension = "escalation path"
GRANT = "Setup, Permission Sets, the set, Manage Assignments"


def people(doctor: Doctor) -> Iterator[Finding]:
    """The integration set is for one user alone: what its holders save raises no event."""
    rows = doctor.running.rows("Assignee.Username, Assignee.IsActive, PermissionSet.Name", "PermissionSetAssignment",
                               {"PermissionSet.Name": (*PANEL, PERMISSIONS)})
    held: dict[str, set[str]] = {}
    for one in rows:
        if one["Assignee"].get("IsActive"):
            held.setdefault(str(one["PermissionSet"]["Name"]), set()).add(str(one["Assignee"]["Username"]))
    ours = held.get(PERMISSIONS, set())
    if len(ours) > 1:
        yield Finding(PEOPLE, "red", f"{len(ours)} users have the permission set {PERMISSIONS}, and what they save is "
                      f"taken for Deskhand's own: {', '.join(sorted(ours))}.", f"Take it from all but one ({GRANT}).",
                      "guardrails")
    able = set().union(*(held.get(one, set()) for one in PANEL))
    if not able:
        yield Finding(PEOPLE, "yellow", "Nobody has a permission set for the component, so nobody can approve.",
                      f"Give people Deskhand_Agent or Deskhand_Approver ({GRANT}).", ESCALATION)
    if able and len(ours) <= 1:
        yield Finding(PEOPLE, "green", f"{len(able)} {'people have' if len(able) > 1 else 'person has'} the component.",
                      "", ESCALATION)


def roles(doctor: Doctor) -> Iterator[Finding]:
    """deskhand.toml names permission sets, groups or queues; one that is gone would leave approvals to nobody."""
    named = {one: role for role, names in doctor.house.roles.items() for one in names}
    if doctor.house.handoff_group:
        named[doctor.house.handoff_group] = "handoff"
    known = {str(one[key]) for one in doctor.running.rows("Id, Name, Label", "PermissionSet")
             for key in ("Id", "Name", "Label")}
    known |= {str(one[key]) for one in doctor.running.rows("Id, Name, DeveloperName", "Group")
              for key in ("Id", "Name", "DeveloperName")}
    missing = {name: role for name, role in named.items() if name not in known}
    for name, role in missing.items():
        yield Finding(ROLES, "red", f"deskhand.toml names {name} for {role}, and the org has no permission set, group "
                      "or queue of that name.", "Write the name as the org has it, or make it there.", ESCALATION)
    if named and not missing:
        yield Finding(ROLES, "green", f"All {len(named)} that deskhand.toml names are there.", "", ESCALATION)
    if not named:
        yield Finding(ROLES, "yellow", "deskhand.toml names nobody who may approve.",
                      "Name permission sets or groups below [roles].", ESCALATION)
