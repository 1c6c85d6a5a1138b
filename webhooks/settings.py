"""What the environment and `.env` say: secrets and addresses. Every error names its variable and what to do."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from connectors import redaction
from connectors.contract import Connector, Surroundings
from connectors.keys import read_keys
from webhooks.config import Config
from webhooks.sessions import origin_of
from webhooks.sidebar import SDK, ZendeskFrame
from webhooks.signed import CERTIFICATE
from webhooks.tokens import SignedApp
from webhooks.zendesk import TEST_SECRET

EXAMPLE_KEY = "change-me"
SHORTEST_KEY = 24
SHORTEST_HIDDEN = 6
"""Characters from which a value is kept out of a mistake's words."""


LOOPBACK = ("localhost", "127.0.0.1", "::1")


class SettingsUnusable(ValueError):
    """Settings are missing or wrong; each line names one variable."""


class Own(BaseModel):
    """Deskhand's own settings."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, hide_input_in_errors=True)

    secret_key: SecretStr = Field(alias="DESKHAND_SECRET_KEY")
    database_url: str | None = Field(None, alias="DESKHAND_DATABASE_URL", repr=False)
    data: Path = Field(Path("var"), alias="DESKHAND_DATA")
    public_url: str | None = Field(None, alias="DESKHAND_PUBLIC_URL", description="The address at which vendors and "
                                   "people reach Deskhand, as in https://deskhand.example.com")
    policy: Path | None = Field(None, alias="DESKHAND_POLICY")
    config: Path = Field(Path("deskhand.toml"), alias="DESKHAND_CONFIG")
    sender_auth: bool = Field(False, alias="ZENDESK_SENDER_AUTH", description="Does Zendesk check who sends a mail? "
                              "(Admin Center, Channels, Email, Sender authentication)")
    salesforce_sender_auth: bool = Field(False, alias="SALESFORCE_SENDER_AUTH", description="Do Salesforce's "
                                         "Email-to-Case addresses check who sends a mail? (Setup, Email-to-Case, the "
                                         "routing address, Advanced Email Security Settings)")
    zendesk_webhook_secret: SecretStr | None = Field(None, alias="ZENDESK_WEBHOOK_SECRET")
    zendesk_account_id: int | None = Field(None, alias="ZENDESK_ACCOUNT_ID")
    zendesk_app_public_key: str | None = Field(None, alias="ZENDESK_APP_PUBLIC_KEY", repr=False)
    zendesk_app_installation: str | None = Field(None, alias="ZENDESK_APP_INSTALLATION_ID")

    zendesk_app_origin: str | None = Field(None, alias="ZENDESK_APP_ORIGIN")
    zendesk_sdk_url: str = Field(SDK, alias="ZENDESK_SDK_URL")

    @field_validator("public_url")
    @classmethod
    def _an_address(cls, said: str | None) -> str | None:
        if not said:
            return None
        parts = urlsplit(said)
        secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
        if not secure or not parts.hostname or parts.username or parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError("write the address people reach Deskhand at, without a path: https://deskhand.example.com")
        return origin_of(said)

    @field_validator("zendesk_app_origin")
    @classmethod
    def _of_zendesk(cls, said: str | None) -> str | None:
        if said and not (_is_local(said) or re.fullmatch(r"https://[a-z0-9-]+\.zendesk\.com", said, re.ASCII)):
            raise ValueError("write https://acme.zendesk.com; only a stand-in on this machine has another address")
        return origin_of(said) if said else None

    @field_validator("zendesk_sdk_url")
    @classmethod
    def _zendesks_script(cls, said: str) -> str:
        if said != SDK and not _is_local(said):
            raise ValueError(f"Zendesk's app script comes from {SDK}, or in tests from this machine")
        return said

    salesforce_certificate: str | None = Field(None, alias="SALESFORCE_CERTIFICATE", repr=False)
    salesforce_outbound_token: SecretStr | None = Field(None, alias="SALESFORCE_OUTBOUND_TOKEN")

    @field_validator("salesforce_certificate")
    @classmethod
    def _certificates(cls, said: str | None) -> str | None:
        if said:
            read_keys(said, CERTIFICATE)
        return said

    @field_validator("salesforce_outbound_token")
    @classmethod
    def _long(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret and not all(re.fullmatch(r"[A-Za-z0-9_-]{32,200}", one, re.ASCII) for one in _each(secret)):
            raise ValueError("write at least 32 letters, digits, - and _; make one with: openssl rand -hex 24")
        return secret

    stripe_webhook_secret: SecretStr | None = Field(None, alias="STRIPE_WEBHOOK_SECRET")
    stripe_account_id: str | None = Field(None, alias="STRIPE_ACCOUNT_ID", pattern=r"^acct_[A-Za-z0-9_]{1,100}$")

    @field_validator("secret_key")
    @classmethod
    def _strong(cls, key: SecretStr) -> SecretStr:
        for one in key.get_secret_value().split(","):
            if EXAMPLE_KEY in one or len(one.strip()) < SHORTEST_KEY:
                raise ValueError(f"each value needs at least {SHORTEST_KEY} characters of your own; "
                                 "make one with: openssl rand -base64 36")
        return key

    @field_validator("zendesk_webhook_secret")
    @classmethod
    def _not_public(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret and TEST_SECRET in secret.get_secret_value():
            raise ValueError("this is Zendesk's public test secret; copy the webhook's own signing secret")
        return secret

    @field_validator("stripe_webhook_secret")
    @classmethod
    def _an_endpoints(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret and not all(one.startswith("whsec_") for one in _each(secret)):
            raise ValueError("copy the signing secret of the webhook endpoint; it starts with whsec_")
        return secret

    @field_validator("zendesk_app_public_key")
    @classmethod
    def _readable(cls, said: str | None) -> str | None:
        if said:
            read_keys(said)
        return said

    @field_validator("zendesk_app_installation")
    @classmethod
    def _number(cls, said: str | None) -> str | None:
        if said and not re.fullmatch(r"[1-9][0-9]{0,18}", said, re.ASCII):
            raise ValueError("write the number of the app's installation, digits only")
        return said

    def signed_app(self, account: str) -> SignedApp | None:
        """Whose sidebar tokens count; None while the app's key or its installation is not set."""
        if not (self.zendesk_app_public_key and self.zendesk_app_installation):
            return None
        return SignedApp(account, self.zendesk_app_installation, read_keys(self.zendesk_app_public_key))

    def frame(self, account: str) -> ZendeskFrame | None:
        """Whose pages may show the sidebar, and whose tokens count; None while it is not set up."""
        app = self.signed_app(account)
        if app is None:
            return None
        return ZendeskFrame(app, self.zendesk_app_origin or f"https://{app.host}", self.zendesk_sdk_url)

    def senders_checked(self) -> frozenset[str]:
        """The helpdesks that authenticate senders, as an admin attests."""
        attested = {"zendesk": self.sender_auth, "salesforce": self.salesforce_sender_auth}
        return frozenset(vendor for vendor, checked in attested.items() if checked)

    def webhook_secrets(self) -> tuple[str, ...]:
        """Zendesk's: one secret, or two during a rotation, newest first."""
        return _each(self.zendesk_webhook_secret)

    def salesforce_certificates(self) -> tuple[str, ...]:
        """What the org signs with: certificates or public keys as one text; none while the package is not set up."""
        return (self.salesforce_certificate,) if self.salesforce_certificate else ()

    def salesforce_outbound_tokens(self) -> tuple[str, ...]:
        """As `webhook_secrets`; with none, the org's outbound messages are not taken."""
        return _each(self.salesforce_outbound_token)

    def stripe_webhook_secrets(self) -> tuple[str, ...]:
        """As `webhook_secrets`; with none, Stripe's events are not taken, and refunds are only looked at by time."""
        return _each(self.stripe_webhook_secret)


