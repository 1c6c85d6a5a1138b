"""What an admin sets for Salesforce."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from connectors.http import check_address

HOSTS = (".my.salesforce.com",)
"""Client credentials are given out on the org's own My Domain host only ("OAuth 2.0 Client Credentials Flow")."""

Flag = Literal["vip", "fraud", "legal_hold"]


class SalesforceSettings(BaseModel):
    """One org; `flags` names the contact's (or, as Account.X, its account's) fields that carry a flag."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, extra="ignore", hide_input_in_errors=True)

    domain: str = Field(alias="SALESFORCE_DOMAIN",
                        description="The My Domain name, as in acme for acme.my.salesforce.com")
    """My Domain name, such as acme or acme--uat.sandbox; the whole host name is fine too."""
    client_id: str = Field(alias="SALESFORCE_CLIENT_ID", min_length=1, description="The consumer key, from Setup, "
                           "External Client App Manager, the app, OAuth settings")
    client_secret: SecretStr = Field(alias="SALESFORCE_CLIENT_SECRET", min_length=1,
                                     description="The consumer secret, from the same page")
    """While it is being changed: the new one, a comma, the old one."""
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

    @field_validator("url")
    @classmethod
    def _allowed_address(cls, given: str | None) -> str | None:
        return check_address(given, HOSTS) if given else None

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
        """Where requests may go besides loopback: the org's hosts, or only the other address when one is set."""
        return HOSTS if self.url is None else (urlsplit(self.url).hostname or "",)

    def secrets(self) -> list[str]:
        return [s.strip() for s in self.client_secret.get_secret_value().split(",") if s.strip()]
