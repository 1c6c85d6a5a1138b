"""The Zendesk app is a package Zendesk takes: framework 2, private, signed, one place, every setting labelled."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pytest

APP = Path(__file__).parents[2] / "manifests" / "zendesk"


def read(path: str) -> Any:
    return json.loads((APP / path).read_text())


def test_the_manifest_asks_for_signed_addresses_and_one_place_beside_the_ticket() -> None:
    manifest = read("manifest.json")
    assert manifest["frameworkVersion"] == "2.0"
    assert (manifest["private"], manifest["signedUrls"], manifest["singleInstall"]) == (True, True, True)
    assert manifest["location"] == {"support": {"ticket_sidebar": {
        "url": "https://{{setting.address}}/sidebar/zendesk", "autoLoad": True, "flexible": True}}}
    assert set(manifest["author"]) >= {"name", "email"}
    assert manifest["defaultLocale"] == "en"


def test_nothing_in_the_manifest_is_kept_from_the_browser() -> None:
    manifest = read("manifest.json")
    assert [(one["name"], one["type"], one["secure"]) for one in manifest["parameters"]] == [("address", "text", False)]
    assert "secret" not in (APP / "manifest.json").read_text()  # Zendesk's validator warns of the very word


@pytest.mark.parametrize("language", ["en", "de"])
def test_each_language_names_the_app_and_labels_each_setting(language: str) -> None:
    app = read(f"translations/{language}.json")["app"]
    assert app["name"] == "Deskhand"
    for parameter in read("manifest.json")["parameters"]:
        assert app["parameters"][parameter["name"]]["label"]


@pytest.mark.parametrize(("name", "side"), [("logo.png", 320), ("logo-small.png", 128)])
def test_the_logos_have_the_sizes_zendesk_asks_for(name: str, side: int) -> None:
    """Zendesk docs, "Styles and assets": logo.png 320 px square, logo-small.png 128 px square."""
    head = (APP / "assets" / name).read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", head[16:24]) == (side, side)
