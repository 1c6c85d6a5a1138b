"""What `deskhand setup salesforce` makes: package, login, certificate, address, job, and what it warns of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from connectors.contract import Rejected, Surroundings, Unavailable
from connectors.parts import House, Notice, Part
from connectors.salesforce.endings import VENDOR
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.setup import app, certificate, credential, notices, outbound
from connectors.salesforce.setup.api import Api, Json
from connectors.salesforce.setup.bundle import Bundle, shipped
from connectors.salesforce.setup.choices import Choices
from connectors.salesforce.setup.deploying import Deployer
from connectors.salesforce.setup.desk import DeskPart
from connectors.salesforce.setup.package import PackagePart
from connectors.salesforce.setup.sweep import SweepPart
from connectors.salesforce.setup.user import AccessPart, IntegrationUser

ADMIN_TOKEN = "SALESFORCE_ADMIN_TOKEN"  # noqa: S105 - the name of a variable
NEEDED = ("ModifyMetadata", "CustomizeApplication", "AuthorApex", "AssignPermissionSets", "ViewSetup")
"""Of the admin; "Modify Metadata Through Metadata API Functions" and so on, by their API names."""
LOOKED_AT = (*app.AppPart.components, certificate.CERTIFICATE, credential.CREDENTIAL, credential.SUBSCRIBER,
             *outbound.OutboundPart.components)
DEVELOPER = "Developer Edition"


class SalesforceSetup:
    """Implements the Setup of connectors.parts, with an admin's access token."""

    def __init__(self, settings: SalesforceSettings, around: Surroundings, house: House,
                 package: bytes | None = None) -> None:
        """`package` is another zip than the one that comes with Deskhand."""
        self._settings = settings
        self._house = house
        self._package = package
        self._choices = Choices.read(house)
        self.api = Api(settings, around, self._token)
        self.user = IntegrationUser(self.api, self._choices.user, settings.username if settings.jwt_key else None)
        self.deployer = Deployer(self.api, house.told, LOOKED_AT)
        self.login = app.Login(self.api, house)
        self._org: Json | None = None

    def _token(self) -> str:
        if self._settings.admin_token is None:
            raise Unavailable(f"an admin's access token is needed: {ADMIN_TOKEN}, as `sf org display --json` shows it",
                              vendor=VENDOR, reason="credentials", lasting=True)
        return self._settings.admin_token.get_secret_value().strip()

    def account(self) -> str:
        """Raises Rejected for a login that is no admin's: nothing could be made with it."""
        org = self._organization()
        fields = ", ".join(f"Permissions{one}" for one in NEEDED)
        may = next(iter(self.api.rows(fields, "UserPermissionAccess")), {})
        if lacking := [one for one in NEEDED if may.get(f"Permissions{one}") is not True]:
            raise Rejected(f"This login lacks the permissions {', '.join(lacking)}: use a System Administrator's "
                           "token.", vendor=VENDOR, reason="not an admin")
        kind = "PRODUCTION" if self._production() else "SANDBOX" if org.get("IsSandbox") else "DEVELOPER ORG"
        return f"{org['Name']} ({org['Id']}, {self._settings.domain}.my.salesforce.com), {kind}"

    def parts(self) -> Sequence[Part]:
        deployer, house, choices = self.deployer, self._house, self._choices
        whole = Bundle.of(self._package if self._package is not None else shipped())
        sign = certificate.OwnCertificatePart if choices.certificate == "own" else certificate.CertificatePart
        running = Api(self._settings, self.api.around, self.login.token)
        return [PackagePart(self.api, deployer, house, choices, whole, self._production()),
                AccessPart(self.api, self.user),
                app.AppPart(deployer, self.login, self.user, self._contact()),
                sign(deployer, house, choices),
                credential.CredentialPart(deployer, house, choices),
                credential.SubscriberPart(deployer, choices, self.user),
                outbound.OutboundPart(deployer, house, choices, self.user),
                DeskPart(house, choices, str(self._organization()["Id"])),
                SweepPart(self.api, running, choices)]

    def notices(self) -> Iterable[Notice]:
        """Raises Rejected where nobody is known as whom Deskhand is to act."""
        return notices.all_of(self.api, self._house, self._choices, self.user.row())

    def _contact(self) -> str:
        return str(self._organization().get("PrimaryContactEmail") or "deskhand@example.com")

    def _organization(self) -> Json:
        if self._org is None:
            [self._org] = self.api.rows("Id, Name, IsSandbox, OrganizationType", "Organization")
        return self._org

    def _production(self) -> bool:
        org = self._organization()
        return not org.get("IsSandbox") and org.get("OrganizationType") != DEVELOPER
