"""The Zendesk app as it is packed: for one address, keeping every rule, the same bytes each time, and no secret."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import shutil
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from connectors.zendesk.package import FILES, CannotPackage, build, contents, shipped
from connectors.zendesk.rules import check
from scripts.cli import main

URL = "https://deskhand.acme.example"
Run = Callable[..., Result]


def opened(package: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(package)) as read:
        return {name: read.read(name) for name in read.namelist()}


def manifest(package: bytes) -> Any:
    return json.loads(opened(package)["manifest.json"])


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A copy of the app's sources, to be spoilt."""
    return Path(shutil.copytree(shipped(), tmp_path / "app"))


def test_the_package_keeps_every_published_rule() -> None:
    assert check(build(URL, "0.1.0")) == []


def test_the_sources_keep_every_published_rule_as_they_lie_there() -> None:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as package:
        for path in FILES:
            package.write(shipped() / path, path)
    assert check(whole.getvalue()) == []


def test_it_holds_exactly_what_zendesk_needs(sources: Path) -> None:
    (sources / "assets" / "notes.txt").write_text("ours")
    (sources / "zcli.apps.config.json").write_text('{"parameters": {}}')
    assert [one.path for one in contents(build(URL, "0.1.0", sources=sources))] == [
        "assets/logo-small.png", "assets/logo.png", "manifest.json", "translations/de.json", "translations/en.json"]


def test_the_manifest_names_the_address_the_version_and_one_place_with_signed_tokens() -> None:
    said = manifest(build(URL, "1.2.3"))
    assert said == {
        "name": "Deskhand", "author": {"name": "Deskhand", "email": "support@deskhand.example"},
        "defaultLocale": "en", "private": True, "version": "1.2.3", "frameworkVersion": "2.0", "singleInstall": True,
        "signedUrls": True, "location": {"support": {"ticket_sidebar": {
            "url": "https://deskhand.acme.example/sidebar/zendesk", "autoLoad": True, "flexible": True}}}}


@pytest.mark.parametrize(("origin", "opens"), [
    ("https://deskhand.acme.example/", "https://deskhand.acme.example/sidebar/zendesk"),
    ("https://desk.acme.example:8443", "https://desk.acme.example:8443/sidebar/zendesk"),
    ("http://localhost:8080", "http://localhost:8080/sidebar/zendesk"),
    ("http://127.0.0.1:8080", "http://localhost:8080/sidebar/zendesk"),
    ("http://[::1]:8080", "http://localhost:8080/sidebar/zendesk")])
def test_it_opens_the_address_it_was_built_for(origin: str, opens: str) -> None:
    package = build(origin, "0.1.0")
    assert manifest(package)["location"]["support"]["ticket_sidebar"]["url"] == opens
    assert check(package) == []


@pytest.mark.parametrize(("origin", "says"), [
    ("http://deskhand.acme.example", "not encrypted, and Zendesk opens only https"),
    ("deskhand.acme.example", "write it as in https://deskhand.example.com"),
    ("ftp://deskhand.acme.example", "write it as in https://deskhand.example.com"),
    ("https://", "write it as in https://deskhand.example.com"),
    ("https://[::1", "write it as in https://deskhand.example.com"),
    ("https://me:pw@deskhand.acme.example", "without user, path or query"),
    ("https://deskhand.acme.example/desk", "without user, path or query"),
    ("https://deskhand.acme.example?x=1", "without user, path or query")])
def test_an_address_zendesk_would_not_open_is_refused(origin: str, says: str) -> None:
    with pytest.raises(CannotPackage, match=says.replace(".", r"\.")):
        build(origin, "0.1.0")


def test_the_same_address_and_version_give_the_same_bytes() -> None:
    assert build(URL, "0.1.0") == build(URL, "0.1.0")


def test_times_modes_and_owners_of_the_sources_leave_no_trace(sources: Path) -> None:
    for path in FILES:
        os.utime(sources / path, (1, 1))
        (sources / path).chmod(0o600)
    assert build(URL, "0.1.0", sources=sources) == build(URL, "0.1.0")


