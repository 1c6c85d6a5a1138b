"""Is it really our Salesforce org? Each request of the package is signed with the org's own certificate.

Apex signs (Apex Reference, "Crypto.signWithCertificate"), and we hold the public key: whoever reads our settings cannot
pass as the org. Who pressed stands inside what is signed, set by Apex from the running user.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from connectors.keys import is_changing, pem_text, read_keys
from webhooks.delivered import TOO_OLD, NotThem, NotYet

log = logging.getLogger("deskhand.signed")

SCHEME = "deskhand-v1"
CERTIFICATE = "the certificate that the org signs with"
NOBODY = "-"
"""Stands for a user or a case that a request has none of."""
_PATH = re.compile(r"/[A-Za-z0-9/_.~-]{1,200}(\?[A-Za-z0-9_.~=&%-]{0,500})?", re.ASCII)
_SECONDS = re.compile(r"[1-9][0-9]{8,10}", re.ASCII)
_ID = re.compile(r"[A-Za-z0-9-]{8,64}", re.ASCII)
_SIGNATURE = re.compile(r"v1=([A-Za-z0-9+/]{300,1400}={0,2})", re.ASCII)
_RECORD = {"org": re.compile(r"00D[0-9A-Za-z]{15}", re.ASCII), "user": re.compile(r"005[0-9A-Za-z]{15}|-", re.ASCII),
           "case": re.compile(r"500[0-9A-Za-z]{15}|-", re.ASCII)}


@dataclass(frozen=True)
class SignedOrg:
    """The one org whose requests count, with its certificates or public keys: one text, two during a rotation."""

    org: str
    certificates: Sequence[str]


@dataclass(frozen=True)
class Signed:
    """What a signed request says besides its body."""

    id: str
    """The event's id, the same for every attempt; of a call to the API its own."""
    org: str
    user: str | None
    """Who is looking, by the org's id."""
    case: str | None


def verified(ours: SignedOrg, method: str, path: str, headers: Mapping[str, str], raw: bytes, now: datetime) -> Signed:
    """Raises NotThem unless our org signed exactly this request within five minutes of now.

    Raises NotYet for what may be signed with a certificate that is being made or cannot be read now. `path` with its
    query as it was sent. That it was not sent before is the caller's to say.
    """
    said = {name: headers.get(f"X-Deskhand-{name.title()}", "") for name in ("timestamp", "id", "org", "user", "case")}
    given = _SIGNATURE.fullmatch(headers.get("X-Deskhand-Signature", ""))
    if not (given and _SECONDS.fullmatch(said["timestamp"]) and _ID.fullmatch(said["id"]) and _PATH.fullmatch(path)
            and all(shape.fullmatch(said[name]) for name, shape in _RECORD.items())):
        raise NotThem("a header of the signature is missing or not in its format")
    if said["org"] != ours.org:
        raise NotThem("the request is another org's")
    certificates = tuple(ours.certificates)  # read once: the next moment they may be others
    if not _signed(certificates, given[1], text(method, path, raw, **said)):
        raise NotYet if any(map(is_changing, certificates)) else NotThem("the signature does not match")
    if abs(now.timestamp() - int(said["timestamp"])) > TOO_OLD.total_seconds():
        raise NotThem("the request is older or newer than five minutes")
    user, case = (None if said[name] == NOBODY else said[name] for name in ("user", "case"))
    return Signed(said["id"], said["org"], user, case)


def text(method: str, path: str, raw: bytes, *, timestamp: str, id: str, org: str, user: str, case: str) -> bytes:
    """What is signed: nine lines, so that nothing of one part can reach into another."""
    digest = hashlib.sha256(raw).hexdigest()
    return "\n".join((SCHEME, method.upper(), path, timestamp, id, org, user, case, digest)).encode()


def _signed(certificates: Sequence[str], signature: str, told: bytes) -> bool:
    try:
        given = base64.b64decode(signature, validate=True)
    except binascii.Error:
        return False
    return any(_fits(key, given, told) for said in certificates for key in _held(said))


def _fits(key: RSAPublicKey, given: bytes, told: bytes) -> bool:
    try:
        key.verify(given, told, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


def _held(said: str) -> tuple[RSAPublicKey, ...]:
    """As its files stand now. Raises NotYet while one cannot be read, as between its end and its successor."""
    try:
        return _keys(pem_text(said, CERTIFICATE))
    except ValueError as error:
        log.warning("SALESFORCE_CERTIFICATE cannot be read now: %s", error)
        raise NotYet from error


@lru_cache(maxsize=8)
def _keys(text: str) -> tuple[RSAPublicKey, ...]:
    return read_keys(text, CERTIFICATE)
