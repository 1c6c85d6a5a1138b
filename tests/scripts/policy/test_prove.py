"""`deskhand policy prove`, as an admin reads it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agent.policy import shipped_policy_path
from scripts.policy.prove import prove


def run(*arguments: str, folder: str = "") -> Result:
    return CliRunner().invoke(prove, list(arguments), env={"DESKHAND_POLICY": folder})


def weakened(folder: Path) -> Path:
    """The shipped policy with disputed charges refunded once a lead approves."""
    text = shipped_policy_path().read_text()
    rule = "when: {charge_state: {is: [disputed]}}\n    then: "
    assert f"{rule}refuse" in text
    (folder / "policy.yaml").write_text(text.replace(f"{rule}refuse", f"{rule}approve by lead"))
    return folder


def test_the_shipped_policy_is_proven() -> None:
    told = run()
    assert told.exit_code == 0
    assert told.output.startswith("Proven in ")
    assert "whatever is asked and also where facts are missing." in told.output


def test_a_policy_that_breaks_an_entry_is_shown_the_case(tmp_path: Path) -> None:
    told = run(str(weakened(tmp_path)))
    assert told.exit_code == 1
    assert "Not proven:" in told.output
    assert (" charge-disputed: a refund of USD 18.00 on a disputed charge would be done with only a lead's approval; "
            "never.yaml (charge-disputed) wants at least: refuse\n") in told.output


def test_the_folder_of_drafts_is_proven_when_nothing_is_named(tmp_path: Path) -> None:
    assert run(folder=str(weakened(tmp_path))).exit_code == 1


def test_a_machine_gets_one_object_with_the_facts(tmp_path: Path) -> None:
    told = run(str(weakened(tmp_path)), "--json")
    said = json.loads(told.output)
    assert told.exit_code == 1
    assert said["proven"] is False
    [one] = said["counterexamples"]
    assert (one["entry"], one["action"], one["at_least"], one["uncertain"]) == (
        "charge-disputed", "refund", "refuse", False)
    assert (one["facts"]["charge_state"], one["facts"]["amount"], one["facts"]["flags"]) == ("disputed", 1800, [])


def test_a_mistake_in_the_never_file_is_told_with_its_line(tmp_path: Path) -> None:
    weakened(tmp_path)
    (tmp_path / "never.yaml").write_text("never:\n  - {id: one, actions: all, at_least: refus, because: so}\n")
    told = run(str(tmp_path))
    assert told.exit_code == 1
    assert 'never.yaml: line 2, column 39: at_least: "refus" is not possible; did you mean "refuse"?' in told.output


@pytest.mark.parametrize("name", ["nowhere", "²", "３", "99999999999"])
def test_a_name_that_is_nothing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    told = run(name)
    assert told.exit_code == 2
    assert "neither a file, nor a folder, nor a published version" in told.output
