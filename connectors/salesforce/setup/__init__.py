"""What `deskhand setup salesforce` makes: package, login, certificate, address, job, and what it warns of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from connectors.contract import Surroundings
from connectors.parts import House, Notice, Part
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.setup import app, certificate, credential, notices, outbound
from connectors.salesforce.setup.admin import Admin
from connectors.salesforce.setup.api import Api
from connectors.salesforce.setup.choices import Choices
from connectors.salesforce.setup.deploying import Deployer
from connectors.salesforce.setup.desk import DeskPart
from connectors.salesforce.setup.package import PackagePart
from connectors.salesforce.setup.sweep import SweepPart
from connectors.salesforce.setup.user import AccessPart, IntegrationUser

LOOKED_AT = (app.HEADER, app.OAUTH, app.POLICY, certificate.CERTIFICATE, credential.CREDENTIAL, credential.SUBSCRIBER,
             *outbound.OutboundPart.components)
"""The app's secret is among what is deployed, and not among what is read."""


class SalesforceSetup:
    """Implements the Setup of connectors.parts, with an admin's access token."""

    def __init__(self, settings: SalesforceSettings, around: Surroundings, house: House,
                 package: bytes | None = None) -> None:
        """`package` is another zip than the one that comes with Deskhand."""
        self._settings = settings
        self._house = house
        self._package = package
        self._choices = Choices.read(house)
        self.admin = Admin(settings, around)
        self.user = IntegrationUser(self.admin.api, self._choices.user,
                                    settings.username if settings.jwt_key else None)
        self.login = app.Login(self.admin.api, house)

    def account(self) -> str:
        return self.admin.account(apex=self._choices.calls_us)

    def parts(self) -> Sequence[Part]:
        api, house, choices = self.admin.api, self._house, self._choices
        deployer = Deployer(api, house.told, LOOKED_AT)
        running = Api(self._settings, api.around, self.login.token)
        return [PackagePart(api, running, deployer, house, choices, self._package, self.admin.production()),
                AccessPart(api, self.user), app.AppPart(deployer, self.login, self.user),
                certificate.certificate_part(deployer, house, choices),
                credential.CredentialPart(deployer, house, choices),
                credential.SubscriberPart(deployer, choices, self.user),
                outbound.OutboundPart(deployer, house, choices, self.user),
                DeskPart(house, choices, str(self.admin.org()["Id"])), SweepPart(api, running, choices)]

    def notices(self) -> Iterable[Notice]:
        """Raises Rejected where nobody is known as whom Deskhand is to act."""
        return notices.all_of(self.admin.api, self._house, self._choices, self.user.row())
