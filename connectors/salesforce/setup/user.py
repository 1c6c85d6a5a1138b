"""The integration user: found, never made, because a user takes a licence and can never be deleted."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.contract import Rejected
from connectors.parts import MARK, Found, Known
from connectors.salesforce.endings import VENDOR
from connectors.salesforce.setup.api import Api, Json

PERMISSIONS = "Deskhand_Integration"
LICENCE = "Salesforce Integration"
FIELDS = "Id, Username, Email, Name, IsActive, Profile.Name, Profile.PermissionsModifyAllData, Profile.UserLicense.Name"
HOW = ("In Setup > Users > New User choose the licence Salesforce Integration and the profile Minimum Access - API "
       "Only Integrations, and save; on the user's page assign the permission set licence Salesforce API Integration. "
       "Then run this again with --set user=THE-USER-NAME.")


class IntegrationUser:
    """Whom Deskhand acts as: who was chosen, or who has the package's permission set already."""

    def __init__(self, api: Api, chosen: str | None, signed_in: str | None) -> None:
        """`signed_in`: whom the key in our settings signs in."""
        self._api = api
        self._asked = chosen or signed_in
        self._row: Json | None = None

    def row(self) -> Json:
        """Raises Rejected, with what to do, where there is no such user."""
        found = self._row or self._find()
        if found is None and self._asked is None:
            raise Rejected(f"Say who Deskhand is to act as. {HOW}", vendor=VENDOR, reason="no user")
        if found is None:
            raise Rejected(f"There is no user {self._asked} in this org. {HOW}", vendor=VENDOR, reason="no user")
        if not found.get("IsActive"):
            raise Rejected(f"{found['Username']} is not active: activate this user in Setup > Users.", vendor=VENDOR,
                           reason="no user")
        self._row = found
        return found

    def name(self) -> str:
        return str(self.row()["Username"])

    def known(self) -> str | None:
        """The user name, None where nobody was chosen yet."""
        found = self._row or self._find()
        self._row = found
        return str(found["Username"]) if found else None

    def may_be(self, said: str) -> bool:
        """Whether this is the user, by name or by id; nobody else can be while nobody was chosen."""
        known = self.known()
        return known is None or self._row is None or said in (known, str(self._row["Id"]), str(self._row["Id"])[:15])

    def _find(self) -> Json | None:
        if self._asked:
            return next(iter(self._api.rows(FIELDS, "User", {"Username": self._asked})), None)
        held = {str(one["AssigneeId"]) for one in self._api.rows(
            "AssigneeId", "PermissionSetAssignment", {"PermissionSet.Name": PERMISSIONS})}
        if len(held) != 1:
            return None
        return next(iter(self._api.rows(FIELDS, "User", {"Id": held.pop()})), None)


class AccessPart:
    """The permission set is the package's, so that whoever has it has it for Deskhand."""

    name = f'permission set "{PERMISSIONS}" of the integration user'
    why = "what Deskhand may read and write, and nothing more"
    wanted = True
    marks: Mapping[str, str] = {}

    def __init__(self, api: Api, user: IntegrationUser) -> None:
        self._api = api
        self._user = user

    def look(self, known: Known) -> Found | None:
        held = self._held()
        user = self._user.known()
        mine = next((one for one in held if user in (None, one["Assignee"]["Username"])), None)
        return Found(str(mine["Id"])) if mine else None

    def make(self, known: Known) -> Found:
        [row] = self._api.rows("Id", "PermissionSet", {"Name": PERMISSIONS})
        return Found(self._api.create("PermissionSetAssignment", {"AssigneeId": self._user.row()["Id"],
                                                                  "PermissionSetId": row["Id"]}))

    def change(self, found: Found, known: Known) -> Found:
        return found

    def remove(self, found: Found) -> None:
        for one in self._held():
            self._api.delete("PermissionSetAssignment", one["Id"])

    def _held(self) -> list[Json]:
        """Of the set that we deployed; another's of that name stays as it is."""
        rows = self._api.rows("Id, Assignee.Username, PermissionSet.Description", "PermissionSetAssignment",
                              {"PermissionSet.Name": PERMISSIONS})
        return [one for one in rows if MARK in str((one.get("PermissionSet") or {}).get("Description"))]
