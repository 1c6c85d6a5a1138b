"""Only a fresh token that Zendesk signed for this installation says who is looking, and it says so once."""

from __future__ import annotations

import base64
import json
import logging
import string
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from flask import Flask, request
from sqlalchemy import Engine, func, select

from agent.tables import used_tokens
from connectors.keys import read_keys
from tests.webhooks.forging import AT, AUDIENCE, CLAIMS, HEADER, Forge, b64, by_secret, dumped, unsigned
from tests.webhooks.signing import NOW
from webhooks.problems import Refused
from webhooks.sessions import posted_token
from webhooks.settings import SettingsUnusable, load_settings
from webhooks.tokens import LONGEST_LIFE, NotVerified, Why, use_once, verify

ZENDESK, ATTACKER, NEXT = Forge.new(), Forge.new(), Forge.new()
APP = ZENDESK.app()
EVIL = "https://evil.example/keys.json"


def refusal(token: str, at: int = 0) -> Why | None:
    """Why the token is refused, `at` seconds later; None when it is accepted."""
    try:
        verify(token, APP, NOW + timedelta(seconds=at))
    except NotVerified as refused:
        return refused.why
    return None


def swapped(token: str, part: int, by: str) -> str:
    parts = token.split(".")
    parts[part] = by
    return ".".join(parts)


def with_claim_twice(name: str, other: Any) -> str:
    twice = dumped(CLAIMS)[:-1] + b"," + json.dumps(name).encode() + b":" + json.dumps(other).encode() + b"}"
    return ZENDESK.raw(dumped(HEADER), twice)


def loosely_encoded(token: str) -> str:
    """The same signature written another way: its last character carries four bits that nobody reads."""
    letters = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
    return token[:-1] + letters[letters.index(token[-1]) + 1]


def test_a_token_as_zendesk_makes_it_says_who_is_looking() -> None:
    claims = verify(ZENDESK.token(), APP, NOW)
    assert (claims.account, claims.installation, claims.user) == ("acme", "42", "7")
    assert (claims.product, claims.location) == ("support", "ticket_sidebar")
    assert claims.expires_at == NOW + timedelta(minutes=5)


@pytest.mark.parametrize("token", [
    ZENDESK.token(iss="https://acme.zendesk.com"),
    ZENDESK.token(sub="https://acme.zendesk.com/api/v2/users/7"),
    ZENDESK.token(sub="7"),
    ZENDESK.token({"typ": None}),
    ZENDESK.token({"kid": "key-1"}),
    ZENDESK.token(nbf=None),
    ZENDESK.token(context=None),
    ZENDESK.token(cnf={"jku": EVIL}, role="admin"),
], ids=["iss with https", "sub without .json", "sub as id", "no typ", "a plain kid", "no nbf", "no context", "more"])
def test_what_zendesk_may_write_differently_is_accepted(token: str) -> None:
    assert verify(token, APP, NOW).user == "7"


def test_the_life_of_a_token_ends_with_its_exp_and_a_small_leeway() -> None:
    token = ZENDESK.token()
    assert [refusal(token, at) for at in (-31, -30, 0, 299, 329, 330)] == [
        Why.NOT_YET, None, None, None, None, Why.EXPIRED]


def test_during_a_rotation_two_keys_count_and_afterwards_one() -> None:
    both, after = ZENDESK.app(NEXT), NEXT.app()
    assert [verify(one.token(), both, NOW).user for one in (ZENDESK, NEXT)] == ["7", "7"]
    with pytest.raises(NotVerified, match="not signed with the app's key"):
        verify(ZENDESK.token(), after, NOW)
    with pytest.raises(NotVerified, match="not signed with the app's key"):
        verify(ATTACKER.token(), both, NOW)


