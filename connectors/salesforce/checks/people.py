"""Who may press what: the permission sets are given, and deskhand.toml names ones that there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from connectors.parts import Dimension, Finding, House
from connectors.salesforce.checks.asking import Doctor
from connectors.salesforce.colleagues import personal
from connectors.salesforce.setup.choices import OTHER_DESK
from connectors.salesforce.setup.user import PERMISSIONS

PEOPLE, ROLES, HANDOFF = "people", "roles", "handoff"
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
        named[doctor.house.handoff_group] = HANDOFF
    known = _known(doctor)
    beside = bool(doctor.house.settings.get(OTHER_DESK))
    missing = {name: role for name, role in named.items()
               if not known(name) and not (beside and _the_others(doctor.house, name, role, known))}
    for name, role in missing.items():
        yield Finding(ROLES, "yellow" if beside else "red",
                      f"deskhand.toml names {name} for {role}, and the org has no permission set, group or queue of "
                      "that name.", "Write the name as the org has it, or make it there.", ESCALATION)
    if named and not missing:
        yield Finding(ROLES, "green", "Each role of deskhand.toml names somebody of the org." if beside else
                      f"All {len(named)} that deskhand.toml names are there.", "", ESCALATION)
    if not named:
        yield Finding(ROLES, "yellow", "deskhand.toml names nobody who may approve.",
                      "Name permission sets or groups below [roles].", ESCALATION)


def _known(doctor: Doctor) -> Callable[[str], bool]:
    """Whether the org has it, read as those who press are: names in any case, ids exactly, no group of a user's own."""
    sets = doctor.running.rows("Id, Name, Label", "PermissionSet")
    groups = [one for one in doctor.running.rows("Id, Name, DeveloperName, OwnerId", "Group") if not personal(one)]
    ids = {str(one["Id"]) for one in (*sets, *groups)}
    names = {str(one[key]).strip().casefold() for one in (*sets, *groups) for key in ("Name", "Label", "DeveloperName")
             if one.get(key)}
    return lambda name: name in ids or name.strip().casefold() in names


def _the_others(house: House, name: str, role: str, known: Callable[[str], bool]) -> bool:
    """Beside Zendesk, which has numbers for ids: enough that somebody of this org has the role."""
    return name.isdecimal() if role == HANDOFF else any(map(known, house.roles[role]))
