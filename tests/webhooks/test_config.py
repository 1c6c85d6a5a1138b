"""deskhand.toml is checked as a whole; a mistake is told with its line and a mend."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from agent.desk import Choices
from connectors.money import Money
from scripts.cli import main
from webhooks.config import Config, ConfigUnusable, config_path, load_config, read_config

WHOLE = """
[scope]
brands = ["360001"]
tags = ["billing"]
without_tags = ["vip_handling"]

[payments]
order_field = "900000000601"
order_pattern = 'order\\s+#?(\\d{4,})'
order_metadata_key = "order_id"

[roles]
agent = ["Support"]
lead = ["Team leads"]

[people]
compliance = ["lea@acme.example"]

[flags]
vip = "zendesk:tag:vip"

[replies]
solve_when_done = true
languages = ["en", "de"]

[handoff]
tags = ["needs_person"]
"""


def load(folder: Path, text: str) -> Config:
    (folder / "deskhand.toml").write_text(text, encoding="utf-8")
    return load_config(folder / "deskhand.toml")


def mistakes(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigUnusable) as told:
        load(folder, text)
    return str(told.value).splitlines()


def test_without_a_file_all_is_default(tmp_path: Path) -> None:
    assert read_config({}, tmp_path) == Config()
    assert load(tmp_path, "") == Config()


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    config = load(tmp_path, WHOLE)
    assert isinstance(config, Choices)
    assert config.scope.brands == ("360001",)
    assert config.scope.without_tags == ("vip_handling",)
    assert config.payments.order_field == "900000000601"
    assert config.roles.lead == ("Team leads",)
    assert config.flags.vip == "zendesk:tag:vip"
    assert config.replies.solve_when_done is True
    assert config.handoff.tags == ("needs_person",)


@pytest.mark.parametrize(("written", "line", "words"), [
    ("[scope]\nbrand = ['1']\n", 2, "scope.brand is not a setting; did you mean brands?"),
    ("\n\n[scop]\nbrands = ['1']\n", 3, "scop is not a setting; did you mean scope?"),
    ("[replies]\nlanguages = ['en']\nsolve_when_don = true\n", 3, "did you mean solve_when_done?"),
    ("[scope]\nbrands = '360001'\n", 2, "scope.brands: "),
    ("[scope]\ntags = ['a']\n[replies]\nsolve_when_done = 'maybe'\n", 4, "replies.solve_when_done: "),
    ("[payments]\norder_pattern = '(['\n", 1, "order_pattern is not a regular expression"),
    ("[replies]\nlanguages = ['xx']\n", 1, "no replies are written in xx"),
    ("[catchup]\nevery_minutes = -1\n", 2, "catchup.every_minutes: "),
    ("[catchup]\nevery_minute = 5\n", 2, "did you mean every_minutes?"),
    ("senders_checked = [\"zendesk\"]\nqqqqqq = 1\n", 2, "qqqqqq is not a setting; remove it"),
])
def test_a_mistake_is_told_with_its_line_and_a_mend(tmp_path: Path, written: str, line: int, words: str) -> None:
    [said] = mistakes(tmp_path, written)
    assert said.startswith(f"deskhand.toml, line {line}: ")
    assert words in said


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    assert len(mistakes(tmp_path, "[scope]\nbrand = 1\n[flags]\nvpi = 'x'\n")) == 2


def test_what_is_not_toml_is_told_with_its_line(tmp_path: Path) -> None:
    [said] = mistakes(tmp_path, "[scope]\nbrands = ['1']\nx y\n")
    assert said.startswith("deskhand.toml: ")
    assert "line 3" in said


@pytest.mark.parametrize(("written", "mend"), [
    ('[flags]\nfraud = "fraud"', "write zendesk:tag:NAME, stripe:metadata:KEY or salesforce:FIELD"),
    ('[flags]\nlegal_hold = "salesfroce:Legal_Hold__c"', "write zendesk:tag:NAME"),
    ('[scope]\nchannels = "email"', 'write a list: ["email"]'),
    ('[payments]\norder_field = 360001', "write it in quotes"),
    ('[replies]\nlanguages = []', "name at least one"),
    ('[scope]\nwithout_tags = ["no deskhand"]', 'a tag is one word without blanks, as in "no_deskhand"'),
    ('[scope]\ntags = ["billing "]', "a tag is one word without blanks"),
    ('[scope]\ntags = [""]', "a tag is one word without blanks"),
    ('[handoff]\ntags = ["needs\\tperson"]', "a tag is one word without blanks"),
    ('[flags]\nfraud = "zendesk:tag:known fraud"', "write zendesk:tag:NAME"),
    ('[flags]\nfraud = "zendesk:tag:fraud "', "write zendesk:tag:NAME"),
    ('[replies]\ntag_prefix = "Desk hand"', "write small letters, digits, - and _"),
])
def test_a_mistake_is_said_with_its_line_and_its_mend(tmp_path: Path, written: str, mend: str) -> None:
    (tmp_path / "deskhand.toml").write_text(written)
    with pytest.raises(ConfigUnusable) as failure:
        load_config(tmp_path / "deskhand.toml")
    assert "line 2" in str(failure.value)
    assert mend in str(failure.value)


def test_rates_are_read_to_the_last_digit(tmp_path: Path) -> None:
    rates = load(tmp_path, '[rates]\nhome = "USD"\nEUR = "1.08"\nGBP = 1.27\nUSD = 1\n').rates
    assert rates.home(Money(amount=100_00, currency="EUR")) == 108
    assert rates.home(Money(amount=100_00, currency="GBP")) == 127


@pytest.mark.parametrize(("written", "line", "mend"), [
    ('[rates]\nhome = "US"\n', 2, "US is not a currency Deskhand can count in; write its three-letter code"),
    ('[rates]\nhome = "USD"\neur = 1\n', 3, "eur is not a currency Deskhand can count in; did you mean EUR?"),
    ('[rates]\nhome = "USD"\n\nUGX = 1\n', 4, "UGX is not a currency Deskhand can count in"),
    ('[rates]\nhome = "Euro"\n', 2, "did you mean EUR?"),
    ('[rates]\nhom = "USD"\n', 2, "did you mean home?"),
    ('[rates]\nhome = "EUR"\nEUR = 1.08\n', 3, "one EUR is one EUR; leave the home currency out"),
    ('[rates]\nhome = "USD"\nEUR = 0\n', 3, "more than 0"),
    ('[rates]\nhome = "USD"\nEUR = -1.08\n', 3, "more than 0"),
    ('[rates]\nhome = "USD"\nEUR = "1,08"\n', 3, 'write a number: EUR = "1.08"'),
    ('[rates]\nhome = "USD"\nEUR = nan\n', 3, "rates.EUR: "),
])
def test_a_mistaken_rate_is_told_with_its_line_and_a_mend(tmp_path: Path, written: str, line: int, mend: str) -> None:
    [said] = mistakes(tmp_path, written)
    assert said.startswith(f"deskhand.toml, line {line}: rates.")
    assert mend in said


HOURS = '[hours]\nzone = "Europe/Berlin"\nopen = ["mon-fri 09:00-18:00"]\n'


def test_opening_hours_are_read_with_days_in_quotes_or_without(tmp_path: Path) -> None:
    hours = load(tmp_path, HOURS + 'closed = ["2026-12-25", 2026-12-26]\n').hours
    assert hours is not None
    assert hours.at(datetime(2026, 12, 24, 9, 0, tzinfo=UTC))
    assert not hours.at(datetime(2026, 12, 25, 9, 0, tzinfo=UTC))
    assert load(tmp_path, "").hours is None


@pytest.mark.parametrize(("before", "after", "line", "mend"), [
    ("Europe/Berlin", "Europe/Berlim", 2, "Europe/Berlim is not a time zone; did you mean Europe/Berlin?"),
    ("Europe/Berlin", "berlin", 2, "did you mean Europe/Berlin?"),
    ("Europe/Berlin", "CET+1", 2, "CET+1 is not a time zone; "),
    ("Europe/Berlin", "../etc", 2, "write a region and a city, as in Europe/Berlin"),
    ('zone = "Europe/Berlin"\n', "", 1, 'write it, as in zone = "Europe/Berlin"'),
    ("mon-fri 09:00-18:00", "monday 9-18", 3, "write days and times, as in mon-fri 09:00-18:00"),
    ("mon-fri 09:00", "mon-fir 09:00", 3, "fir is not a day; the days are mon, tue, wed, thu, fri, sat, sun"),
    ("18:00", "25:00", 3, "times go from 00:00 to 24:00"),
    ("18:00", "09:00", 3, "write 00:00-24:00 for a whole day"),
    ('["mon-fri 09:00-18:00"]', "[]", 3, "name at least one"),
    ('["mon-fri 09:00-18:00"]', '"mon-fri 09:00-18:00"', 3, "write a list"),
    ("open =", "opens =", 3, "hours.opens is not a setting; did you mean open?"),
    ("open =", 'closed = ["25.12.2026"]\nopen =', 3, 'write the day as in "2026-12-25"'),
])
def test_mistaken_hours_are_told_with_their_line_and_a_mend(
        tmp_path: Path, before: str, after: str, line: int, mend: str) -> None:
    said = mistakes(tmp_path, HOURS.replace(before, after))
    assert any(one.startswith(f"deskhand.toml, line {line}: hours") and mend in one for one in said), said


def test_a_variable_that_is_there_and_empty_means_the_folders_own_deskhand_toml(tmp_path: Path) -> None:
    own = tmp_path / "deskhand.toml"
    assert [config_path(env, tmp_path) for env in ({}, {"DESKHAND_CONFIG": ""}, {"DESKHAND_CONFIG": " "})] == [own] * 3
    assert config_path({"DESKHAND_CONFIG": "other.toml"}, tmp_path) == tmp_path / "other.toml"
    assert read_config({"DESKHAND_CONFIG": ""}, tmp_path) == Config()


def _nothing(at: Path) -> None:
    """A name with a typing error."""


def _gone(at: Path) -> None:
    at.symlink_to(at.with_name("gone.toml"))


def _circular(at: Path) -> None:
    at.symlink_to(at)


def _broken(at: Path) -> None:
    at.write_bytes(b"[flags]\nfraud = '\xff'\n")


@pytest.mark.parametrize(("lay", "why"), [
    (_nothing, "No such file or directory"), (_gone, "No such file or directory"), (Path.mkdir, "Is a directory"),
    (_circular, "Too many levels of symbolic links"), (_broken, "not text in UTF-8"),
])
@pytest.mark.parametrize("named", ["deskhand.toml", "own.toml", "etc/deskhand.toml"])
def test_a_named_file_that_cannot_be_read_is_refused_and_never_taken_for_defaults(
        tmp_path: Path, named: str, lay: Callable[[Path], None], why: str) -> None:
    (tmp_path / "etc").mkdir()
    lay(tmp_path / named)
    with pytest.raises(ConfigUnusable, match=why) as told:
        read_config({"DESKHAND_CONFIG": named}, tmp_path)
    assert str(tmp_path / named) in str(told.value)


@pytest.mark.parametrize("lay", [_gone, Path.mkdir, _circular, _broken])
def test_also_the_folders_own_deskhand_toml_is_there_whole_or_not_at_all(
        tmp_path: Path, lay: Callable[[Path], None]) -> None:
    lay(tmp_path / "deskhand.toml")
    with pytest.raises(ConfigUnusable):
        read_config({}, tmp_path)


@pytest.mark.parametrize("command", ["serve", "work", "doctor", "held", "setup zendesk --dry-run", "policy log"])
def test_every_command_says_what_to_do_about_it(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.chdir(tmp_path)
    said = CliRunner().invoke(main, command.split(), env={
        "DESKHAND_CONFIG": "/etc/deskhand/deskhand.tmol", "DESKHAND_SECRET_KEY": "pJ4mWc8Rt2Vx6Yb9Nd3Kg7Hs5Lq1Zf0E",
        "DESKHAND_PUBLIC_URL": "https://deskhand.example.com", "ZENDESK_SUBDOMAIN": "acme", "COLUMNS": "200"})
    assert said.exit_code == 1, said.output
    assert "/etc/deskhand/deskhand.tmol cannot be read (No such file or directory)" in said.output
    assert "correct DESKHAND_CONFIG" in " ".join(said.output.split())
