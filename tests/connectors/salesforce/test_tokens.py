"""Signing in with the app's secret or with a key: once for all threads, and by the org's clock where ours is wrong."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import ValidationError
from requests.adapters import BaseAdapter

from connectors.contract import Surroundings, Unavailable
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.wire import Wire
from tests.connectors.salesforce.acme import NOW, Time

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def given(domain: str) -> dict[str, str]:
    return {"access_token": "00D!token", "instance_url": f"https://{domain}.my.salesforce.com", "token_type": "Bearer"}


class TokenDoor(BaseAdapter):
    """Salesforce's token endpoint for a key: checks the assertion by its own clock."""

    def __init__(self, clock: datetime) -> None:
        super().__init__()
        self.clock = clock
        self.domain = "acme"
        self.forms: list[dict[str, str]] = []
        self.claims: list[dict[str, Any]] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        form = {name: one[0] for name, one in parse_qs(str(request.body)).items()}
        self.forms.append(form)
        claims = jwt.decode(form["assertion"], KEY.public_key(), algorithms=["RS256"], options={
            "verify_exp": False, "verify_aud": False})
        self.claims.append(claims)
        left = claims["exp"] - self.clock.timestamp()
        response = requests.Response()
        response.status_code = 200 if 0 < left <= 300 else 400
        response.headers["Date"] = format_datetime(self.clock, usegmt=True)
        refused = {"error": "invalid_grant", "error_description": "invalid assertion"}
        response._content = json.dumps(given(self.domain) if response.ok else refused).encode()
        response.request, response.url = request, request.url or ""
        return response

    def close(self) -> None:
        """Nothing is held open."""


def keyed(**more: Any) -> SalesforceSettings:
    return SalesforceSettings.model_validate({
        "SALESFORCE_DOMAIN": "acme", "SALESFORCE_CLIENT_ID": "3MVG9", "SALESFORCE_JWT_KEY": PEM,
        "SALESFORCE_USERNAME": "deskhand@acme.example", **more})


def at_the_door(clock: datetime, **more: Any) -> tuple[Wire, TokenDoor]:
    door = TokenDoor(clock)
    return Wire(keyed(**more), Surroundings(now=Time(), transports={"salesforce": door})), door


def test_a_key_signs_in_with_an_assertion_of_three_minutes() -> None:
    wire, door = at_the_door(NOW)
    assert wire.tokens.current().access_token == "00D!token"
    assert door.forms[0]["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    assert door.claims == [{"iss": "3MVG9", "sub": "deskhand@acme.example", "aud": "https://login.salesforce.com",
                            "exp": int(NOW.timestamp()) + 180}]


@pytest.mark.parametrize("domain", ["acme--uat.sandbox", "acme-dev.scratch"])
def test_sandboxes_are_signed_in_to_at_the_other_door(domain: str) -> None:
    wire, door = at_the_door(NOW, SALESFORCE_DOMAIN=domain)
    door.domain = domain
    wire.tokens.current()
    assert door.claims[0]["aud"] == "https://test.salesforce.com"


@pytest.mark.parametrize("wrong", [timedelta(hours=1), timedelta(hours=-1), timedelta(days=30)])
def test_with_a_clock_of_ours_that_is_wrong_the_orgs_own_clock_counts(wrong: timedelta) -> None:
    wire, door = at_the_door(NOW + wrong)
    assert wire.tokens.current().access_token == "00D!token"
    assert len(door.claims) == 2


def test_where_the_clocks_agree_a_refused_key_is_not_tried_again() -> None:
    wire, door = at_the_door(NOW)
    door.send = lambda request, *more, **options: _refusal(request)  # type: ignore[method-assign]
    with pytest.raises(Unavailable, match="SALESFORCE_JWT_KEY, SALESFORCE_USERNAME") as end:
        wire.tokens.current()
    assert (end.value.reason, end.value.lasting) == ("credentials", True)


def _refusal(request: requests.PreparedRequest) -> requests.Response:
    response = requests.Response()
    response.status_code, response.request, response.url = 400, request, request.url or ""
    response._content = b'{"error":"invalid_grant","error_description":"user hasn\'t approved this consumer"}'
    return response


def test_one_token_is_kept_until_it_lapses() -> None:
    wire, door = at_the_door(NOW)
    wire.tokens.current()
    wire.tokens.current()
    assert len(door.forms) == 1


def test_a_key_may_stand_in_a_file_or_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_text(PEM)
    in_file = keyed(SALESFORCE_JWT_KEY=str(file)).jwt_key
    in_line = keyed(SALESFORCE_JWT_KEY=PEM.replace("\n", "\\n")).jwt_key
    assert in_file is not None
    assert in_line is not None
    assert in_file.get_secret_value() == in_line.get_secret_value() == PEM
    assert "PRIVATE" not in repr(keyed())


EC = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize("wrong", ["nowhere.pem", EC, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"])
def test_a_key_that_cannot_sign_is_refused_at_the_start(wrong: str) -> None:
    with pytest.raises(ValidationError, match="SALESFORCE_JWT_KEY") as refusal:
        keyed(SALESFORCE_JWT_KEY=wrong)
    assert "AAAA" not in str(refusal.value)


def test_a_key_without_the_user_whom_it_signs_in_is_refused() -> None:
    with pytest.raises(ValidationError, match="SALESFORCE_USERNAME is missing"):
        keyed(SALESFORCE_USERNAME=None)


@pytest.mark.parametrize("id", ["00D5e000000DHsk", "0055e000000DHskEAG", "00D5e000000DHskEAG1"])
def test_an_org_is_named_by_its_eighteen_characters(id: str) -> None:
    with pytest.raises(ValidationError, match="SALESFORCE_ORG_ID"):
        keyed(SALESFORCE_ORG_ID=id)
