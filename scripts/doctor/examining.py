"""Asks all checks side by side, each within its time, and takes down what they found."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from contextvars import copy_context
from dataclasses import dataclass, field, replace

from sqlalchemy.exc import SQLAlchemyError

from connectors.contract import Unavailable, VendorError
from connectors.http import Hear, hearing
from connectors.parts import Check, Dimension, Finding

PATIENCE = 30.0
"""Seconds that one check may take."""


@dataclass(frozen=True)
class Asked:
    """A check, and where on the page its findings stand."""

    group: str
    check: Check
    dimension: Dimension = "API access"


@dataclass(frozen=True)
class Result:
    """One line of the page."""

    group: str
    finding: Finding


@dataclass
class _Answer:
    asked: Asked
    findings: list[Finding] = field(default_factory=list)


def examine(questions: Sequence[Asked], seconds: float = PATIENCE, hear: Hear | None = None) -> list[Result]:
    """What each check found, in the order of the questions. A check that cannot be asked, or does not answer in time,
    is a red finding, never an error."""
    answers = [_Answer(one) for one in questions]
    threads = [threading.Thread(target=copy_context().run, args=(_ask, answer, hear), daemon=True)
               for answer in answers]
    for thread in threads:
        thread.start()
    end = time.monotonic() + seconds
    for thread, answer in zip(threads, answers, strict=True):
        thread.join(max(0.0, end - time.monotonic()))
        if thread.is_alive():  # left alone: it is a daemon, and its late answer is not read
            answer.findings = [_not_asked(answer.asked, f"did not answer within {seconds:g} seconds", None)]
    return _once([Result(answer.asked.group, one) for answer in answers for one in answer.findings])


def _ask(answer: _Answer, hear: Hear | None) -> None:
    try:
        with hearing(hear or (lambda *_: None)):
            answer.findings = list(answer.asked.check.run())
    except VendorError as error:
        answer.findings = [_not_asked(answer.asked, f"could not be asked: {error}", error)]
    except SQLAlchemyError as error:
        answer.findings = [_not_asked(answer.asked, f"could not be asked of the database ({type(error).__name__})",
                                      error)]
    except Exception as error:  # noqa: BLE001 - the page must show all other findings, whatever one check ends in
        # The kind only: an error's own words may hold a secret.
        answer.findings = [_not_asked(answer.asked, f"ended in an error of its own ({type(error).__name__})", error)]


def _not_asked(asked: Asked, says: str, error: Exception | None) -> Finding:
    return Finding(asked.check.name, "red", says, _mend(asked.group, error), asked.dimension)


def _mend(group: str, error: Exception | None) -> str:
    if isinstance(error, Unavailable) and error.lasting:
        return f"Check what .env holds for {group}: deskhand init asks for it anew and tries it."
    if isinstance(error, VendorError):
        return f"Look at {group}'s status page and at this machine's way out, then run this again."
    if isinstance(error, SQLAlchemyError):
        return "Look at the findings about the database first."
    return "Run this again; if it stays so, report it with the output of deskhand doctor --json."


def _once(results: list[Result]) -> list[Result]:
    """The same trouble met by several checks of one group is told once, under all their names."""
    told: dict[tuple[str, str, str], int] = {}
    kept: list[Result] = []
    for one in results:
        place = told.get(key := (one.group, one.finding.says, one.finding.mend))
        if place is None or one.finding.level == "green":
            told[key] = len(kept)
            kept.append(one)
        elif one.finding.check not in kept[place].finding.check.split(", "):
            names = f"{kept[place].finding.check}, {one.finding.check}"
            kept[place] = replace(kept[place], finding=replace(kept[place].finding, check=names))
    return kept
