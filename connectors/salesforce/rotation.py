"""A new signing certificate for the org ("Certificates and Keys").

The package signs with the certificate of one name, and a certificate cannot be changed: the old one is deleted and
another is made under its name, which signs from that moment on. What the org wants to send in between it cannot sign;
it stays in the org's outbox and is sent a minute later. Of a rotation that was killed in the middle the new certificate
is read, or made where it is missing.
"""

from __future__ import annotations

from collections.abc import Sequence

from connectors.contract import Rejected, Surroundings
from connectors.keys import is_among
from connectors.parts import House, Taken
from connectors.salesforce.endings import VENDOR
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.setup.admin import Admin
from connectors.salesforce.setup.certificate import ABOUT, CERTIFICATE, CLICKS, VARIABLE, CertificatePart, pem_of
from connectors.salesforce.setup.choices import Choices
from connectors.salesforce.setup.deploying import Deployer


class CertificateRotation:
    """The Rotation of connectors.parts."""

    variable = VARIABLE
    at_once = True

    def __init__(self, settings: SalesforceSettings, around: Surroundings, house: House) -> None:
        api = Admin(settings, around).api
        self._deployer = Deployer(api, house.told, (CERTIFICATE,))
        self._part = CertificatePart(self._deployer, house, Choices())

    def begin(self, known: Sequence[str]) -> str:
        held = self._deployer.files()
        if CERTIFICATE.path in held and not any(is_among(pem_of(held), one) for one in known):
            return pem_of(held)
        if ABOUT in held and not self._part.is_ours(held[ABOUT]):
            raise Taken(f"{CERTIFICATE.name} was made by hand, so it is changed by hand: delete it. {CLICKS}; then run "
                        "this again, which reads the new one.")
        if CERTIFICATE.path in held:
            self._deployer.delete([CERTIFICATE])
        self._part.make({})
        return pem_of(self._deployer.files())

    def finish(self, newest: str) -> None:
        held = self._deployer.files()
        if CERTIFICATE.path not in held or not is_among(pem_of(held), newest):
            raise Rejected(f"Salesforce signs with another certificate than the newest value of {VARIABLE}: run "
                           "deskhand rotate salesforce again.", vendor=VENDOR, reason="other certificate")
