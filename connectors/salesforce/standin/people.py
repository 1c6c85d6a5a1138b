"""Users, profiles, permission sets, groups and queues: made, found, granted."""

from __future__ import annotations

import re
from datetime import datetime

from connectors.salesforce.standin.deriving import derive
from connectors.salesforce.standin.ids import id18
from connectors.salesforce.standin.org import Json, Org, Row

PERMISSION_SETS = {"Deskhand_Agent": "Deskhand Agent", "Deskhand_Approver": "Deskhand Approver",
                   "Deskhand_Admin": "Deskhand Admin", "Deskhand_Integration": "Deskhand Integration"}
"""Those of the package, by API name, with their labels."""
PROFILES = {"System Administrator": "Salesforce", "Standard User": "Salesforce",
            "Minimum Access - API Only Integrations": "Salesforce Integration"}
"""Standard profiles and the licence of each."""
INTEGRATION, AUTOMATION = "Deskhand Integration", "Support Automation"


def furnish(org: Org, now: datetime) -> None:
    """Licences, profiles and what comes with them, once."""
    if org.tables["Profile"]:
        return
    for licence in dict.fromkeys(PROFILES.values()):
        org.insert("UserLicense", {"Name": licence, "MasterLabel": licence, "Status": "Active"}, "", now)
    for name in PROFILES:
        add_profile(org, name, now)


def add_profile(org: Org, name: str, now: datetime) -> Row:
    """A profile, with the permission set that Salesforce keeps for each profile."""
    licence = org.named("UserLicense", PROFILES.get(name, "Salesforce")) or {}
    all_data = name == "System Administrator"
    made = org.insert("Profile", {"Name": name, "UserLicenseId": licence.get("Id"), "UserType": "Standard",
                                  "PermissionsModifyAllData": all_data, "PermissionsViewAllData": all_data,
                                  "PermissionsApiUserOnly": "API Only" in name}, "", now)
    hidden = "X" + made["Id"]
    org.insert("PermissionSet", {"Name": hidden, "Label": made["Id"], "IsOwnedByProfile": True, "IsCustom": False,
                                 "ProfileId": made["Id"], "PermissionsModifyAllData": all_data}, "", now)
    return made


def add_permission_set(org: Org, name: str, label: str, now: datetime) -> Row:
    return org.named("PermissionSet", name) or org.insert(
        "PermissionSet", {"Name": name, "Label": label, "IsOwnedByProfile": False}, "", now)


def person(org: Org, who: str, now: datetime) -> Row:
    """The user named by id, user name, address or name, who is made when missing."""
    if id18(who) in org.tables["User"]:
        return org.tables["User"][id18(who)]
    for by in ("Username", "Email", "Name"):
        found = org.named("User", who, by)
        if found:
            return found
    if "@" in who:
        return add_user(org, {"Name": re.sub(r"[._]+", " ", who.split("@")[0]).title(), "Email": who}, now)
    return add_user(org, {"Name": who}, now)


def add_user(org: Org, given: Json, now: datetime) -> Row:
    """A user of a world: `Name` or its parts, `Profile`, `permission_sets` and `groups` by name."""
    furnish(org, now)
    first, _, last = given.get("Name", "").rpartition(" ")
    names = {"FirstName": first or None, "LastName": last} if given.get("Name") else {}
    fields = {k: v for k, v in given.items() if k in org.objects["User"].fields and k != "Name"}
    name = given.get("Name") or " ".join(p for p in (given.get("FirstName"), given.get("LastName")) if p)
    address = given.get("Email") or f"{name.lower().replace(' ', '.')}@{org.domain}.example"
    profile = org.named("Profile", given.get("Profile", "Standard User")) or add_profile(org, given["Profile"], now)
    id = org.new_id(org.objects["User"].prefix)
    made = {"Username": address, "Email": address, "ProfileId": profile["Id"], **names, **fields, "Id": id}
    derive(org, "User", made)
    row = org.insert("User", made, id, now)
    hidden = next((p for p in org.children("PermissionSet", "ProfileId", profile["Id"])), None)
    if hidden:
        org.insert("PermissionSetAssignment", {"AssigneeId": row["Id"], "PermissionSetId": hidden["Id"]}, "", now)
    for granted in given.get("permission_sets", ()):
        grant(org, row, granted, now)
    for group in given.get("groups", ()):
        join(org, row, group, now)
    return row


def grant(org: Org, user: Row, name: str, now: datetime) -> None:
    """Assigns a permission set, which is made when there is none of that name."""
    wanted = org.named("PermissionSet", name) or org.named("PermissionSet", name, "Label") or add_permission_set(
        org, name.replace(" ", "_"), name, now)
    held = org.children("PermissionSetAssignment", "AssigneeId", user["Id"])
    if wanted["Id"] not in [each["PermissionSetId"] for each in held]:
        org.insert("PermissionSetAssignment", {"AssigneeId": user["Id"], "PermissionSetId": wanted["Id"]}, "", now)


def revoke(org: Org, user: Row, name: str) -> None:
    wanted = org.named("PermissionSet", name) or org.named("PermissionSet", name, "Label") or {}
    for each in org.children("PermissionSetAssignment", "AssigneeId", user["Id"]):
        if each["PermissionSetId"] == wanted.get("Id"):
            org.drop("PermissionSetAssignment", each["Id"])


def group(org: Org, name: str, now: datetime, kind: str = "Queue") -> Row:
    """The group or queue of that name, which is made when missing; a queue takes cases."""
    found = org.named("Group", name)
    if found is None:
        found = org.insert("Group", {"Name": name, "DeveloperName": re.sub(r"\W+", "_", name), "Type": kind}, "", now)
        if kind == "Queue":
            org.insert("QueueSobject", {"QueueId": found["Id"], "SobjectType": "Case"}, "", now)
    return found


def join(org: Org, user: Row, name: str, now: datetime, kind: str = "Queue") -> None:
    there = group(org, name, now, kind)
    if user["Id"] not in [each["UserOrGroupId"] for each in org.children("GroupMember", "GroupId", there["Id"])]:
        org.insert("GroupMember", {"GroupId": there["Id"], "UserOrGroupId": user["Id"]}, "", now)


def leave(org: Org, user: Row, name: str) -> None:
    for each in org.children("GroupMember", "UserOrGroupId", user["Id"]):
        if org.tables["Group"][each["GroupId"]]["Name"] == name:
            org.drop("GroupMember", each["Id"])


def integration(org: Org, now: datetime) -> Row:
    """The run-as user of the client credentials flow."""
    return org.named("User", INTEGRATION) or add_user(
        org, {"Name": INTEGRATION, "Profile": "Minimum Access - API Only Integrations",
              "permission_sets": ["Deskhand_Integration"] if org.package is not None else []}, now)


def automation(org: Org, now: datetime) -> Row:
    """Who customers' mails and forms become cases as ("Automated Case User" of the Support Settings)."""
    return person(org, org.desk.get("automated_user", AUTOMATION), now)
