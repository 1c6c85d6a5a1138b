"""When the desk is open: the admin's weekly hours in a named time zone, and the days it is closed."""

from __future__ import annotations

import difflib
import re
from datetime import date, datetime, timedelta
from typing import Annotated, Any, NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SPAN = re.compile(r"([a-z]{3})(?:-([a-z]{3}))?\s+(\d\d):([0-5]\d)-(\d\d):([0-5]\d)", re.ASCII)
WHOLE_DAY = 24 * 60


class Span(NamedTuple):
    """Hours of some days of the week, in minutes since the midnight that each day begins with."""

    days: frozenset[int]
    begins: int
    ends: int
    """Above WHOLE_DAY when it is over after midnight, of the day after."""


def _zone(name: str) -> str:
    names = available_timezones()
    if name in names:
        return name
    same = [one for one in sorted(names) if one.rpartition("/")[2].casefold() == name.rpartition("/")[2].casefold()]
    near = same or difflib.get_close_matches(name, names, 1)
    raise ValueError(f"{name} is not a time zone; "
                     + (f"did you mean {near[0]}?" if near else "write a region and a city, as in Europe/Berlin"))


def _span(told: Any) -> Span:
    if not isinstance(told, str) or not (found := SPAN.fullmatch(" ".join(told.lower().split()))):
        raise ValueError(f"{told} cannot be read; write days and times, as in mon-fri 09:00-18:00")
    first, last, *clock = found.groups()
    if stray := [day for day in (first, last or first) if day not in DAYS]:
        raise ValueError(f"{stray[0]} is not a day; the days are {', '.join(DAYS)}")
    begins, ends = (int(clock[n]) * 60 + int(clock[n + 1]) for n in (0, 2))
    if begins >= WHOLE_DAY or ends > WHOLE_DAY:
        raise ValueError(f"{told} has a time after 24:00; times go from 00:00 to 24:00")
    if begins == ends:
        raise ValueError(f"{told} begins and ends at the same time; write 00:00-24:00 for a whole day")
    from_, to = DAYS.index(first), DAYS.index(last or first)
    days = frozenset((from_ + n) % 7 for n in range((to - from_) % 7 + 1))
    return Span(days, begins, ends if ends > begins else ends + WHOLE_DAY)


class Hours(BaseModel):
    """The table [hours]. Hours that end after midnight belong to the day they begin on, also on days it is closed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    zone: Annotated[str, AfterValidator(_zone)]
    open: tuple[Annotated[Span, BeforeValidator(_span)], ...] = Field(min_length=1)
    closed: frozenset[date] = frozenset()

    def at(self, moment: datetime) -> bool:
        """Whether the desk is open, by the clock on its wall: summer time comes and goes as the zone says."""
        local = moment.astimezone(ZoneInfo(self.zone))
        minute = local.hour * 60 + local.minute
        return self._began(local.date(), minute) or self._began(local.date() - timedelta(days=1), minute + WHOLE_DAY)

    def _began(self, day: date, minute: int) -> bool:
        """Whether hours that began on this day include this minute, counted from its midnight."""
        return day not in self.closed and any(
            day.weekday() in span.days and span.begins <= minute < span.ends for span in self.open)
