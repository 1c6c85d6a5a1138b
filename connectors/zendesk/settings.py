"""What the environment says about the Zendesk account."""

from __future__ import annotations

from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from connectors.http import ForbiddenAddress, check_address, host_of

VENDOR = "zendesk"


class ZendeskSettings(BaseModel):
    """One account, and what speaks for Deskhand there: an OAuth client, an OAuth token, or an API token. The first of
    these that is set counts."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, hide_input_in_errors=True)

    subdomain: str = Field(alias="ZENDESK_SUBDOMAIN", pattern=r"^[a-z0-9][a-z0-9-]*$",
                           description="The account's subdomain, as in acme for acme.zendesk.com")
    email: str | None = Field(None, alias="ZENDESK_EMAIL", pattern=r"^[^@\s:]+@[^@\s:]+$")
    api_token: SecretStr | None = Field(None, alias="ZENDESK_API_TOKEN")
    oauth_token: SecretStr | None = Field(None, alias="ZENDESK_OAUTH_TOKEN")
    oauth_client: str | None = Field(None, alias="ZENDESK_OAUTH_CLIENT_ID", pattern=r"^\S{1,200}$", description="The "
                                     "identifier of an OAuth client of kind confidential, from Admin Center, Apps and "
                                     "integrations, APIs, OAuth clients (Enter: the setup makes one, if an admin has "
                                     "an API token)")
    oauth_secret: SecretStr | None = Field(None, alias="ZENDESK_OAUTH_CLIENT_SECRET", description="Its secret",
                                           json_schema_extra={"only_with": "ZENDESK_OAUTH_CLIENT_ID"})
    sandbox: bool = Field(False, alias="ZENDESK_SANDBOX", description="Is it a sandbox, and not where customers write?")
    url: str | None = Field(None, alias="ZENDESK_URL")

    @model_validator(mode="after")
    def complete(self) -> Self:
        if not (self.has_client() or self.oauth_token or (self.email and self.api_token)):
            raise ValueError("set ZENDESK_OAUTH_CLIENT_ID and ZENDESK_OAUTH_CLIENT_SECRET, or ZENDESK_OAUTH_TOKEN, "
                             "or ZENDESK_EMAIL and ZENDESK_API_TOKEN")
        self.address()
        return self

    def has_client(self) -> bool:
        return bool(self.oauth_client and self.oauth_secret)

    def hosts(self) -> tuple[str, ...]:
        """The one host requests may go to."""
        return (host_of(self.address()),)

    def address(self) -> str:
        """The account's address without a trailing slash. Raises ForbiddenAddress for any host but its own."""
        own = f"{self.subdomain}.zendesk.com"
        try:
            chosen = check_address(self.url or f"https://{own}", [own])
        except ForbiddenAddress as error:
            raise ForbiddenAddress(f"ZENDESK_URL: {error}") from error
        if "." not in (urlsplit(chosen).hostname or ""):
            raise ValueError("ZENDESK_URL: write 127.0.0.1 instead of a name without dots")
        return chosen
