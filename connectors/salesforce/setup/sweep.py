"""The hourly job that drives again what Deskhand has not taken (package, DeskhandSweep)."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.contract import NotFound, Rejected, Unavailable
from connectors.parts import Found, Known
from connectors.salesforce.endings import VENDOR
from connectors.salesforce.setup.api import Api, Json
from connectors.salesforce.setup.choices import Choices

JOB, SWITCH = "Deskhand sweep", "DeskhandSweepSwitch"
OVER = ("COMPLETE", "DELETED", "ERROR")
TRIES, PAUSE = 7, 20.0
"""A new app is known everywhere within some minutes only."""


def scheduled(api: Api) -> list[Json]:
    return api.rows("Id, State, NextFireTime, PreviousFireTime", "CronTrigger", {"CronJobDetail.Name": JOB})


def switch_off(api: Api) -> bool:
    """Whether there was a job to stop. No job, or no package any more, is off already."""
    if not scheduled(api):
        return False
    try:
        api.act(SWITCH, {"wanted": "off"})
    except NotFound:
        return False
    return True


def switch_on(api: Api) -> None:
    """Scheduled as whoever's login this is."""
    api.act(SWITCH, {"wanted": "on"})


class SweepPart:
    """Scheduled as the integration user, whose permission set lets it read and write the outbox."""

    name = f'scheduled job "{JOB}"'
    why = "sends once an hour what could not be sent before"
    marks: Mapping[str, str] = {}

    def __init__(self, api: Api, running: Api, choices: Choices) -> None:
        """`running` is signed in as Deskhand is when it runs."""
        self._api = api
        self._running = running
        self.wanted = choices.calls_us

    def look(self, known: Known) -> Found | None:
        jobs = scheduled(self._api)
        if not jobs:
            return None
        ended = [str(one["State"]) for one in jobs if one.get("State") in OVER]
        return Found(str(jobs[0]["Id"]), tuple(f"it is {state.lower()}" for state in ended))

    def make(self, known: Known) -> Found:
        for left in range(TRIES - 1, -1, -1):
            try:
                switch_on(self._running)
                break
            except Unavailable as error:
                if error.reason != "credentials" or not left:
                    raise _not_yet(error) from error
                self._api.around.sleep(PAUSE)
        found = self.look(known)
        if found is None:
            raise Rejected(f"Salesforce did not schedule the {self.name}. Schedule the class DeskhandSweep by hand "
                           f'for each hour, with the job name "{JOB}": Setup > Apex Classes > Schedule Apex.',
                           vendor=VENDOR, reason="not scheduled")
        return found

    def change(self, found: Found, known: Known) -> Found:
        switch_off(self._api)
        return self.make(known)

    def remove(self, found: Found) -> None:
        switch_off(self._api)


def _not_yet(error: Unavailable) -> Exception:
    if error.reason != "credentials":
        return error
    return Unavailable(f"Salesforce does not let Deskhand's new login in yet ({error}). A new app may take ten "
                       "minutes; say the same again then", vendor=VENDOR, reason="not yet")