def _is_local(url: str) -> bool:
    return urlsplit(url).hostname in LOOPBACK and not re.search(r"[\s;,'\"]", url)


def _each(secret: SecretStr | None) -> tuple[str, ...]:
    given = secret.get_secret_value() if secret else ""
    return tuple(one.strip() for one in given.split(",") if one.strip())


@dataclass(frozen=True)
class Settings:
    own: Own
    connectors: dict[str, tuple[Connector, Any]]
    """The vendors that are on, with their settings."""
    off: dict[str, str]
    """The vendors that are off, with what to set to switch them on."""


def environment(folder: Path = Path()) -> dict[str, str]:
    """The variables that count: the process's own before those of `.env`. No log will show the secrets among them."""
    written = {k: v for k, v in dotenv_values(folder / ".env", interpolate=False).items() if v is not None}
    redaction.learn_settings(written)
    redaction.learn_settings(os.environ)
    return {**written, **os.environ}


def data_path(env: Mapping[str, str], folder: Path = Path()) -> Path:
    """Where the installation in this folder keeps its embedded database and its file `paused`."""
    return folder / (env.get("DESKHAND_DATA", "").strip() or "var")


@dataclass(frozen=True)
class Reading:
    """What the environment gives, as far as it can be read; each mistake names one variable and what to do."""

    own: Own | None
    connectors: dict[str, tuple[Connector, Any]]
    off: dict[str, str]
    mistakes: tuple[str, ...]


