"""What a deployed permission set lets its user do, by the names that a client's `permissions` has."""

from __future__ import annotations

from functools import lru_cache
from xml.etree import ElementTree

FILE = "permissionsets/Deskhand_Integration.permissionset"
OBJECT = {"allowRead": "read", "allowCreate": "create", "allowEdit": "edit", "allowDelete": "delete"}
SYSTEM = {"EmailSingle": "SendEmail", "ViewSetup": "ViewSetup", "ModifyMetadata": "ModifyMetadata"}
EVERYBODY = ("User", "Group", "GroupMember", "Organization", "FieldDefinition", "RecordType", "CaseStatus",
             "UserRecordAccess", "QueueSobject")
"""Every user reads them."""
WITH = {"Case:read": ("CaseComment:read", "EmailMessage:read", "CaseHistory:read", "FeedItem:read"),
        "Case:edit": ("CaseComment:create", "CaseComment:edit", "EmailMessage:create", "EmailMessage:edit"),
        "Contact:read": ("ContactHistory:read",), "ActivitiesAccess": ("Task:read",), "EditTask": ("Task:create",)}
"""What goes with another right."""
WITH_SETUP = ("PermissionSet", "PermissionSetAssignment", "CronTrigger", "CronJobDetail", "OrgWideEmailAddress",
              "Profile", "UserLicense")


@lru_cache(maxsize=8)
def rights(raw: bytes) -> frozenset[str]:
    root = ElementTree.fromstring(raw)  # noqa: S314 - a stand-in reads what it is sent
    given = {f"{one.findtext('{*}object')}:{right}" for one in root.findall("{*}objectPermissions")
             for word, right in OBJECT.items() if one.findtext("{*}" + word) == "true"}
    named = {one.findtext("{*}name") or "" for one in root.findall("{*}userPermissions")
             if one.findtext("{*}enabled") == "true"}
    given |= {f"{name}:read" for name in EVERYBODY} | {SYSTEM[one] for one in named if one in SYSTEM}
    if "ViewSetup" in given:
        given |= {f"{name}:read" for name in WITH_SETUP}
    return frozenset(given | {one for right in given | named for one in WITH.get(right, ())})
