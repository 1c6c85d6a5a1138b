"""How commands are told a time in the past: "30d", "2026-11-01", or "2026-11-01T10:00Z"."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import click

DAYS = re.compile(r"([1-9]\d{0,3})d", re.ASCII)

Since = Callable[[datetime], datetime]
"""Now → the time that is meant."""


class SinceType(click.ParamType[Since]):
    """Days back from now, or the beginning of a day (UTC)."""

    name = "days-or-date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Since:
        told = str(value).strip()
        if days := DAYS.fullmatch(told):
            back = timedelta(days=int(days[1]))
            return lambda now: now - back
        try:
            begins = datetime.combine(date.fromisoformat(told), time(), UTC)
        except ValueError:
            self.fail(f"{told}: write days, as in 30d, or a date, as in 2026-11-01", param, ctx)
        return lambda now: begins


class MomentType(SinceType):
    """As well a moment with its zone."""

    name = "days-or-time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Since:
        told = str(value).strip()
        if "T" not in told:
            return super().convert(told, param, ctx)
        try:
            moment = datetime.fromisoformat(told)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            self.fail(f"{told}: write a time with its zone, as in 2026-11-01T10:00Z", param, ctx)
        return lambda now: moment


SINCE = SinceType()
MOMENT = MomentType()