ATTACKS: dict[str, tuple[str, Why]] = {
    # who signed
    "alg none": (unsigned("none"), Why.SHAPE),
    "alg none with a signature": (unsigned("none", "AAAA"), Why.HEADER),
    "alg NONE": (unsigned("NONE", "AAAA"), Why.HEADER),
    "alg empty": (unsigned("", "AAAA"), Why.HEADER),
    "alg RS256 without a signature": (unsigned("RS256"), Why.SHAPE),
    "alg RS256 with a made-up signature": (unsigned("RS256", b64(b"\0" * 256)), Why.SIGNATURE),
    "alg missing": (ZENDESK.token({"alg": None}), Why.HEADER),
    "alg as list": (ZENDESK.token({"alg": ["RS256"]}), Why.HEADER),
    "alg rs256": (ZENDESK.token({"alg": "rs256"}), Why.HEADER),
    "alg RS256 and a space": (ZENDESK.token({"alg": "RS256 "}), Why.HEADER),
    "alg RS512": (ZENDESK.raw(dumped(HEADER | {"alg": "RS512"}), dumped(CLAIMS), SHA512()), Why.HEADER),
    "alg RS256 over SHA-512": (ZENDESK.raw(dumped(HEADER), dumped(CLAIMS), SHA512()), Why.SIGNATURE),
    "PSS instead of PKCS 1": (ZENDESK.pss(), Why.SIGNATURE),
    "HS256 by the public key's PEM": (by_secret(ZENDESK.pem.encode()), Why.HEADER),
    "HS256 by the PEM without its last line end": (by_secret(ZENDESK.pem.strip().encode()), Why.HEADER),
    "HS256 by the public key's DER": (by_secret(ZENDESK.der), Why.HEADER),
    "HMAC by the PEM, called RS256": (by_secret(ZENDESK.pem.encode(), {"alg": "RS256"}), Why.SIGNATURE),
    "HS256 by nothing": (by_secret(b""), Why.HEADER),
    "another RSA key": (ATTACKER.token(), Why.SIGNATURE),
    "another RSA key under our kid": (ATTACKER.token({"kid": "key-1"}), Why.SIGNATURE),
    "a weak key": (Forge.new(1024).token(), Why.SIGNATURE),
    "signature of another token": (swapped(ZENDESK.token(), 1, b64(dumped(CLAIMS | {"sub": "8"}))), Why.SIGNATURE),
    "header changed after signing": (swapped(ZENDESK.token(), 0, b64(dumped(HEADER | {"kid": "x"}))), Why.SIGNATURE),
    # which key
    "own key as jwk": (ATTACKER.token({"jwk": ATTACKER.jwk()}), Why.HEADER),
    "own key as jwk, signed rightly": (ZENDESK.token({"jwk": ATTACKER.jwk()}), Why.HEADER),
    "jku": (ATTACKER.token({"jku": EVIL}), Why.HEADER),
    "x5u": (ATTACKER.token({"x5u": EVIL}), Why.HEADER),
    "x5c": (ATTACKER.token({"x5c": [b64(ATTACKER.der)]}), Why.HEADER),
    "jku in the claims": (ATTACKER.token(cnf={"jku": EVIL}), Why.SIGNATURE),
    "kid that is a path": (by_secret(b"", {"alg": "RS256", "kid": "../../../dev/null"}), Why.HEADER),
    "kid that is a path, signed rightly": (ZENDESK.token({"kid": "../../keys/other.pem"}), Why.HEADER),
    "kid that is SQL": (ZENDESK.token({"kid": "x' UNION SELECT 'k"}), Why.HEADER),
    "kid that is an address": (ZENDESK.token({"kid": EVIL}), Why.HEADER),
    "kid with a NUL": (ZENDESK.token({"kid": "key-1\0"}), Why.HEADER),
    "kid with a line end": (ZENDESK.token({"kid": "key-1\n"}), Why.HEADER),
    "kid as number": (ZENDESK.token({"kid": 1}), Why.HEADER),
    "kid as object": (ZENDESK.token({"kid": {"$ne": 1}}), Why.HEADER),
    # header tricks
    "crit and b64": (ZENDESK.token({"crit": ["b64"], "b64": False}), Why.HEADER),
    "zip": (ZENDESK.token({"zip": "DEF"}), Why.HEADER),
    "cty JWT": (ZENDESK.token({"cty": "JWT"}), Why.HEADER),
    "typ of another kind": (ZENDESK.token({"typ": "at+jwt"}), Why.HEADER),
    "alg twice": (ZENDESK.raw(b'{"alg":"none","alg":"RS256"}', dumped(CLAIMS)), Why.HEADER),
    "header is a list": (ZENDESK.raw(b'["RS256"]', dumped(CLAIMS)), Why.HEADER),
    "header is no JSON": (ZENDESK.raw(b"RS256", dumped(CLAIMS)), Why.HEADER),
    "header with a byte order mark": (ZENDESK.raw(b"\xef\xbb\xbf" + dumped(HEADER), dumped(CLAIMS)), Why.HEADER),
    "header in UTF-16": (ZENDESK.raw(json.dumps(HEADER).encode("utf-16"), dumped(CLAIMS)), Why.HEADER),
    "header nested deeply": (ZENDESK.raw(b'{"alg":' + b"[" * 3000, dumped(CLAIMS)), Why.HEADER),
    # shape
    "empty": ("", Why.SHAPE),
    "two parts": (ZENDESK.token().rpartition(".")[0], Why.SHAPE),
    "four parts": (ZENDESK.token() + ".AAAA", Why.SHAPE),
    "empty parts": ("..", Why.SHAPE),
    "an encrypted token's five parts": ("a.b.c.d.e", Why.SHAPE),
    "a space before": (" " + ZENDESK.token(), Why.SHAPE),
    "a line end after": (ZENDESK.token() + "\n", Why.SHAPE),
    "a space inside": (ZENDESK.token().replace(".", ". ", 1), Why.SHAPE),
    "a NUL after": (ZENDESK.token() + "\0", Why.SHAPE),
    "Bearer before": ("Bearer " + ZENDESK.token(), Why.SHAPE),
    "padded base64": (swapped(ZENDESK.token(), 2, ZENDESK.token().split(".")[2] + "=="), Why.SHAPE),
    "base64 with plus and slash": (swapped(ZENDESK.token(), 2, "+/" + "A" * 340), Why.SHAPE),
    "the same signature in another spelling": (loosely_encoded(ZENDESK.token()), Why.SHAPE),
    "full-width letters": (ZENDESK.token().replace("e", "ｅ", 1), Why.SHAPE),
    "full-width dots": (ZENDESK.token().replace(".", "．"), Why.SHAPE),
    "a lone surrogate": (ZENDESK.token() + "\ud800", Why.SHAPE),
    "the JSON form": (json.dumps({"payload": b64(dumped(CLAIMS)), "signature": "AAAA"}), Why.SHAPE),
    "huge": (ZENDESK.token(more="x" * 9000), Why.SIZE),
    "huge and meaningless": ("a" * 5_000_000, Why.SIZE),
    # claims
    "claims are a list": (ZENDESK.raw(dumped(HEADER), b"[]"), Why.CLAIMS),
    "claims are a token": (ZENDESK.raw(dumped(HEADER), ZENDESK.token().encode()), Why.CLAIMS),
    "claims are no JSON": (ZENDESK.raw(dumped(HEADER), b"{"), Why.CLAIMS),
    "claims nested deeply": (ZENDESK.raw(dumped(HEADER), b'{"a":' + b"[" * 2500 + b"]" * 2500 + b"}"), Why.CLAIMS),
    "exp twice": (with_claim_twice("exp", AT + 600), Why.CLAIMS),
    "sub twice": (with_claim_twice("sub", "https://acme.zendesk.com/api/v2/users/1.json"), Why.CLAIMS),
    "aud twice": (with_claim_twice("aud", AUDIENCE), Why.CLAIMS),
    "a name twice further down": (ZENDESK.raw(dumped(HEADER), dumped(CLAIMS | {"context": {}}).replace(
        b'"context":{}', b'"context":{"product":"a","product":"b"}')), Why.CLAIMS),
    "context is text": (ZENDESK.token(context="ticket_sidebar"), Why.CLAIMS),
    # time
    "expired": (ZENDESK.token(iat=AT - 600, nbf=None, exp=AT - 300), Why.EXPIRED),
    "expired by one second more than the leeway": (ZENDESK.token(iat=AT - 99, nbf=None, exp=AT - 30), Why.EXPIRED),
    "no exp": (ZENDESK.token(exp=None), Why.CLAIMS),
    "exp as text": (ZENDESK.token(exp="9999999999"), Why.CLAIMS),
    "exp as a fraction": (ZENDESK.token(exp=AT + 300.5), Why.CLAIMS),
    "exp as true": (ZENDESK.token(exp=True), Why.CLAIMS),
    "exp as a list": (ZENDESK.token(exp=[AT + 300]), Why.CLAIMS),
    "exp is Infinity": (ZENDESK.token(exp=float("inf")), Why.CLAIMS),
    "exp is NaN": (ZENDESK.token(exp=float("nan")), Why.CLAIMS),
    "exp beyond every date": (ZENDESK.token(exp=10**18), Why.CLAIMS),
    "exp of 5,000 digits": (ZENDESK.raw(dumped(HEADER), dumped(CLAIMS).replace(
        str(AT + 300).encode(), b"9" * 5000)), Why.CLAIMS),
    "exp below zero": (ZENDESK.token(exp=-1), Why.CLAIMS),
    "exp before iat": (ZENDESK.token(exp=AT - 1), Why.CLAIMS),
    "no iat": (ZENDESK.token(iat=None), Why.CLAIMS),
    "iat in the future": (ZENDESK.token(iat=AT + 31, nbf=None), Why.NOT_YET),
    "nbf in the future": (ZENDESK.token(nbf=AT + 31), Why.NOT_YET),
    "nbf as text": (ZENDESK.token(nbf="0"), Why.CLAIMS),
    "lives for ten years": (ZENDESK.token(exp=AT + 315_360_000), Why.LIFE),
    "lives a second too long": (ZENDESK.token(exp=AT + int(LONGEST_LIFE.total_seconds()) + 1), Why.LIFE),
    # for whom
    "aud of another installation": (ZENDESK.token(aud=AUDIENCE.replace("42", "43")), Why.AUDIENCE),
    "aud of another account": (ZENDESK.token(aud=AUDIENCE.replace("acme", "acme2")), Why.AUDIENCE),
    "aud as a list": (ZENDESK.token(aud=[AUDIENCE]), Why.AUDIENCE),
    "aud as a list with others": (ZENDESK.token(aud=[EVIL, AUDIENCE]), Why.AUDIENCE),
    "aud as an object": (ZENDESK.token(aud={AUDIENCE: 1}), Why.AUDIENCE),
    "aud that goes on": (ZENDESK.token(aud=AUDIENCE + "?x=1"), Why.AUDIENCE),
    "aud that begins so": (ZENDESK.token(aud=AUDIENCE[:-5]), Why.AUDIENCE),
    "aud in capitals": (ZENDESK.token(aud=AUDIENCE.upper()), Why.AUDIENCE),
    "aud with a space": (ZENDESK.token(aud=AUDIENCE + " "), Why.AUDIENCE),
    "aud with a line end": (ZENDESK.token(aud=AUDIENCE + "\n"), Why.AUDIENCE),
    "aud with a zero before the number": (ZENDESK.token(aud=AUDIENCE.replace("42", "042")), Why.AUDIENCE),
    "aud empty": (ZENDESK.token(aud=""), Why.AUDIENCE),
    "no aud": (ZENDESK.token(aud=None), Why.AUDIENCE),
    # by whom
    "iss of another account": (ZENDESK.token(iss="other.zendesk.com"), Why.ISSUER),
    "iss that begins so": (ZENDESK.token(iss="acme.zendesk.com.evil.example"), Why.ISSUER),
    "iss that ends so": (ZENDESK.token(iss="evil-acme.zendesk.com"), Why.ISSUER),
    "iss with another scheme": (ZENDESK.token(iss="http://acme.zendesk.com"), Why.ISSUER),
    "iss with a slash": (ZENDESK.token(iss="https://acme.zendesk.com/"), Why.ISSUER),
    "iss with a user": (ZENDESK.token(iss="https://acme.zendesk.com@evil.example"), Why.ISSUER),
    "iss with a Cyrillic letter": (ZENDESK.token(iss="аcme.zendesk.com"), Why.ISSUER),
    "iss as a list": (ZENDESK.token(iss=["acme.zendesk.com"]), Why.ISSUER),
    "no iss": (ZENDESK.token(iss=None), Why.ISSUER),
    # who is looking
    "no sub": (ZENDESK.token(sub=None), Why.USER),
    "sub as a number": (ZENDESK.token(sub=7), Why.USER),
    "sub empty": (ZENDESK.token(sub=""), Why.USER),
    "sub of another account": (ZENDESK.token(sub="https://other.zendesk.com/api/v2/users/7.json"), Why.USER),
    "sub of a look-alike host": (ZENDESK.token(sub="https://acmeXzendesk.com/api/v2/users/7.json"), Why.USER),
    "sub that is a path": (ZENDESK.token(sub="https://acme.zendesk.com/api/v2/users/../tickets/7.json"), Why.USER),
    "sub of a ticket": (ZENDESK.token(sub="https://acme.zendesk.com/api/v2/tickets/7.json"), Why.USER),
    "sub with two ids": (ZENDESK.token(sub="https://acme.zendesk.com/api/v2/users/7.json,8"), Why.USER),
    "sub zero": (ZENDESK.token(sub="0"), Why.USER),
    "sub below zero": (ZENDESK.token(sub="-1"), Why.USER),
    "sub in other digits": (ZENDESK.token(sub="٧"), Why.USER),
    "sub with a line end": (ZENDESK.token(sub="7\n"), Why.USER),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused_for_its_one_named_reason(name: str) -> None:
    token, why = ATTACKS[name]
    assert refusal(token) is why


def test_flipping_any_letter_of_the_signature_spoils_it() -> None:
    token = ZENDESK.token()
    begin = token.rindex(".") + 1
    for at in range(begin, len(token)):
        other = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1:]
        assert refusal(other) in (Why.SIGNATURE, Why.SHAPE)


