"""deskhand.toml is checked as a whole; a mistake is told with its line and a mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.desk import Choices
from webhooks.config import Config, ConfigUnusable, load_config

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
    assert load_config(tmp_path / "deskhand.toml") == Config()
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
    ("sender_authenticated = true\nqqqqqq = 1\n", 2, "qqqqqq is not a setting; remove it"),
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
])
def test_a_mistake_is_said_with_its_line_and_its_mend(tmp_path: Path, written: str, mend: str) -> None:
    (tmp_path / "deskhand.toml").write_text(written)
    with pytest.raises(ConfigUnusable) as failure:
        load_config(tmp_path / "deskhand.toml")
    assert "line 2" in str(failure.value)
    assert mend in str(failure.value)
