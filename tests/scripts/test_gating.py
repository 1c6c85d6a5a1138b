"""What a gate found is told alike by every command that runs gates."""

from __future__ import annotations

import json

import pytest

from scripts.gating import Columns, Found, NotAsked, check

COLUMNS = Columns(gate=6, count=5)
NOT_ASKED = NotAsked("weather", "The weather is not looked at.")


def test_each_gate_is_told_with_what_it_read_and_the_first_25_faults(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        check({"good": lambda: Found(1234, "files", remark="2 with a reason"),
               "bad": lambda: Found(27, "words", tuple(f"word [{n}] is wrong" for n in range(27)))},
              NOT_ASKED, COLUMNS, as_json=False)
    assert ended.value.code == 1
    good, bad, *faults, more, not_asked = capsys.readouterr().out.splitlines()
    assert good.startswith("good   passed  1,234 files (2 with a reason), 0.")
    assert bad.startswith("bad    failed     27 words, 0.")
    assert (faults[0], faults[-1], len(faults)) == ("  word [0] is wrong", "  word [24] is wrong", 25)
    assert (more, not_asked) == ("  and 2 more", "The weather is not looked at.")


def test_as_json_every_fault_is_told_in_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        check({"bad": lambda: Found(1, "words", ("word is wrong",))}, NOT_ASKED, COLUMNS, as_json=True)
    assert ended.value.code == 1
    said = json.loads(capsys.readouterr().out)
    assert said == {"passed": False, "weather": "The weather is not looked at.", "gates": [
        {"gate": "bad", "passed": False, "count": 1, "of": "words", "remark": "",
         "seconds": said["gates"][0]["seconds"], "faults": ["word is wrong"]}]}


def test_where_every_gate_passed_the_exit_code_is_0(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        check({"good": lambda: Found(1, "file")}, NOT_ASKED, COLUMNS, as_json=False)
    assert ended.value.code == 0
    assert "passed" in capsys.readouterr().out