@pytest.mark.parametrize("name", ["another RSA key", "aud as a list", "expired", "huge", "alg none"])
def test_a_refusal_is_logged_with_its_reason_and_without_the_token(name: str, caplog: pytest.LogCaptureFixture) -> None:
    token, why = ATTACKS[name]
    with caplog.at_level(logging.DEBUG):
        refusal(token)
    assert str(why) in caplog.text
    assert not any(part in caplog.text for part in token.split(".") if part)


def test_a_token_counts_once(engine: Engine) -> None:
    claims = verify(ZENDESK.token(), APP, NOW)
    with engine.begin() as c:
        use_once(c, claims, NOW)
    with engine.begin() as c, pytest.raises(NotVerified, match="used before"):
        use_once(c, verify(ZENDESK.token(), APP, NOW), NOW + timedelta(seconds=1))


def test_of_sixteen_at_once_one_uses_the_token(engine: Engine) -> None:
    claims = verify(ZENDESK.token(), APP, NOW)

    def use(_: int) -> bool:
        try:
            with engine.begin() as c:
                use_once(c, claims, NOW)
        except NotVerified:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(use, range(16))) == 1


def test_used_tokens_are_forgotten_only_when_they_are_long_expired(engine: Engine) -> None:
    first, later = (verify(ZENDESK.token(qsh=qsh), APP, NOW) for qsh in "ab")
    with engine.begin() as c:
        use_once(c, first, NOW)
    with engine.begin() as c, pytest.raises(NotVerified):
        use_once(c, first, NOW + timedelta(hours=23))
    with engine.begin() as c:
        use_once(c, later, NOW + timedelta(days=2))
        assert c.execute(select(func.count()).select_from(used_tokens)).scalar_one() == 1


