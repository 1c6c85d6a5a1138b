"""What the environment says about the Zendesk account."""

from __future__ import annotations

from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from connectors.http import check_address


class ZendeskSettings(BaseModel):
    """One account, and the API token or OAuth token that speaks for Deskhand there."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, hide_input_in_errors=True)

    subdomain: str = Field(alias="ZENDESK_SUBDOMAIN", pattern=r"^[a-z0-9][a-z0-9-]*$")
    email: str | None = Field(None, alias="ZENDESK_EMAIL", pattern=r"^[^@\s:]+@[^@\s:]+$")
    api_token: SecretStr | None = Field(None, alias="ZENDESK_API_TOKEN")
    oauth_token: SecretStr | None = Field(None, alias="ZENDESK_OAUTH_TOKEN")
    sandbox: bool = Field(False, alias="ZENDESK_SANDBOX")
    url: str | None = Field(None, alias="ZENDESK_URL")

    @model_validator(mode="after")
    def complete(self) -> Self:
        if not self.oauth_token and not (self.email and self.api_token):
            raise ValueError("set ZENDESK_EMAIL and ZENDESK_API_TOKEN, or ZENDESK_OAUTH_TOKEN")
        self.address()
        return self

    def hosts(self) -> tuple[str, ...]:
        """The one host requests may go to; a stand-in on loopback leaves none besides loopback."""
        return () if self.url else (f"{self.subdomain}.zendesk.com",)

    def address(self) -> str:
        """The account's address without a trailing slash. Raises ForbiddenAddress for any host but its own."""
        own = f"{self.subdomain}.zendesk.com"
        chosen = check_address(self.url or f"https://{own}", [own])
        if "." not in (urlsplit(chosen).hostname or ""):
            raise ValueError("ZENDESK_URL: write 127.0.0.1 instead of a name without dots")
        return chosen
