"""What the admin may choose: `deskhand setup salesforce --set NAME=VALUE`."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors.contract import Rejected
from connectors.parts import House
from connectors.salesforce.endings import VENDOR

YesNo = Literal["yes", "no"]
HELD, OTHER_DESK = "SALESFORCE_ORG_ID", "ZENDESK_SUBDOMAIN"
OUTBOUND, SIGNED = "SALESFORCE_OUTBOUND_TOKEN", "SALESFORCE_CERTIFICATE"


class Choices(BaseModel):
    """Each with its default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    user: str | None = Field(None, pattern=r"^[^@\s']+@[^@\s']+$")
    """User name of the integration user. None: the one who has the permission set already."""
    desk: YesNo = "yes"
    """`no`: the org is the CRM alone, and its cases are not Deskhand's. Unless chosen, `no` where another helpdesk is
    set up."""
    apex: YesNo = "yes"
    """`no`: for orgs that may not deploy Apex. Deskhand is then woken by an outbound message, and the case page has
    no component. Unless chosen, as it was."""
    certificate: Literal["make", "own"] | None = None
    """`own`: an admin has made Deskhand_Signing by hand. Unless chosen, as it was."""

    @property
    def calls_us(self) -> bool:
        """Whether Apex of the org calls Deskhand."""
        return self.desk == "yes" and self.apex == "yes"

    @property
    def sends_messages(self) -> bool:
        return self.desk == "yes" and self.apex == "no"

    @classmethod
    def read(cls, house: House) -> Self:
        """Raises Rejected, naming each choice that is none."""
        given = dict(house.choices)
        if house.settings.get(OTHER_DESK) and not house.settings.get(HELD):
            given = {"desk": "no", **given}
        if house.settings.get(OUTBOUND) and not house.settings.get(SIGNED):
            given = {"apex": "no", **given}
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            wrong = [f"{one['loc'][0]}: {_said(one['type'], one['msg'])}" for one in error.errors()]
            raise Rejected("; ".join(wrong), vendor=VENDOR, reason="choice") from error


def _said(kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return f"is no choice of Salesforce's setup; there are {', '.join(Choices.model_fields)}"
    return {"string_pattern_mismatch": "write a user name, as in deskhand@acme.example"}.get(kind, message.lower())