def nested(depth: int) -> str:
    token = ZENDESK.token()
    for _ in range(depth):
        token = ZENDESK.raw(dumped(HEADER | {"cty": "JWT"}), token.encode())
    return token


def minted_512() -> str:
    """RSA keys this small cannot be made by the library any more, so the signature is only as long as theirs."""
    return swapped(ATTACKER.token(), 2, b64(b"\1" * 64))


RECIPES: dict[str, Callable[[], str]] = {
    "alg NoNe": lambda: unsigned("NoNe", "AAAA"),
    "HS256 with RSA public key PEM as secret": lambda: by_secret(ZENDESK.pem.encode()),
    "HS256 with DER public key": lambda: by_secret(ZENDESK.der),
    "kid path traversal ../../dev/null": lambda: by_secret(b"", {"kid": "../../dev/null"}),
    "kid SQL ' UNION SELECT 'k": lambda: by_secret(b"k", {"kid": "' UNION SELECT 'k"}),
    "jku to attacker URL": lambda: ATTACKER.token({"jku": EVIL}),
    "x5u to attacker URL": lambda: ATTACKER.token({"x5u": EVIL}),
    "embedded jwk header": lambda: ATTACKER.token({"jwk": ATTACKER.jwk()}),
    "expired exp": lambda: ZENDESK.token(iat=AT - 900, nbf=None, exp=AT - 600),
    "exp as string 9999999999": lambda: ZENDESK.token(exp="9999999999"),
    "exp missing": lambda: ZENDESK.token(exp=None),
    "nbf in the future": lambda: ZENDESK.token(nbf=AT + 200),
    "wrong aud (another installation)": lambda: ZENDESK.token(aud=AUDIENCE.replace("42", "7")),
    "aud missing": lambda: ZENDESK.token(aud=None),
    "wrong iss (another subdomain)": lambda: ZENDESK.token(iss="evil.zendesk.com"),
    "iss prefix trick acme.zendesk.com.evil.example": lambda: ZENDESK.token(iss="acme.zendesk.com.evil.example"),
    "signature stripped": lambda: ZENDESK.token().rpartition(".")[0] + ".",
    "extra dot segments": lambda: ZENDESK.token() + ".e30.e30",
    "RS256 with 512-bit attacker key": minted_512,
    "b64=false crit header": lambda: ZENDESK.token({"b64": False, "crit": ["b64"]}),
    "duplicate claims in JSON": lambda: with_claim_twice("sub", "https://acme.zendesk.com/api/v2/users/1.json"),
    "nested JWT 10 deep": lambda: nested(10),
}
ELSEWHERE = {
    "sub is an end user id, role missing": "test_sessions.py: an end user opens no session",
    "token for ticket A used on ticket B": "test_sessions.py: a session stays with its ticket",
    "token in query string logged": "below: a token in the address is not looked at",
}
"""Recipes whose token is genuine; what stops them is not its verification."""