def test_entries_are_sorted_plain_files_of_one_time() -> None:
    with zipfile.ZipFile(io.BytesIO(build(URL, "0.1.0"))) as package:
        entries = package.infolist()
    assert [one.filename for one in entries] == sorted(one.filename for one in entries)
    assert {one.date_time for one in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {stat.filemode(one.external_attr >> 16) for one in entries} == {"-rw-r--r--"}
    assert {one.compress_type for one in entries} == {zipfile.ZIP_STORED}


@pytest.mark.parametrize("shape", [
    lambda secret: secret, lambda secret: base64.b64encode(secret.encode()).decode(),
    lambda secret: secret.encode().hex(), lambda secret: secret.replace("+", "%2B")])
def test_a_value_of_the_environment_planted_in_a_text_is_found(sources: Path, shape: Callable[[str], str]) -> None:
    secret = "hush+little+desk+7"
    text = json.loads((sources / "translations/en.json").read_text())
    text["app"]["long_description"] += f" {shape(secret)}"
    (sources / "translations/en.json").write_text(json.dumps(text))
    assert build(URL, "0.1.0", sources=sources)
    with pytest.raises(CannotPackage) as refused:
        build(URL, "0.1.0", env={"ZENDESK_WEBHOOK_SECRET": f"another-one,{secret}"}, sources=sources)
    assert str(refused.value) == ("translations/en.json holds the value of ZENDESK_WEBHOOK_SECRET: take it out of the "
                                  "package.")


def test_a_secret_hidden_in_a_picture_is_found(sources: Path) -> None:
    with (sources / "assets/logo.png").open("ab") as picture:
        picture.write(b"tEXt api=zd-9f2c-77aa")
    with pytest.raises(CannotPackage, match=r"assets/logo\.png holds the value of ZENDESK_API_TOKEN"):
        build(URL, "0.1.0", env={"ZENDESK_API_TOKEN": "zd-9f2c-77aa"}, sources=sources)


@pytest.mark.parametrize("key", ["rk_live_51HabcdEFGH", "whsec_a1b2c3d4e5", "sk-proj-abcdefghijklmnop1234",
                                 "xoxb-1234567-abc", "AKIAABCDEFGH1234", "-----BEGIN RSA PRIVATE KEY-----"])
def test_what_looks_like_a_key_is_refused_wherever_it_came_from(sources: Path, key: str) -> None:
    text = json.loads((sources / "translations/de.json").read_text())
    text["app"]["long_description"] += f" {key}"
    (sources / "translations/de.json").write_text(json.dumps(text))
    with pytest.raises(CannotPackage, match=r"translations/de\.json holds what looks like"):
        build(URL, "0.1.0", sources=sources)


def test_the_address_itself_and_ordinary_words_count_as_no_secret() -> None:
    env = {"DESKHAND_PUBLIC_URL": URL, "ACME_HOST": "deskhand.acme.example", "PROJECT": "Deskhand", "LANG": "en",
           "ZENDESK_APP_INSTALLATION_ID": "2.0"}
    assert build(URL, "0.1.0", env=env)


def test_spoilt_or_missing_sources_are_told(sources: Path) -> None:
    (sources / "manifest.json").write_text("{}")
    with pytest.raises(CannotPackage, match="cannot be read"):
        build(URL, "0.1.0", sources=sources)
    (sources / "manifest.json").unlink()
    with pytest.raises(CannotPackage, match=r"not complete: manifest\.json is missing"):
        build(URL, "0.1.0", sources=sources)


@pytest.mark.parametrize(("name", "side"), [("logo.png", 320), ("logo-small.png", 128)])
def test_the_logos_have_the_sizes_zendesk_asks_for(name: str, side: int) -> None:
    """Zendesk docs, "Create brand assets": logo.png 320 px square, logo-small.png 128 px square."""
    head = (shipped() / "assets" / name).read_bytes()[:24]
    assert struct.unpack(">II", head[16:24]) == (side, side)


@pytest.mark.parametrize("language", ["en", "de"])
def test_each_language_has_all_that_a_listing_needs(language: str) -> None:
    app = json.loads((shipped() / f"translations/{language}.json").read_text())["app"]
    assert app["name"] == "Deskhand"
    assert all(len(app[key]) > 40 for key in ("short_description", "long_description", "installation_instructions"))


def test_made_public_it_would_keep_every_rule_too(sources: Path) -> None:
    said = json.loads((sources / "manifest.json").read_text())
    (sources / "manifest.json").write_text(json.dumps(said | {"private": False}))
    assert manifest(build(URL, "0.1.0", sources=sources))["private"] is False


@pytest.fixture
def run(bare: Path) -> Run:
    """Runs `deskhand package zendesk` in an empty folder with exactly these settings."""
    return lambda *arguments, **env: CliRunner().invoke(main, ["package", "zendesk", *arguments], env=env)


def test_the_command_writes_the_package_and_says_what_it_holds(run: Run, tmp_path: Path) -> None:
    said = run(DESKHAND_PUBLIC_URL=URL)
    (written,) = (tmp_path / "var/packages").iterdir()
    assert said.exit_code == 0
    assert written.name == "deskhand-zendesk-0.1.0.zip"
    assert written.read_bytes() == build(URL, "0.1.0")
    for words in (*FILES, hashlib.sha256(written.read_bytes()).hexdigest(), f"{URL}/sidebar/zendesk",
                  "deskhand setup zendesk", "Upload private app"):
        assert words in said.output


def test_the_command_prints_one_json_object(run: Run, tmp_path: Path) -> None:
    said = json.loads(run("--json", "--url", URL, "--out", str(tmp_path)).output)
    package = (tmp_path / "deskhand-zendesk-0.1.0.zip").read_bytes()
    assert said["sha256"] == hashlib.sha256(package).hexdigest()
    assert (said["version"], said["bytes"], said["opens"]) == ("0.1.0", len(package), f"{URL}/sidebar/zendesk")
    assert [one["path"] for one in said["files"]] == list(FILES)


def test_the_public_address_is_read_from_dot_env(run: Run, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"DESKHAND_PUBLIC_URL={URL}\n")
    assert run("--out", "app.zip").exit_code == 0
    assert manifest((tmp_path / "app.zip").read_bytes())["location"]["support"]["ticket_sidebar"]["url"].startswith(URL)


@pytest.mark.parametrize(("arguments", "says"), [
    ((), "set DESKHAND_PUBLIC_URL in .env, or give --url"),
    (("--url", "http://deskhand.acme.example"), "Zendesk opens only https"),
    (("--url", "nonsense"), "(from --url)")])
def test_wrong_options_are_told_and_nothing_is_written(run: Run, tmp_path: Path, arguments: tuple[str, ...],
                                                       says: str) -> None:
    said = run(*arguments)
    assert said.exit_code == 2
    assert says in said.output
    assert list(tmp_path.iterdir()) == []


def test_a_secret_of_this_installation_in_the_package_stops_the_command(run: Run, tmp_path: Path) -> None:
    said = run("--url", URL, STRIPE_API_KEY="support@deskhand.example")
    assert said.exit_code == 1
    assert "manifest.json holds the value of STRIPE_API_KEY" in said.output
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    said = run("--url", URL, "--out", "taken/app.zip")
    assert said.exit_code == 1
    assert "give another place with --out" in said.output
