"""`.env` as the setup writes it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from scripts.envfile import EnvFile


def test_a_new_file_can_be_read_by_its_owner_alone(tmp_path: Path) -> None:
    EnvFile(tmp_path / ".env").put({"STRIPE_API_KEY": "rk_test_1"})
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600


def test_other_lines_comments_and_their_order_stay(tmp_path: Path) -> None:
    file = EnvFile(tmp_path / ".env")
    file.path.write_text("# ours\nexport A=1\n\nB='two words'\nA=3\n")
    assert file.put({"A": "4", "C": "5"}) == ("A", "C")
    assert file.path.read_text() == "# ours\nA=4\n\nB='two words'\nC=5\n"


def test_an_empty_value_takes_the_line_away(tmp_path: Path) -> None:
    file = EnvFile(tmp_path / ".env")
    file.put({"A": "1", "B": "2"})
    assert file.put({"A": "", "X": ""}) == ("A",)
    assert file.path.read_text() == "B=2\n"


def test_nothing_is_written_when_nothing_changes(tmp_path: Path) -> None:
    file = EnvFile(tmp_path / ".env")
    file.put({"A": "1"})
    before = file.path.stat().st_mtime_ns, file.path.stat().st_ino
    assert file.put({"A": "1"}) == ()
    assert (file.path.stat().st_mtime_ns, file.path.stat().st_ino) == before


@pytest.mark.parametrize("value", [
    "plain", "with space", "it's", 'say "so"', "back\\slash", "a#b", "$HOME ${X}", "ünïcode", "=", "whsec_a,whsec_b",
    "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n", "tail\\", "a\r\nb\r\n", "a\rb",
    "a\u2028b", "a\x0cb\x85c", "back\\r and \\n\nline"])
def test_what_is_written_is_read_back(tmp_path: Path, value: str) -> None:
    file = EnvFile(tmp_path / ".env")
    file.put({"FIRST": "1", "A": value, "LAST": "2"})
    assert file.values() == {"FIRST": "1", "A": value, "LAST": "2"}
    file.put({"A": "other"})
    assert file.values() == {"FIRST": "1", "A": "other", "LAST": "2"}


def test_a_write_that_fails_leaves_the_file_and_no_other(tmp_path: Path) -> None:
    file = EnvFile(tmp_path / ".env")
    file.put({"A": "1"})
    with pytest.raises(UnicodeEncodeError):
        file.put({"A": "\ud800 is no text"})
    assert (file.values(), [one.name for one in tmp_path.iterdir()]) == ({"A": "1"}, [".env"])


def test_of_a_value_that_was_written_by_hand_over_several_lines_nothing_is_left(tmp_path: Path) -> None:
    """As a key is pasted: its other lines may be secret too."""
    file = EnvFile(tmp_path / ".env")
    file.path.write_text('A=1\nKEY="-----BEGIN\nMIIB+secret=\n-----END"\n# ours\nB=2\n')
    assert file.values() == {"A": "1", "KEY": "-----BEGIN\nMIIB+secret=\n-----END", "B": "2"}
    file.put({"KEY": "new"})
    assert file.path.read_text() == "A=1\nKEY=new\n# ours\nB=2\n"
    file.path.write_text('A=1\nKEY="-----BEGIN\nA=9\n-----END"\nB=2\n')
    file.put({"A": "3"})
    assert file.values() == {"A": "3", "KEY": "-----BEGIN\nA=9\n-----END", "B": "2"}


def test_a_file_that_stands_elsewhere_is_written_there_and_the_link_stays(tmp_path: Path) -> None:
    """Else its secrets lie in two places, and a changed one counts in only one of them."""
    (tmp_path / "kept").mkdir()
    (tmp_path / "here").mkdir()
    (tmp_path / "kept/env").write_text("A=1\n")
    link = tmp_path / "here/.env"
    link.symlink_to(tmp_path / "kept/env")
    EnvFile(link).put({"A": "2"})
    assert link.is_symlink()
    assert (tmp_path / "kept/env").read_text() == "A=2\n"
    assert stat.S_IMODE((tmp_path / "kept/env").stat().st_mode) == 0o600
    assert [one.name for one in (tmp_path / "here").iterdir()] == [".env"]