def test_every_recipe_of_the_shared_set_is_refused(shared_data: Callable[[str], Any]) -> None:
    listed = shared_data("attacks/train_jwt_attacks.json")
    made = [one["name"] for one in listed if one["name"] in RECIPES]
    assert {one["name"] for one in listed} <= RECIPES.keys() | ELSEWHERE.keys()
    assert {name: refusal(RECIPES[name]()) for name in made if refusal(RECIPES[name]()) is None} == {}
    assert len(made) == len(listed) - len(ELSEWHERE)


def test_a_token_in_the_address_is_not_looked_at(caplog: pytest.LogCaptureFixture) -> None:
    app, token = Flask(__name__), ZENDESK.token()
    with caplog.at_level(logging.DEBUG):
        for address, form in ((f"/?token={token}", {}), (f"/?token={token}", {"token": token}),
                              ("/", {"token": [token, token]}), ("/", {})):
            with app.test_request_context(address, method="POST", data=form), pytest.raises(Refused):
                posted_token(request)
        with app.test_request_context("/?origin=x", method="POST", data={"token": token}):
            assert posted_token(request) == token
    assert token not in caplog.text


def numbers(said: str) -> list[int]:
    return [key.public_numbers().n for key in read_keys(said)]


def test_keys_are_read_from_text_from_one_line_and_from_files(tmp_path: Path) -> None:
    mine, other = (forge.key.public_key().public_numbers().n for forge in (ZENDESK, NEXT))
    (tmp_path / "a.pem").write_text(ZENDESK.pem)
    (tmp_path / "b.pem").write_text(NEXT.pem)
    assert numbers(ZENDESK.pem) == [mine]
    assert numbers(ZENDESK.pem.replace("\n", "\\n")) == [mine]
    assert numbers(ZENDESK.pem + NEXT.pem) == [mine, other]
    assert numbers(str(tmp_path / "a.pem")) == [mine]
    assert numbers(f"{tmp_path / 'a.pem'}, {tmp_path / 'b.pem'}") == [mine, other]


