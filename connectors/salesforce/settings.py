"""What an admin sets for Salesforce."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal, Self

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from connectors.http import check_address, host_of

HOSTS = (".my.salesforce.com",)
"""Client credentials are given out on the org's own My Domain host only ("OAuth 2.0 Client Credentials Flow")."""

Flag = Literal["vip", "fraud", "legal_hold"]
BEGINNING = "-----BEGIN"


class SalesforceSettings(BaseModel):
    """One org; `flags` names the contact's (or, as Account.X, its account's) fields that carry a flag.

    It is signed in to with the app's secret (client credentials), or with a key and a user name (JWT bearer). With
    `org_id` it is the helpdesk, too.
    """

    model_config = ConfigDict(frozen=True, populate_by_name=True, extra="ignore", hide_input_in_errors=True)

    domain: str = Field(alias="SALESFORCE_DOMAIN",
                        description="The My Domain name, as in acme for acme.my.salesforce.com")
    """My Domain name, such as acme or acme--uat.sandbox; the whole host name is fine too."""
    admin_token: SecretStr | None = Field(None, alias="SALESFORCE_ADMIN_TOKEN")
    """An admin's access token, with which the org is set up. It is used and not stored."""
    client_id: str = Field("", alias="SALESFORCE_CLIENT_ID", description="The consumer key of an app of your own, from "
                           "Setup, External Client App Manager, the app, OAuth settings (Enter: deskhand setup "
                           "salesforce makes one)")
    jwt_key: SecretStr | None = Field(None, alias="SALESFORCE_JWT_KEY")
    """An RSA private key in PEM, or the file that holds it; the app knows its certificate."""
    client_secret: SecretStr = Field(SecretStr(""), alias="SALESFORCE_CLIENT_SECRET", description="Its consumer "
                                     "secret, from the same page",
                                     json_schema_extra={"only_with": "SALESFORCE_CLIENT_ID"})
    """Not needed beside a key. While it is being changed: the new one, a comma, the old one."""
    username: str | None = Field(None, alias="SALESFORCE_USERNAME")
    """Whom the key signs in."""
    org_id: str | None = Field(None, alias="SALESFORCE_ORG_ID")
    """18 characters; with it the org's cases are the tickets."""
    sender: str | None = Field(None, alias="SALESFORCE_SENDER")
    """The org-wide e-mail address that replies are sent from; without it none is sent."""
    pending_status: str | None = Field(None, alias="SALESFORCE_PENDING_STATUS")
    open_status: str | None = Field(None, alias="SALESFORCE_OPEN_STATUS")
    solved_status: str | None = Field(None, alias="SALESFORCE_SOLVED_STATUS")
    """The org's own words for a case that waits for the customer, is worked on, is done."""
    url: str | None = Field(default=None, alias="SALESFORCE_URL")
    api_version: str = Field(default="66.0", alias="SALESFORCE_API_VERSION", pattern=r"^\d{2,3}\.0$")
    flags: dict[Flag, str] = {}

    @field_validator("domain")
    @classmethod
    def _bare_domain(cls, given: str) -> str:
        bare = given.lower().removeprefix("https://").rstrip("/").removesuffix(HOSTS[0])
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]*(\.[a-z]+)?", bare):
            raise ValueError("is the My Domain name of the org: acme for https://acme.my.salesforce.com")
        return bare

    @field_validator("jwt_key")
    @classmethod
    def _a_private_key(cls, given: SecretStr | None) -> SecretStr | None:
        """The key itself, read from its file where a file is named."""
        if given is None:
            return None
        text = given.get_secret_value().replace("\\n", "\n")
        try:
            pem = text if BEGINNING in text else Path(text).read_text()
            if isinstance(load_pem_private_key(pem.encode(), None), RSAPrivateKey):
                return SecretStr(pem)
        except (OSError, ValueError, TypeError):
            pass
        raise ValueError("is an RSA private key in PEM without a password, or the file that holds it")

    @model_validator(mode="before")
    @classmethod
    def _asked_for_by_its_variable(cls, given: Any) -> Any:
        """So that a secret that is missing is told of by the name that an admin writes."""
        names = ("SALESFORCE_CLIENT_SECRET", "client_secret")
        unset = isinstance(given, dict) and not any(name in given for name in names)
        return {**given, names[0]: ""} if unset else given

    @field_validator("client_secret")
    @classmethod
    def _beside_its_key(cls, given: SecretStr, known: ValidationInfo) -> SecretStr:
        needless = known.data.get("jwt_key") or known.data.get("admin_token") or not known.data.get("client_id")
        if not needless and not given.get_secret_value().strip(", "):
            raise PydanticCustomError("missing", "Field required")
        return given

    @field_validator("org_id")
    @classmethod
    def _an_org(cls, given: str | None) -> str | None:
        if given is not None and not re.fullmatch(r"00D[0-9A-Za-z]{15}", given, re.ASCII):
            raise ValueError("is the org's id with 18 characters, beginning with 00D")
        return given

    @model_validator(mode="after")
    def _a_way_to_sign_in(self) -> Self:
        if not (self.admin_token or self.can_run()):
            raise ValueError("set SALESFORCE_CLIENT_ID and SALESFORCE_CLIENT_SECRET (or in its place "
                             "SALESFORCE_JWT_KEY and SALESFORCE_USERNAME); deskhand setup salesforce makes them with "
                             "an admin's SALESFORCE_ADMIN_TOKEN")
        return self

    def production(self) -> bool:
        """Sandboxes, scratch orgs and Developer Editions say so in their domain ("My Domain URL Formats")."""
        return not ("." in self.domain or "--" in self.domain or self.domain.endswith("-dev-ed"))

    def can_run(self) -> bool:
        """Whether Deskhand's own login is there."""
        return bool(self.client_id and (self.jwt_key or self.secrets()))

    @model_validator(mode="after")
    def _whom_the_key_signs_in(self) -> Self:
        if self.jwt_key and not self.username:
            raise ValueError("SALESFORCE_USERNAME is missing: the user whom SALESFORCE_JWT_KEY signs in")
        return self

    @field_validator("url")
    @classmethod
    def _allowed_address(cls, given: str | None, known: ValidationInfo) -> str | None:
        return check_address(given, [f"{known.data.get('domain', '')}{HOSTS[0]}"]) if given else None

    @field_validator("flags")
    @classmethod
    def _field_names(cls, given: dict[Flag, str]) -> dict[Flag, str]:
        for flag, name in given.items():
            if not re.fullmatch(r"(Account\.)?[A-Za-z]\w*", name):
                raise ValueError(f"{flag}: {name} is not a field of the contact or, as Account.Name, of its account")
        return given

    def home(self) -> str:
        """Where the org is addressed."""
        return f"https://{self.domain}{HOSTS[0]}"

    def hosts(self) -> tuple[str, ...]:
        """The one host requests may go to."""
        return (host_of(self.url or self.home()),)

    def secrets(self) -> list[str]:
        return [s.strip() for s in self.client_secret.get_secret_value().split(",") if s.strip()]
