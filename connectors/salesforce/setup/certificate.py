"""The certificate that the org signs with: made by the org, so that its private key never leaves it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from xml.etree import ElementTree

from cryptography.x509 import load_pem_x509_certificate

from connectors.contract import Rejected, Unavailable
from connectors.keys import is_among
from connectors.parts import MARK, Found, House, Known
from connectors.salesforce.endings import VENDOR
from connectors.salesforce.setup.choices import Choices
from connectors.salesforce.setup.deployed import Deployed
from connectors.salesforce.setup.deploying import Deployer
from connectors.salesforce.setup.metadata import Component, Files, document

VARIABLE = "SALESFORCE_CERTIFICATE"
CERTIFICATE = Component("Certificate", "Deskhand_Signing", "certs/Deskhand_Signing.crt")
ABOUT = CERTIFICATE.path + "-meta.xml"
CLICKS = ("In Setup > Certificate and Key Management choose Create Self-Signed Certificate, with the unique name "
          "Deskhand_Signing and the key size 2048")
BEGINNING = b"-----BEGIN CERTIFICATE-----"


class CertificatePart(Deployed):
    """Self-signed and of 2048 bits, which the org makes when it has no content ("Certificate"); it lasts a year. Its
    label bears our mark."""

    name = f'certificate "{CERTIFICATE.name}"'
    why = "what the org signs with, so that Deskhand takes events from it alone"
    components = (CERTIFICATE,)
    sign = ABOUT
    instead = "Use it with --set certificate=own, or delete it in Setup > Certificate and Key Management."

    def __init__(self, deployer: Deployer, house: House, choices: Choices) -> None:
        super().__init__(deployer)
        self._held = house.settings.get(VARIABLE, "")
        self.wanted = choices.calls_us

    def files(self) -> Files:
        return {CERTIFICATE.path: b"", ABOUT: document(
            "Certificate", ("caSigned", "false"), ("keySize", "2048"), ("masterLabel", f"Deskhand signing. {MARK}"),
            ("privateKeyExportable", "false"))}

    def make(self, known: Known) -> Found:
        try:
            return super().make(known)
        except Rejected as error:
            raise Rejected(f"{error}\nMake it by hand: {CLICKS}; then run this again with --set certificate=own.",
                           vendor=VENDOR, reason=error.reason) from error

    def change(self, found: Found, known: Known) -> Found:
        """One that cannot be read is made anew; a certificate cannot be changed."""
        self.remove(found)
        return self.make(known)

    def found(self, held: Files, differs: tuple[str, ...]) -> Found:
        return Found(CERTIFICATE.name, differs, kept(pem_of(held), self._held))

    def differences(self, one: ElementTree.Element, held: Files) -> tuple[str, ...]:
        return () if BEGINNING in held.get(CERTIFICATE.path, b"") else ("the org does not show it",)


class OwnCertificatePart:
    """A certificate that an admin made under the name that the package signs with. It is read, and never touched."""

    name = f'certificate "{CERTIFICATE.name}", made by an admin'
    why = "what the org signs with; only its public part is read"
    marks: Mapping[str, str] = {}

    def __init__(self, deployer: Deployer, house: House, choices: Choices) -> None:
        self._deployer = deployer
        self._held = house.settings.get(VARIABLE, "")
        self.wanted = choices.calls_us

    def look(self, known: Known) -> Found | None:
        """What our settings do not hold was not read yet."""
        return self._found() if self._held else None

    def make(self, known: Known) -> Found:
        found = self._found()
        if found is None:
            raise Rejected(f"There is no certificate {CERTIFICATE.name} in the org. {CLICKS}; then run this again.",
                           vendor=VENDOR, reason="no certificate")
        return found

    def change(self, found: Found, known: Known) -> Found:
        return found

    def remove(self, found: Found) -> None:
        """It stays in the org; our settings forget it."""

    def _found(self) -> Found | None:
        held = self._deployer.files()
        return Found(CERTIFICATE.name, (), kept(pem_of(held), self._held)) if CERTIFICATE.path in held else None


def certificate_part(deployer: Deployer, house: House, choices: Choices) -> CertificatePart | OwnCertificatePart:
    """As it was chosen; else an admin's own where our settings hold it already."""
    ours, held = CertificatePart(deployer, house, choices), house.settings.get(VARIABLE, "")
    if choices.certificate is None and held:
        files = deployer.files()
        by_hand = not ours.is_ours(files.get(ABOUT, MARK.encode()))
        own = by_hand and BEGINNING in files.get(CERTIFICATE.path, b"") and is_among(pem_of(files), held)
    else:
        own = choices.certificate == "own"
    return OwnCertificatePart(deployer, house, choices) if own else ours


def pem_of(held: Files) -> str:
    """The certificate itself; of a chain, the first."""
    raw = held.get(CERTIFICATE.path, b"")
    end = b"-----END CERTIFICATE-----"
    if BEGINNING not in raw or end not in raw:
        raise Unavailable("Salesforce does not show the certificate yet; run this again in a minute", vendor=VENDOR,
                          reason="not there")
    return (BEGINNING + raw.partition(BEGINNING)[2].partition(end)[0] + end).decode("ascii").replace("\r", "")


def kept(pem: str, held: str) -> dict[str, str]:
    """One that is held already stays as it is written: beside another, or in a file."""
    return {VARIABLE: held if is_among(pem, held) else pem}


def ends(pem: str) -> datetime:
    return load_pem_x509_certificate(pem.encode()).not_valid_after_utc
