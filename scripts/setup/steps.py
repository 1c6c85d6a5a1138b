"""From what an account should have to what is done there: looked at first, told, then only the differences."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from connectors.parts import CHANGING, Found, Part, Setup, Taken

Verb = Literal["make", "make anew", "change", "remove", "keep", "note settings", "clear settings", "nothing"]
"""What is to be done for one part. `note settings`: it stands, and only our settings lack what it gives; `clear
settings`: it is gone, and only our settings still tell of it."""
WRITES: tuple[Verb, ...] = ("make", "make anew", "change", "remove", "note settings", "clear settings")


@dataclass(frozen=True)
class Step:
    """One part, and what is to be done for it."""

    part: Part
    verb: Verb
    found: Found | None = None
    words: tuple[str, ...] = ()

    def changes(self) -> bool:
        return self.verb in WRITES


def plan(setup: Setup, settings: Mapping[str, str], *, teardown: bool = False) -> list[Step]:
    """Reads the vendor and writes nothing. Raises VendorError, and Taken where an admin's own thing is in the way."""
    known: dict[str, Found] = {}
    steps = []
    for part in setup.parts():
        step = _step(part, known, settings, teardown)
        if step.found is not None:
            known[part.name] = step.found
        steps.append(step)
    return steps[::-1] if teardown else steps


def carry_out(steps: Sequence[Step], settings: Callable[[], Mapping[str, str]],
              keep: Callable[[Mapping[str, str]], object], *, teardown: bool = False) -> Iterator[Step]:
    """Does the steps one by one and yields each when it is done. What a part gives is kept before the next begins;
    what a part gave is taken out before it is removed, so that a killed teardown leaves no setting of what is gone; of
    what a part that stays gives, too, its own value alone.
    Marks are kept before it is made and taken out after it is gone, so that what stands is always known for ours.

    Each part is looked at again right before, so that a plan which has grown old does nothing twice.
    """
    known: dict[str, Found] = {}
    for planned in steps:
        step = _step(planned.part, known, settings(), teardown)
        marks = step.part.marks
        if step.verb == "remove" and step.found is not None:
            left = _without(step.found, known, settings())
            keep({name: value for name, value in left.items() if name not in marks})
        if step.verb in ("make", "make anew"):
            keep(marks)
        stands = _done(step, known)
        if step.verb in ("remove", "clear settings"):
            keep(dict.fromkeys(marks, ""))
        if stands is not None:
            known[step.part.name] = stands
            if missing := _lacking(stands, settings()):
                keep(missing)
        yield step


def _step(part: Part, known: Mapping[str, Found], settings: Mapping[str, str], teardown: bool) -> Step:
    if teardown or not part.wanted:
        return _step_away(part, _ours(part, known), settings)
    found = part.look(known)
    if found is None:
        return Step(part, "make")
    if lost := [name for name in found.unreadable if not settings.get(name)]:
        return Step(part, "make anew", found, tuple(f"{name} is shown only once, and is not in the settings"
                                                   for name in lost))
    if found.differs:
        return Step(part, "change", found, found.differs)
    if lacking := _lacking(found, settings):
        return Step(part, "note settings", found, tuple(f"{name} is written to .env" for name in lacking))
    return Step(part, "keep", found)


def _step_away(part: Part, found: Found | None, settings: Mapping[str, str]) -> Step:
    held = [name for name in part.marks if settings.get(name)]
    if found is None and held:
        return Step(part, "clear settings", None, tuple(f"{name} is taken out of .env" for name in held))
    if found is None:
        return Step(part, "nothing")
    if lacking := [name for name in part.marks if name not in held]:
        return Step(part, "nothing", None, tuple(f"it stays: without {name} in .env it is not known to be ours"
                                                 for name in lacking))
    return Step(part, "remove", found, tuple(f"with it go {one}" for one in found.takes_along))


def _ours(part: Part, known: Mapping[str, Found]) -> Found | None:
    """What is to be removed; an admin's own thing that has the name stays."""
    try:
        return part.look(known)
    except Taken:
        return None


def _done(step: Step, known: Mapping[str, Found]) -> Found | None:
    part, found = step.part, step.found
    if step.verb == "make":
        return part.make(known)
    if found is None:
        return None
    if step.verb == "make anew":
        part.remove(found)
        return part.make(known)
    if step.verb == "change":
        return part.change(found, known)
    if step.verb == "remove":
        part.remove(found)
        return None
    return found


def _without(found: Found, known: Mapping[str, Found], settings: Mapping[str, str]) -> dict[str, str]:
    """What is left of the variables it gave."""
    shared = {name for one in known.values() for name in one.settings}

    def left(name: str) -> str:
        held = settings.get(name, "").split(",") if name in shared else []
        return ",".join(one for one in held if one.strip() != found.settings.get(name))

    return {name: left(name) for name in (*found.settings, *found.unreadable)}


def _lacking(found: Found, settings: Mapping[str, str]) -> dict[str, str]:
    """What it gives and our settings do not hold. Of a secret that has two values, one is enough; amid a change of it
    the old one goes on counting."""
    def held(name: str) -> list[str]:
        return [one.strip() for one in settings.get(name, "").split(",")]

    def beside(name: str) -> list[str]:
        return [one for one in held(name) if one != CHANGING][:1] if CHANGING in held(name) else []

    return {name: ",".join([value, *beside(name)]) for name, value in found.settings.items()
            if value != settings.get(name) and value.strip() not in held(name)}
