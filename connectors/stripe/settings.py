"""What the environment says about the Stripe account."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from connectors.http import check_address, host_of

HOSTS = ("api.stripe.com",)


class StripeSettings(BaseModel):
    """One account, and the key that speaks for Deskhand there."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, hide_input_in_errors=True)

    api_key: SecretStr = Field(alias="STRIPE_API_KEY", description="A restricted key, from Stripe's Dashboard, "
                               "Developers, API keys (Charges and Refunds: write; Customers, Invoices, Subscriptions, "
                               "Disputes, Events and Account: read; all else none)")
    url: str = Field("https://api.stripe.com", alias="STRIPE_URL")
    sdk_log: str | None = Field(None, alias="STRIPE_LOG")

    @field_validator("api_key")
    @classmethod
    def a_secret_key(cls, key: SecretStr) -> SecretStr:
        if not key.get_secret_value().startswith(("rk_test_", "rk_live_", "sk_test_", "sk_live_")):
            raise ValueError("a Stripe key starts with rk_live_ or rk_test_ (restricted), or with sk_")
        return key

    @field_validator("url")
    @classmethod
    def an_allowed_address(cls, url: str) -> str:
        return check_address(url, HOSTS)

    @field_validator("sdk_log")
    @classmethod
    def no_bodies_on_the_console(cls, level: str | None) -> str | None:
        if level:
            raise ValueError("unset STRIPE_LOG: with it, Stripe's library prints whole answers")
        return level

    def live(self) -> bool:
        return "_live_" in self.api_key.get_secret_value()[:8]

    def hosts(self) -> tuple[str, ...]:
        """The one host requests may go to."""
        return (host_of(self.url),)

    def is_stripe(self) -> bool:
        """Not a stand-in."""
        return urlsplit(self.url).hostname in HOSTS
