"""An admin's login: the access token of a session, as the Salesforce CLI shows it. SOAP login() is never used."""

from __future__ import annotations

from connectors.contract import Rejected, Surroundings, Unavailable
from connectors.salesforce.endings import VENDOR
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.setup.api import Api, Json

VARIABLE = "SALESFORCE_ADMIN_TOKEN"
NEEDED, FOR_APEX = ("ModifyMetadata", "CustomizeApplication", "AssignPermissionSets", "ViewSetup"), "AuthorApex"
""""Modify Metadata Through Metadata API Functions" and so on, by their API names."""
DEVELOPER = "Developer Edition"


class Admin:
    """Who sets the org up, and which org it is; nothing is asked before it is needed."""

    def __init__(self, settings: SalesforceSettings, around: Surroundings) -> None:
        self._settings = settings
        self.api = Api(settings, around, self._token)
        self._org: Json | None = None

    def _token(self) -> str:
        if self._settings.admin_token is None:
            raise Unavailable(f"An admin's access token is needed: {VARIABLE}, as `sf org display --json` shows it",
                              vendor=VENDOR, reason="credentials", lasting=True)
        return self._settings.admin_token.get_secret_value().strip()

    def org(self) -> Json:
        if self._org is None:
            [self._org] = self.api.rows("Id, Name, IsSandbox, OrganizationType", "Organization")
        return self._org

    def production(self) -> bool:
        return not self.org().get("IsSandbox") and self.org().get("OrganizationType") != DEVELOPER

    def account(self, *, apex: bool) -> str:
        """Raises Rejected for a login that is no admin's: nothing could be made with it. An org without Apex may not
        even know the permission for it."""
        org, needed = self.org(), [*NEEDED, *([FOR_APEX] if apex else [])]
        fields = ", ".join(f"Permissions{one}" for one in needed)
        may = next(iter(self.api.rows(fields, "UserPermissionAccess")), {})
        if lacking := [one for one in needed if may.get(f"Permissions{one}") is not True]:
            raise Rejected(f"This login lacks the permissions {', '.join(lacking)}: use a System Administrator's "
                           "token.", vendor=VENDOR, reason="not an admin")
        kind = "PRODUCTION" if self.production() else "SANDBOX" if org.get("IsSandbox") else "DEVELOPER ORG"
        return f"{org['Name']} ({org['Id']}, {self._settings.domain}.my.salesforce.com), {kind}"
