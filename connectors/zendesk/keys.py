"""The public keys with which the sidebar's app proves itself, as `ZENDESK_APP_PUBLIC_KEY` holds them."""

from __future__ import annotations

import re
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

SMALLEST = 2048
MOST = 2

_PEM = re.compile(r"-----BEGIN [A-Z ]+-----.+?-----END [A-Z ]+-----", re.DOTALL)


def read_keys(said: str) -> tuple[RSAPublicKey, ...]:
    """One or two RSA public keys, as PEM text or as files parted by commas. Raises ValueError with what to do."""
    text = said.replace("\\n", "\n")
    if "-----BEGIN" not in text:
        text = "\n".join(_file(Path(name.strip())) for name in said.split(",") if name.strip())
    blocks = _PEM.findall(text)
    if not 1 <= len(blocks) <= MOST:
        raise ValueError("give the app's public key as PEM text or the name of a file with it; two during a rotation")
    return tuple(_key(block) for block in blocks)


def is_among(pem: str, said: str) -> bool:
    """Whether this one key is one of those; False where either cannot be read."""
    try:
        [one], keys = read_keys(pem), read_keys(said)
    except ValueError:
        return False
    return one.public_numbers() in [key.public_numbers() for key in keys]


def _file(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        raise ValueError(f"the file with the app's public key cannot be read: {type(error).__name__}") from None


def _key(pem: str) -> RSAPublicKey:
    if "PRIVATE" in pem:
        raise ValueError("this is a private key; Zendesk gives the app's public key")
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("this is no public key in PEM format; copy it from Zendesk again") from None
    if not isinstance(key, RSAPublicKey) or key.key_size < SMALLEST:
        raise ValueError(f"the app's public key must be an RSA key of at least {SMALLEST} bits")
    return key
