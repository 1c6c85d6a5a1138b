"""One REST call or one subrequest of a composite, after authentication, and what it may do."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from connectors.salesforce.standin.objects.setup import SETUP_ONLY
from connectors.salesforce.standin.org import Json, Org, Refused, Row
from connectors.salesforce.standin.rights import FILE, rights
from connectors.standin import Answer

GONE = "The requested resource does not exist"
SYSTEM = frozenset({"ViewSetup", "SendEmail", "ModifyMetadata", "AuthorApex", "AssignPermissionSets", "ManageUsers",
                    "CustomizeApplication"})
"""System permissions by the names that a client's `permissions` gives them."""
CALLED = {"PermissionsEmailSingle": "SendEmail"}
DELETABLE = ("PermissionSetAssignment", "GroupMember", "Deskhand_Action__c", "Deskhand_Outbox__c", "Attachment")


def error(status: int, code: str, message: str) -> Answer:
    """The array REST resources answer with; the token endpoint answers an object instead."""
    return Answer.of(status, [{"message": message, "errorCode": code}])


@lru_cache(maxsize=64)
def everything(objects: tuple[str, ...]) -> frozenset[str]:
    """What a client may that names no permissions: all but deleting what people made."""
    return frozenset(f"{name}:{what}" for name in objects for what in ("read", "create", "edit")) | SYSTEM | {
        f"{name}:delete" for name in DELETABLE}


@lru_cache(maxsize=256)
def readable(may: frozenset[str]) -> frozenset[str]:
    """The objects that can be read with these permissions."""
    named = frozenset(p.removesuffix(":read") for p in may if p.endswith(":read"))
    return named | SETUP_ONLY if "ViewSetup" in may else named - SETUP_ONLY


def own_permissions(soql: str, may: frozenset[str]) -> Json:
    """The one row of UserPermissionAccess: what the running user may, by the names that the query gives."""
    return {"attributes": {"type": "UserPermissionAccess"},
            **{name: CALLED.get(name, name.removeprefix("Permissions")) in may
               for name in re.findall(r"Permissions\w+", soql)}}


def permissions(org: Org, client: Json) -> frozenset[str]:
    if client.get("permissions") is None and client.get("app"):
        held = org.children("PermissionSetAssignment", "AssigneeId", client["user"])
        ours = (org.named("PermissionSet", "Deskhand_Integration") or {}).get("Id")
        return rights(org.files[FILE]) if ours in [one["PermissionSetId"] for one in held] else frozenset()
    if client.get("permissions") is None:
        names = tuple(org.objects)
        return everything(names) | {f"{name}:delete" for name in names} if client.get("admin") else everything(names)
    return frozenset(client["permissions"])


@dataclass(frozen=True)
class Asked:
    method: str
    version: str
    path: tuple[str, ...]
    args: dict[str, list[str]]
    headers: dict[str, str]
    body: Any
    user: Row
    may: frozenset[str]

    def to(self, method: str, url: str, headers: dict[str, str], body: Any) -> Asked:
        """The same user asking something else; `url` is a subrequest's."""
        parts = urlsplit(url)
        found = re.fullmatch(r"/services/data/(v\d+\.\d)((?:/[^/]*)*)", parts.path)
        version, rest = (found[1], found[2]) if found else (self.version, "/?")
        return replace(self, method=method, version=version, path=tuple(unquote(p) for p in rest.split("/") if p),
                       args=parse_qs(parts.query, keep_blank_values=True), headers=headers, body=body)

    def fields(self) -> Row:
        """The body as the fields of one row."""
        if not isinstance(self.body, dict):
            raise Refused("JSON_PARSER_ERROR",
                          f"Cannot deserialize instance of sobject from {json.dumps(self.body)[:40]}")
        return self.body

    def need(self, permission: str, words: str) -> None:
        if permission not in self.may:
            raise Refused("INSUFFICIENT_ACCESS_OR_READONLY", words, status=403)

    @property
    def allows_duplicates(self) -> bool:
        return "allowsave=true" in self.headers.get("sforce-duplicate-rule-header", "").lower().replace(" ", "")

    @property
    def assigns(self) -> bool:
        """TRUE is the default where the header is missing ("Assignment Rule Header")."""
        return self.headers.get("sforce-auto-assign", "TRUE").upper() != "FALSE"