def load_settings(env: Mapping[str, str], config: Config | None = None) -> Settings:
    """Raises SettingsUnusable, naming every variable that is missing or wrong."""
    read = read_settings(env, config)
    if read.mistakes or read.own is None:
        raise SettingsUnusable("\n".join(read.mistakes))
    return Settings(read.own, read.connectors, read.off)


def read_settings(env: Mapping[str, str], config: Config | None = None) -> Reading:
    given = {name: value for name, value in env.items() if value.strip()}
    mistakes: list[str] = []
    own = _read(Own, given, mistakes)
    on: dict[str, tuple[Connector, Any]] = {}
    off: dict[str, str] = {}
    for connector in connectors():
        names = [field.alias or name for name, field in connector.settings.model_fields.items()]
        needed = [field.alias or name for name, field in connector.settings.model_fields.items() if field.is_required()]
        if not any(name in given for name in names):
            off[connector.name] = "set " + ", ".join(needed or names[:1])
            continue
        if (read := _read(connector.settings, {**given, **_flags(connector, config)}, mistakes)) is not None:
            on[connector.name] = (connector, read)
    if "zendesk" in on and own and not own.webhook_secrets():
        mistakes.append("ZENDESK_WEBHOOK_SECRET is missing: the signing secret of the webhook that calls Deskhand")
    if own and "salesforce" in on and "helpdesk" in _plays(*on["salesforce"]) and not (
            own.salesforce_certificates() or own.salesforce_outbound_tokens()):
        mistakes.append("SALESFORCE_CERTIFICATE is missing: the certificate that the org's package signs with")
    if own and bool(own.zendesk_app_public_key) != bool(own.zendesk_app_installation):
        mistakes.append("ZENDESK_APP_PUBLIC_KEY and ZENDESK_APP_INSTALLATION_ID belong together: set both for the "
                        "sidebar, or neither")
    if own and own.zendesk_app_installation and own.zendesk_app_public_key and not own.public_url:
        mistakes.append("DESKHAND_PUBLIC_URL is missing: the address at which the sidebar reaches Deskhand")
    if "zendesk" in off and not any("helpdesk" in _plays(connector, said) for connector, said in on.values()):
        mistakes.append("no helpdesk is configured: set ZENDESK_SUBDOMAIN, or SALESFORCE_DOMAIN and run deskhand setup "
                        "salesforce, which writes SALESFORCE_ORG_ID")
    return Reading(own, on, off, tuple(mistakes))


def _plays(connector: Connector, said: Any) -> set[str]:
    return set(connector.connected(said, Surroundings()))


def connectors() -> list[Connector]:
    """Every vendor's folder that is installed, found by its entry point."""
    return [point.load() for point in sorted(entry_points(group="deskhand.connectors"), key=lambda one: one.name)]


def _read(model: type[Any], given: Mapping[str, Any], mistakes: list[str]) -> Any:
    try:
        return model.model_validate(dict(given))
    except ValidationError as error:
        mistakes.extend(_mistake(model, one, given) for one in error.errors())
        return None


def _mistake(model: type[BaseModel], error: Any, given: Mapping[str, Any]) -> str:
    name = str(error["loc"][0]) if error["loc"] else ""
    if error["type"] == "missing":
        return f"{name} is missing" + _what(name)
    if ours := MENDS.get(error["type"]) or HINTS.get(name):
        return f"{name}: {ours}"
    said = error["msg"].removeprefix("Value error, ")
    for alias in (field.alias or name for name, field in model.model_fields.items()):
        value = str(given.get(alias, ""))
        if len(value) >= SHORTEST_HIDDEN and value in said:  # an address may hold a password
            said, name = said.replace(value, "the value given"), name or alias
    return f"{name}: {said}" if name else said


MENDS = {"bool_parsing": "write on or off", "int_parsing": "write the number, digits only"}
HINTS = {"ZENDESK_SUBDOMAIN": "write acme for acme.zendesk.com"}


def _what(name: str) -> str:
    hints = {"DESKHAND_SECRET_KEY": ": a secret of your own; make one with: openssl rand -base64 36"}
    return hints.get(name, "")


def _flags(connector: Connector, config: Config | None) -> dict[str, Any]:
    """Where deskhand.toml says this vendor holds vip, fraud or legal_hold, for a connector that reads them itself."""
    if config is None or "flags" not in connector.settings.model_fields:
        return {}
    places = config.flags.model_dump()
    prefix = f"{connector.name}:"
    return {"flags": {name: place.removeprefix(prefix) for name, place in places.items()
                      if place and place.startswith(prefix)}}
