"""Makes sidebar tokens as Zendesk does, and as an attacker would, for tests."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.webhooks.signing import NOW
from webhooks.tokens import SignedApp

AT = int(NOW.timestamp())
AUDIENCE = "https://acme.zendesk.com/api/v2/apps/installations/42.json"
HEADER: dict[str, Any] = {"alg": "RS256", "typ": "JWT"}
CLAIMS: dict[str, Any] = {
    "iss": "acme.zendesk.com", "aud": AUDIENCE, "sub": "https://acme.zendesk.com/api/v2/users/7.json", "iat": AT,
    "nbf": AT, "exp": AT + 300, "qsh": "5f2c", "context": {"product": "support", "location": "ticket_sidebar"}}


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def dumped(given: dict[str, Any]) -> bytes:
    return json.dumps(given, separators=(",", ":")).encode()


@dataclass(frozen=True)
class Forge:
    """Signs with one RSA key. A claim or header given as None is left out."""

    key: rsa.RSAPrivateKey

    @classmethod
    def new(cls, bits: int = 2048) -> Forge:
        return cls(rsa.generate_private_key(public_exponent=65537, key_size=bits))

    @property
    def pem(self) -> str:
        return self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    @property
    def der(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def jwk(self) -> dict[str, str]:
        numbers = self.key.public_key().public_numbers()
        return {"kty": "RSA", "e": "AQAB", "n": b64(numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big"))}

    def app(self, *others: Forge) -> SignedApp:
        return SignedApp("acme", "42", (self.key.public_key(), *(one.key.public_key() for one in others)))

    def token(self, header: dict[str, Any] | None = None, **claims: Any) -> str:
        merged = {name: value for name, value in (CLAIMS | claims).items() if value is not None}
        head = {name: value for name, value in (HEADER | (header or {})).items() if value is not None}
        return self.raw(dumped(head), dumped(merged))

    def raw(self, header: bytes, payload: bytes, digest: HashAlgorithm | None = None) -> str:
        """Signed over exactly these bytes, whatever they are."""
        said = f"{b64(header)}.{b64(payload)}"
        return f"{said}.{b64(self.key.sign(said.encode(), padding.PKCS1v15(), digest or SHA256()))}"

    def pss(self) -> str:
        said = f"{b64(dumped(HEADER))}.{b64(dumped(CLAIMS))}"
        how = padding.PSS(padding.MGF1(SHA256()), padding.PSS.DIGEST_LENGTH)
        return f"{said}.{b64(self.key.sign(said.encode(), how, SHA256()))}"


def by_secret(secret: bytes, header: dict[str, Any] | None = None, **claims: Any) -> str:
    """Signed with HMAC, by whatever the attacker takes for a secret."""
    said = f"{b64(dumped({'alg': 'HS256', 'typ': 'JWT'} | (header or {})))}.{b64(dumped(CLAIMS | claims))}"
    return f"{said}.{b64(hmac.new(secret, said.encode(), hashlib.sha256).digest())}"


def unsigned(alg: str, signature: str = "") -> str:
    return f"{b64(dumped({'alg': alg, 'typ': 'JWT'}))}.{b64(dumped(CLAIMS))}.{signature}"
