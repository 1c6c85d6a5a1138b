"""Signs requests as the package in a Salesforce org does, for tests; written from its promise, not from the door."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
ORG, CASE, USER = "00D5e000000DHskEAG", "5005e000001ABCDAA4", "0055e000002EFGHAA4"


@cache
def key(name: str = "ours") -> rsa.RSAPrivateKey:
    """One key for each name, made once: they are slow to make."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(name: str = "ours") -> str:
    return key(name).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@dataclass(frozen=True)
class Sent:
    """One request of the package; `headers` are what Apex sets."""

    body: bytes = b""
    method: str = "POST"
    path: str = "/webhooks/salesforce"
    id: str = "3f0c9d2e-0000-4000-8000-000000000001"
    org: str = ORG
    user: str = "-"
    case: str = CASE
    at: datetime = NOW
    by: str = "ours"
    more: dict[str, str] = field(default_factory=dict)

    def text(self) -> bytes:
        stamp = str(int(self.at.timestamp()))
        digest = hashlib.sha256(self.body).hexdigest()
        return (f"deskhand-v1\n{self.method}\n{self.path}\n{stamp}\n{self.id}\n{self.org}\n{self.user}\n{self.case}\n"
                f"{digest}").encode()

    @property
    def headers(self) -> dict[str, str]:
        signature = base64.b64encode(key(self.by).sign(self.text(), PKCS1v15(), SHA256())).decode()
        return {"X-Deskhand-Timestamp": str(int(self.at.timestamp())), "X-Deskhand-Id": self.id,
                "X-Deskhand-Org": self.org, "X-Deskhand-User": self.user, "X-Deskhand-Case": self.case,
                "X-Deskhand-Signature": f"v1={signature}", "Content-Type": "application/json", **self.more}
