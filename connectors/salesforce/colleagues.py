"""Reads a user as a colleague: what they are for Deskhand, in which groups, and whether they may see a case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from simple_salesforce import format_soql  # type: ignore[attr-defined]

from connectors.contract import Agent, Group, NotFound, Reach, Standing
from connectors.salesforce.cases import USER_FIELDS, read_row
from connectors.salesforce.desk import CaseDesk
from connectors.salesforce.endings import VENDOR
from connectors.salesforce.history import USER
from connectors.salesforce.people import STANDARD
from connectors.salesforce.rows import UserRow
from connectors.salesforce.wire import asking

ADMIN = "Deskhand_Admin"
WORKING = ("Deskhand_Agent", "Deskhand_Approver")
"""Permission sets of the package, by their API names."""


def agent(desk: CaseDesk, id: str) -> Agent:
    """The user with permission sets, public groups and queues as groups; one call, never from a cache.

    Raises NotFound for a user that is not there. A frozen user counts as suspended where the org shows that. Groups
    that users make for themselves do not count, whatever their name ("Public and Personal Groups"), nor permission
    sets that were given until a day that is over ("PermissionSetAssignment").
    """
    users, sets, members, logins = desk.wire.composite([
        asking(desk.version, format_soql("SELECT {fields:literal} FROM User WHERE Id = {id}", fields=USER_FIELDS,
                                         id=id)),
        asking(desk.version, format_soql(
            "SELECT PermissionSet.Id, PermissionSet.Name, PermissionSet.Label FROM PermissionSetAssignment "
            "WHERE AssigneeId = {id} AND PermissionSet.IsOwnedByProfile = FALSE "
            "AND (ExpirationDate = NULL OR ExpirationDate > {now})", id=id, now=desk.around.now())),
        asking(desk.version, format_soql(
            "SELECT Group.Id, Group.Name, Group.DeveloperName, Group.OwnerId FROM GroupMember "
            "WHERE UserOrGroupId = {id}", id=id)),
        asking(desk.version, format_soql("SELECT IsFrozen FROM UserLogin WHERE UserId = {id}", id=id))],
        writing=False)
    found = next((read_row(UserRow, row) for row in desk.answered(users, "users")), None)
    if found is None:
        raise NotFound(f"{id} is no user of the org", vendor=VENDOR, reason="no_user")
    held = [row.get("PermissionSet") or {} for row in desk.answered(sets, "permission sets")]
    groups = [group for row in desk.answered(members, "groups") if not personal(group := row.get("Group") or {})]
    frozen = any(row.get("IsFrozen") for row in logins.rows() or [])
    standing = _standing(found, {str(one.get("Name")) for one in held})
    return Agent(id=found.id, name=found.name or "", standing=standing, active=found.active, suspended=frozen,
                 groups=(*_named(held, "Label", "Name"), *_named(groups, "Name", "DeveloperName")),
                 reach=Reach.NONE if standing is Standing.CUSTOMER else Reach.SHARED)


def seen_of(desk: CaseDesk, agent: Agent, cases: Sequence[str]) -> set[str]:
    """Which of at most 200 cases the org's sharing lets this user see, by 15 characters; one call ("UserRecordAccess").
    """
    (access,) = desk.wire.composite([asking(desk.version, format_soql(
        "SELECT RecordId, HasReadAccess FROM UserRecordAccess WHERE UserId = {user} AND RecordId IN {cases}",
        user=agent.id, cases=list(cases)))], writing=False)
    return {str(row.get("RecordId"))[:15] for row in desk.answered(access, "rights")
            if row.get("HasReadAccess") is True}


def _standing(user: UserRow, sets: set[str]) -> Standing:
    if user.type != STANDARD:
        return Standing.CUSTOMER
    if ADMIN in sets:
        return Standing.ADMIN
    return Standing.AGENT if sets & set(WORKING) else Standing.LIGHT


def personal(group: Mapping[str, Any]) -> bool:
    """The org owns public groups and queues."""
    return str(group.get("OwnerId") or "").startswith(USER)


def _named(rows: list[Mapping[str, Any]], *names: str) -> Iterator[Group]:
    """Under the name that people see and the one that the API knows: settings may use either."""
    for row in rows:
        for name in dict.fromkeys(str(row[one]) for one in names if row.get(one)):
            yield Group(id=str(row.get("Id")), name=name)
