"""The steps of a setup, on a vendor of three parts that can be killed at every call."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from connectors.parts import Found, Known, Notice
from scripts.setup.steps import carry_out, plan


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Vendor:
    """Its books, and after how many more calls the process is killed: before the call takes effect, or after."""

    things: dict[str, dict[str, str]] = field(default_factory=dict)
    left: int | None = None
    after: bool = False
    calls: list[str] = field(default_factory=list)
    made: int = 0

    def call(self, words: str, effect: object = None) -> None:
        self.calls.append(words)
        last = self.left == 0
        if self.left is not None:
            self.left -= 1
        if last and not self.after:
            raise Killed
        if callable(effect):
            effect()
        if last:
            raise Killed


@dataclass
class Thing:
    vendor: Vendor
    name: str
    wanted_value: str = "as wanted"
    wanted: bool = True
    needs: str | None = None
    once: bool = False
    marks: dict[str, str] = field(default_factory=dict)
    why: str = "the test asks for it"

    def look(self, known: Known) -> Found | None:
        self.vendor.call(f"look {self.name}")
        thing = self.vendor.things.get(self.name)
        return self._found(thing) if thing else None

    def make(self, known: Known) -> Found:
        assert self.needs is None or self.needs in known
        thing = {"id": f"{self.name}-{self.vendor.made}", "value": self.wanted_value}
        self.vendor.made += 1
        self.vendor.call(f"make {self.name}", lambda: self.vendor.things.update({self.name: thing}))
        found = self._found(thing)
        return Found(found.id, settings={"TOLD_ONCE": f"secret of {found.id}"}) if self.once else found

    def change(self, found: Found, known: Known) -> Found:
        self.vendor.call(f"change {self.name}",
                         lambda: self.vendor.things[self.name].update(value=self.wanted_value))
        return self._found(self.vendor.things[self.name])

    def remove(self, found: Found) -> None:
        self.vendor.call(f"remove {self.name}", lambda: self.vendor.things.pop(self.name, None))

    def _found(self, thing: dict[str, str]) -> Found:
        differs = () if thing["value"] == self.wanted_value else (f"it is {thing['value']}",)
        if self.once:
            return Found(thing["id"], differs, unreadable=("TOLD_ONCE",))
        return Found(thing["id"], differs, {f"ID_OF_{self.name.upper()}": thing["id"]})


class Account:
    """Its field cannot bear a mark at the vendor."""

    def __init__(self, vendor: Vendor, *, wanted: bool = True, field_wanted: bool = True) -> None:
        self.things = [Thing(vendor, "hook", once=True), Thing(vendor, "rule", wanted=wanted, needs="hook"),
                       Thing(vendor, "field", wanted=field_wanted, marks={"FIELD_MADE_HERE": "yes"})]

    def account(self) -> str:
        return "Acme"

    def parts(self) -> list[Thing]:
        return self.things

    def notices(self) -> list[Notice]:
        return []


def run(setup: Account, settings: dict[str, str], *, teardown: bool = False) -> list[str]:
    def keep(given: object) -> None:
        assert isinstance(given, dict)
        settings.update(given)
        for name in [name for name, value in settings.items() if not value]:
            del settings[name]

    steps = plan(setup, settings, teardown=teardown)
    return [f"{step.verb} {step.part.name}" for step in carry_out(steps, lambda: settings, keep, teardown=teardown)]


def test_a_second_run_changes_nothing() -> None:
    vendor, settings = Vendor(), dict[str, str]()
    assert run(Account(vendor), settings) == ["make hook", "make rule", "make field"]
    stood = dict(vendor.things)
    assert run(Account(vendor), settings) == ["keep hook", "keep rule", "keep field"]
    assert vendor.things == stood
    assert settings == {"TOLD_ONCE": "secret of hook-0", "ID_OF_RULE": "rule-1", "ID_OF_FIELD": "field-2",
                        "FIELD_MADE_HERE": "yes"}


def test_planning_writes_nothing() -> None:
    vendor = Vendor()
    plan(Account(vendor), {})
    assert {one.split()[0] for one in vendor.calls} == {"look"}


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
@pytest.mark.parametrize("calls", range(9))
def test_killed_at_any_call_and_run_again_the_end_is_the_same(calls: int, after: bool) -> None:
    vendor, settings = Vendor(left=calls, after=after), dict[str, str]()
    with pytest.raises(Killed):
        run(Account(vendor), settings)
    vendor.left = None
    run(Account(vendor), settings)
    assert sorted(vendor.things) == ["field", "hook", "rule"]
    assert settings["TOLD_ONCE"] == f"secret of {vendor.things['hook']['id']}"
    assert run(Account(vendor), settings) == ["keep hook", "keep rule", "keep field"]


def test_only_what_differs_is_changed() -> None:
    vendor, settings = Vendor(), dict[str, str]()
    run(Account(vendor), settings)
    vendor.things["rule"]["value"] = "switched off"
    [step] = [one for one in plan(Account(vendor), settings) if one.changes()]
    assert (step.part.name, step.words) == ("rule", ("it is switched off",))
    assert run(Account(vendor), settings) == ["keep hook", "change rule", "keep field"]


def test_what_was_shown_only_once_and_is_lost_is_made_anew() -> None:
    vendor, settings = Vendor(), dict[str, str]()
    run(Account(vendor), settings)
    del settings["TOLD_ONCE"]
    assert run(Account(vendor), settings) == ["make anew hook", "keep rule", "keep field"]
    assert settings["TOLD_ONCE"] == f"secret of {vendor.things['hook']['id']}"


def test_what_can_be_read_again_is_only_written_to_the_settings() -> None:
    vendor, settings = Vendor(), dict[str, str]()
    run(Account(vendor), settings)
    del settings["ID_OF_FIELD"]
    assert run(Account(vendor), settings) == ["keep hook", "keep rule", "note settings field"]


def test_a_part_that_is_no_longer_wanted_is_removed() -> None:
    vendor, settings = Vendor(), dict[str, str]()
    run(Account(vendor), settings)
    assert run(Account(vendor, wanted=False), settings) == ["keep hook", "remove rule", "keep field"]
    assert run(Account(vendor, wanted=False), settings) == ["keep hook", "nothing rule", "keep field"]
    assert "ID_OF_RULE" not in settings


def test_a_teardown_removes_in_reverse_what_was_made_and_its_settings() -> None:
    vendor, settings = Vendor(), {"OTHER": "stays"}
    run(Account(vendor), settings)
    vendor.things["an admin's own"] = {"id": "1", "value": "theirs"}
    assert run(Account(vendor), settings, teardown=True) == ["remove field", "remove rule", "remove hook"]
    assert (list(vendor.things), settings) == (["an admin's own"], {"OTHER": "stays"})
    assert run(Account(vendor), settings, teardown=True) == ["nothing field", "nothing rule", "nothing hook"]


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
@pytest.mark.parametrize("calls", range(9))
def test_a_teardown_killed_at_any_call_and_run_again_leaves_nothing(calls: int, after: bool) -> None:
    vendor, settings = Vendor(), {"OTHER": "stays"}
    run(Account(vendor), settings)
    vendor.left, vendor.after = calls, after
    with pytest.raises(Killed):
        run(Account(vendor), settings, teardown=True)
    vendor.left = None
    run(Account(vendor), settings, teardown=True)
    assert (vendor.things, settings) == ({}, {"OTHER": "stays"})


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
@pytest.mark.parametrize("calls", range(9))
def test_a_setup_killed_at_any_call_is_wholly_taken_down(calls: int, after: bool) -> None:
    vendor, settings = Vendor(left=calls, after=after), {"OTHER": "stays"}
    with pytest.raises(Killed):
        run(Account(vendor), settings)
    vendor.left = None
    run(Account(vendor), settings, teardown=True)
    assert (vendor.things, settings) == ({}, {"OTHER": "stays"})


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
@pytest.mark.parametrize("calls", range(7))
def test_a_change_of_mind_killed_at_any_call_and_run_again_leaves_nothing_of_the_part(calls: int, after: bool) -> None:
    vendor, settings = Vendor(), dict[str, str]()
    run(Account(vendor), settings)
    vendor.left, vendor.after = calls, after
    with pytest.raises(Killed):
        run(Account(vendor, field_wanted=False), settings)
    vendor.left = None
    run(Account(vendor, field_wanted=False), settings)
    assert sorted(vendor.things) == ["hook", "rule"]
    assert sorted(settings) == ["ID_OF_RULE", "TOLD_ONCE"]


def test_what_our_settings_do_not_mark_as_ours_is_not_removed_and_that_is_said() -> None:
    vendor, settings = Vendor({"field": {"id": "9", "value": "theirs"}}), dict[str, str]()
    [step] = [one for one in plan(Account(vendor), settings, teardown=True) if one.words]
    assert (step.part.name, step.verb, step.words) == (
        "field", "nothing", ("it stays: without FIELD_MADE_HERE in .env it is not known to be ours",))
    run(Account(vendor), settings, teardown=True)
    run(Account(vendor, field_wanted=False), settings)
    assert vendor.things["field"] == {"id": "9", "value": "theirs"}


def test_a_mark_of_what_is_gone_is_taken_out_of_the_settings() -> None:
    vendor, settings = Vendor(), dict[str, str]()
    run(Account(vendor), settings)
    del vendor.things["field"]
    [step] = [one for one in plan(Account(vendor), settings, teardown=True) if one.words]
    assert (step.verb, step.words) == ("clear settings", ("FIELD_MADE_HERE is taken out of .env",))
    assert step.changes()
    run(Account(vendor), settings, teardown=True)
    assert "FIELD_MADE_HERE" not in settings
