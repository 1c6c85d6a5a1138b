"""Public keys as settings hold them: PEM text, certificates among it, or files with it; two during a rotation."""

from __future__ import annotations

import re
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from cryptography.x509 import load_pem_x509_certificate

from connectors.parts import CHANGING

SMALLEST = 2048
MOST = 2
APP = "the app's public key"

_PEM = re.compile(r"-----BEGIN [A-Z ]+-----.+?-----END [A-Z ]+-----", re.DOTALL)


def read_keys(said: str, what: str = APP) -> tuple[RSAPublicKey, ...]:
    """One or two RSA public keys of `pem_text`. Raises ValueError with what to do."""
    blocks = _PEM.findall(pem_text(said, what))
    if not 1 <= len(blocks) <= MOST:
        raise ValueError(f"give {what} as PEM text or the name of a file with it; two during a rotation")
    return tuple(_key(block, what) for block in blocks)


def pem_text(said: str, what: str = APP) -> str:
    """What stands in a setting, newest first: PEM texts and files with them, parted by commas. Raises ValueError."""
    parts = [one.strip() for one in said.replace("\\n", "\n").split(",")]
    return "\n".join(one if "-----BEGIN" in one else _file(Path(one), what)
                     for one in parts if one not in ("", CHANGING))


def is_changing(said: str) -> bool:
    """Whether the vendor is being given a new key, which may sign already and is not known yet."""
    return CHANGING in [one.strip() for one in said.split(",")]


def is_among(pem: str, said: str) -> bool:
    """Whether this one key is one of those; False where either cannot be read."""
    try:
        [one], keys = read_keys(pem), read_keys(said)
    except ValueError:
        return False
    return one.public_numbers() in [key.public_numbers() for key in keys]


def _file(path: Path, what: str) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        raise ValueError(f"the file with {what} cannot be read: {type(error).__name__}") from None


def _key(pem: str, what: str) -> RSAPublicKey:
    if "PRIVATE" in pem:
        raise ValueError(f"this is a private key; give {what}")
    try:
        certificate = "BEGIN CERTIFICATE" in pem
        key = load_pem_x509_certificate(pem.encode()).public_key() if certificate else load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError(f"this cannot be read as PEM; copy {what} again") from None
    if not isinstance(key, RSAPublicKey) or key.key_size < SMALLEST:
        raise ValueError(f"{what} must be an RSA key of at least {SMALLEST} bits")
    return key
