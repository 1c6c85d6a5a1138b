"""The org's certificate `Deskhand_Signing`, and calls signed with it (manifests/salesforce, DeskhandSigned)."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from connectors.salesforce.standin.org import Org

NOBODY = "-"
SIGNED_WITH = "Deskhand_Signing"
FROM, UNTIL = datetime(2025, 1, 1, tzinfo=UTC), datetime(2055, 1, 1, tzinfo=UTC)


@cache
def _made(name: str) -> RSAPrivateKey:
    """One key pair for each org and turn of its certificate, made when it is first needed."""
    return generate_private_key(65537, 2048)


def _key(org: Org) -> RSAPrivateKey:
    return _made(f"{org.id} {(org.package or {}).get('certificate_turn', 0)}")


def certificate(org: Org) -> str:
    """The self-signed certificate as PEM, as an admin downloads it from Setup."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, SIGNED_WITH),
                      x509.NameAttribute(NameOID.ORGANIZATION_NAME, org.id)])
    key = _key(org)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, FROM, UNTIL).sign(key, SHA256())
    return made.public_bytes(Encoding.PEM).decode()


def headers(org: Org, method: str, path: str, body: bytes, *, id: str, case: str = NOBODY, user: str = NOBODY,
            now: datetime) -> dict[str, str]:
    """The headers of one call, signed over nine lines at this second."""
    timestamp = str(int(now.timestamp()))
    text = "\n".join(("deskhand-v1", method, path, timestamp, id, org.id, user, case, hashlib.sha256(body).hexdigest()))
    signature = base64.b64encode(_key(org).sign(text.encode(), PKCS1v15(), SHA256())).decode()
    made = {"X-Deskhand-Timestamp": timestamp, "X-Deskhand-Id": id, "X-Deskhand-Org": org.id, "X-Deskhand-User": user,
            "X-Deskhand-Case": case, "X-Deskhand-Signature": "v1=" + signature, "Accept-Language": "en-US",
            "User-Agent": "SFDC-Callout/66.0"}
    return {**made, "Content-Type": "application/json"} if body else made
