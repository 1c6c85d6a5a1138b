"""Reads the written threads: what each customer wrote, in which world, and what must come of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
ENDS = frozenset({"done", "parked", "handed_over", "ignored"})
DOABLE = frozenset({"done", "parked"})
FAST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True)
class Written:
    who: str
    text: str
    at: str | None = None


@dataclass(frozen=True)
class Thread:
    id: str
    world: dict[str, Any]
    messages: tuple[Written, ...]
    end: str
    actions: tuple[dict[str, Any], ...]
    channel: str = "email"
    requester: str = "ann@example.com"
    subject: str = "Question"
    machine: bool = False
    file: str = field(default="", compare=False)


def threads() -> list[Thread]:
    """All threads of all files, worlds filled in."""
    worlds = _read(FOLDER / "worlds.yaml")
    files = sorted(path for path in FOLDER.glob("*.yaml") if path.name != "worlds.yaml")
    return [thread for path in files for thread in _in_file(path, worlds)]


def _read(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=FAST)  # noqa: S506 - a safe loader


def _in_file(path: Path, worlds: dict[str, Any]) -> Iterator[Thread]:
    for row in _read(path):
        messages = row.get("messages") or [{"from": "customer", "text": row["text"]}]
        yield Thread(
            id=row["id"], file=path.name, subject=row.get("subject", "Question"), channel=row.get("channel", "email"),
            requester=row.get("from", "ann@example.com"), machine=row.get("machine", False),
            world=worlds[row["world"]] if isinstance(row["world"], str) else row["world"],
            messages=tuple(Written(m["from"], m["text"], m.get("at")) for m in messages),
            end=row["expect"]["end"], actions=tuple(row["expect"].get("actions", ())),
        )


def moment(offset: str | None, now: datetime) -> datetime:
    """`-2d`, `-49h` and the like from now; now when nothing is given."""
    if offset is None:
        return now
    match = re.fullmatch(r"-(\d+)([smhd])", offset)
    if match is None:
        raise ValueError(f"not an offset: {offset}")
    return now - timedelta(**{_UNITS[match[2]]: int(match[1])})
