"""A calendar month as people there live it: it begins and ends at their midnight, daylight saving or not."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Month:
    year: int
    month: int
    zone: ZoneInfo

    @property
    def begins(self) -> datetime:
        return _midnight(date(self.year, self.month, 1), self.zone)

    @property
    def ends(self) -> datetime:
        """The first moment of the next one."""
        return _midnight(self._last() + timedelta(days=1), self.zone)

    def days(self) -> Iterator[tuple[datetime, datetime]]:
        """Its days, each as its first moment and the next one's; 23 to 25 hours long, as the clocks are put."""
        day = date(self.year, self.month, 1)
        while day <= self._last():
            yield _midnight(day, self.zone), _midnight(day + timedelta(days=1), self.zone)
            day += timedelta(days=1)

    def __contains__(self, moment: datetime) -> bool:
        return self.begins <= moment < self.ends

    def __str__(self) -> str:
        return f"{calendar.month_name[self.month]} {self.year} in {self.zone.key}"

    def _last(self) -> date:
        return date(self.year, self.month, calendar.monthrange(self.year, self.month)[1])


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """The day's first moment: where midnight comes twice the first one, where it is left out what comes instead."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