def test_files_and_texts_are_read_beside_each_other_and_amid_a_rotation(tmp_path: Path) -> None:
    mine, other = (forge.key.public_key().public_numbers().n for forge in (ZENDESK, NEXT))
    (tmp_path / "a.pem").write_text(ZENDESK.pem)
    assert numbers(f"{NEXT.pem},{tmp_path / 'a.pem'}") == [other, mine]
    assert numbers(f"{tmp_path / 'a.pem'},{NEXT.pem}") == [mine, other]
    assert numbers(f"changing,{tmp_path / 'a.pem'}") == [mine]
    with pytest.raises(ValueError, match="cannot be read: FileNotFoundError"):
        read_keys(f"{NEXT.pem},/nowhere/key.pem")


def elliptic() -> str:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def private() -> str:
    return ZENDESK.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize(("said", "words"), [
    ("", "give the app's public key"),
    ("/nowhere/key.pem", "cannot be read: FileNotFoundError"),
    ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "cannot be read as PEM"),
    ("-----BEGIN PUBLIC KEY-----\nAAAA", "give the app's public key"),
    (private(), "this is a private key"),
    (elliptic(), "must be an RSA key of at least 2048 bits"),
    (Forge.new(1024).pem, "must be an RSA key of at least 2048 bits"),
    (ZENDESK.pem * 3, "two during a rotation"),
])
def test_what_is_no_public_rsa_key_is_named(said: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as refused:
        read_keys(said)
    assert base64.b64encode(b"x").decode() not in str(refused.value)
    assert "BEGIN" not in str(refused.value)


ENOUGH = {"DESKHAND_SECRET_KEY": "a" * 48, "ZENDESK_SUBDOMAIN": "acme", "ZENDESK_OAUTH_TOKEN": "t" * 20,
          "ZENDESK_WEBHOOK_SECRET": "QFofQx8saTT6E0Ej9nh2Ri0JBDmEt0+elTzRFkgPV3s="}


def test_the_settings_pin_key_and_installation() -> None:
    settings = load_settings({**ENOUGH, "ZENDESK_APP_PUBLIC_KEY": ZENDESK.pem, "ZENDESK_APP_INSTALLATION_ID": "42",
                              "DESKHAND_PUBLIC_URL": "https://deskhand.example.com"})
    app = settings.own.signed_app("acme")
    assert app is not None
    assert verify(ZENDESK.token(), app, NOW).user == "7"
    assert load_settings(ENOUGH).own.signed_app("acme") is None


@pytest.mark.parametrize(("said", "mistake"), [
    ({"ZENDESK_APP_PUBLIC_KEY": ZENDESK.pem}, "ZENDESK_APP_PUBLIC_KEY and ZENDESK_APP_INSTALLATION_ID belong together"),
    ({"ZENDESK_APP_INSTALLATION_ID": "42"}, "ZENDESK_APP_PUBLIC_KEY and ZENDESK_APP_INSTALLATION_ID belong together"),
    ({"ZENDESK_APP_PUBLIC_KEY": private(), "ZENDESK_APP_INSTALLATION_ID": "42"},
     "ZENDESK_APP_PUBLIC_KEY: this is a private key; give the app's public key"),
    ({"ZENDESK_APP_PUBLIC_KEY": ZENDESK.pem, "ZENDESK_APP_INSTALLATION_ID": "42.json"},
     "ZENDESK_APP_INSTALLATION_ID: write the number of the app's installation, digits only"),
])
def test_a_mistake_in_the_settings_names_its_variable(said: dict[str, str], mistake: str) -> None:
    with pytest.raises(SettingsUnusable, match=mistake) as refused:
        load_settings({**ENOUGH, **said})
    assert "BEGIN" not in str(refused.value)
