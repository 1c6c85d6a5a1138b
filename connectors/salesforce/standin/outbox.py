"""The package's senders: one job at a time calls Deskhand for what waits in the outbox (DeskhandSender, -Sweep).

A job takes 50 rows, calls once for each case one after the other, ends after three failures in a row, and keeps what
became of the rows in one update at its end. Its finalizer starts the next: after 1, 2, 4, 8 and 10 minutes when
Deskhand is away, else when the next row is due. Once an hour the sweep wakes a sender and gives up what is a day old.
"""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connectors.salesforce.standin import outbound, signing
from connectors.salesforce.standin.ids import id18, stamp
from connectors.salesforce.standin.org import Json, Org, Row
from connectors.salesforce.standin.people import person
from connectors.standin import Delivery

PATH = "/webhooks/salesforce"
MOST, ENOUGH_FAILURES = 50, 3
LONGEST = timedelta(minutes=1)
PAUSES, PAUSE_UNTIL_SWEEP = (1, 2, 4, 8, 10), 30
"""Minutes."""
LONGEST_DELAY = 10
GIVE_UP, TIDY = timedelta(hours=24), timedelta(days=7)
SWEEP_MINUTE = 7
TABLE = "Deskhand_Outbox__c"
LACKING = {
    "certificate": "System.SecurityException: Certificate not found: Deskhand_Signing",
    "credential_access": "System.CalloutException: We couldn't access the credential(s). You might not have the "
                         "required permissions, or the external credential \"Deskhand\" might not exist."}
"""What stops a call before it is made, by the step of the package's setup that was left out."""


@dataclass
class Job:
    """A sender, waiting or at work. `failures`: senders before it that found Deskhand away."""

    due: datetime
    failures: int
    cases: list[list[str]] = field(default_factory=list)
    """The rows of each case; the newest stands for the others."""
    until: datetime | None = None
    results: list[tuple[list[str], str | None]] = field(default_factory=list)
    calling: str | None = None
    failed: int = 0

    @property
    def working(self) -> bool:
        return self.until is not None


class Sender:
    """Senders of one org and its outbound messages. Never part of a copied state."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self.plans: list[Json] = []
        """How the next calls fare; see `next_deliveries`."""
        self.apart: list[Delivery] = []
        """Calls that no job waits for: doubled and delayed ones."""
        self.swept: datetime | None = None
        self.messages = outbound.Messages()

    def due(self, org: Org, now: datetime) -> list[Delivery]:
        """What is to be attempted now; each is handed out once per attempt."""
        ready = self.messages.due(org, now)
        if org.package is not None and org.package.get("named_credential"):
            self._sweep(org, now)
            self._wake(org, now)
            for job in [j for j in self.jobs if j.due <= now]:
                if job.calling is not None and job.until is not None and now > job.until:
                    self._called(job, "System.CalloutException: Read timed out")
                    self._end_if_done(org, job, now)
                else:
                    ready += self._work(org, job, now)
        ready += [each for each in self.apart if each.due <= now]
        self.apart = [each for each in self.apart if each.due > now]
        return ready

    def settled(self, org: Org, delivery: Delivery, status: int | None, now: datetime) -> None:
        """`status` is None for no answer; any 2xx is taken, also one that Deskhand had before."""
        delivery.attempts += 1
        delivery.statuses.append(status or 504)
        delivery.done = True
        if self.messages.settled(org, delivery, status, now):
            return
        job = next((j for j in self.jobs if j.calling == delivery.id), None)
        if job is not None:
            good = status is not None and 200 <= status < 300
            self._called(job, None if good else f"HTTP {status}" if status else
                         "System.CalloutException: Read timed out")
            self._end_if_done(org, job, now)

    def start(self, failures: int, minutes: float, now: datetime) -> None:
        """A sender in so many minutes; one that waits for that minute, or works, is enough ("Detecting Duplicates")."""
        due = stamp(now) + timedelta(minutes=minutes)
        if not any(job.working or job.due.replace(second=0) == due.replace(second=0) for job in self.jobs):
            self.jobs.append(Job(due, failures))

    def _wake(self, org: Org, now: datetime) -> None:
        """The platform event's trigger; without a fixed user it runs as one that may not read the outbox."""
        if org.wakes and not org.savepoints:
            org.wakes.clear()
            if (org.package or {}).get("subscriber_user", True):
                self.start(0, 0, now)

    def _sweep(self, org: Org, now: datetime) -> None:
        last = stamp(now).replace(minute=SWEEP_MINUTE, second=0)
        last = last if last <= now else last - timedelta(hours=1)
        if self.swept is None or not (org.package or {}).get("scheduled", True):
            self.swept = last
        if last <= self.swept:
            return
        self.swept = last
        for row in list(org.tables[TABLE].values()):
            if row["Status__c"] == "Waiting" and row["CreatedDate"] < now - GIVE_UP:
                org.put(TABLE, {**row, "Status__c": "Failed", "Next_Try__c": None})
            elif row["Status__c"] != "Waiting" and row["CreatedDate"] < now - TIDY:
                org.drop(TABLE, row["Id"])
        if waiting(org, now):
            org.wakes.append(stamp(now))

    def _work(self, org: Org, job: Job, now: datetime) -> list[Delivery]:
        if not job.working:
            job.cases, job.until = by_case(waiting(org, now)[:MOST]), now + LONGEST
            self._end_if_done(org, job, now)
        ready: list[Delivery] = []
        while job in self.jobs and job.calling is None:
            ready += self._call(org, job, newest(org, job.cases[len(job.results)]), now)
            self._end_if_done(org, job, now)
        return ready

    def _call(self, org: Org, job: Job, row: Row, now: datetime) -> list[Delivery]:
        """The call of one row, with what is planned for it; a call that cannot be made fails at once."""
        job.calling = row["Event_Id__c"]
        lacking = next((words for name, words in LACKING.items() if not (org.package or {}).get(name, True)), None)
        if lacking is not None:
            self._called(job, lacking)
            return []
        plan = self.plans.pop(0) if self.plans else {}
        if plan.get("crash"):
            self.jobs.remove(job)
            self._afterwards(org, job, True, now)
            return []
        made = [delivery(org, row, now) for _ in range(int(plan.get("times", 1)))]
        if plan.get("lost") or plan.get("delay"):
            self._called(job, None)
        if plan.get("delay"):
            for each in made:
                each.due = now + timedelta(seconds=plan["delay"])
            self.apart += made
        return [] if plan.get("lost") or plan.get("delay") else made

    def _called(self, job: Job, problem: str | None) -> None:
        job.results.append((job.cases[len(job.results)], problem))
        job.failed = 0 if problem is None else job.failed + 1
        job.calling = None

    def _end_if_done(self, org: Org, job: Job, now: datetime) -> None:
        late = job.until is not None and now > job.until
        if job in self.jobs and job.calling is None and (
                len(job.results) == len(job.cases) or job.failed == ENOUGH_FAILURES or late):
            self.jobs.remove(job)
            for ids, problem in job.results:
                for id in ids:
                    keep(org, id, problem, now)
            self._afterwards(org, job, job.failed == ENOUGH_FAILURES, now)

    def _afterwards(self, org: Org, job: Job, away: bool, now: datetime) -> None:
        """The finalizer."""
        if away:
            if job.failures < len(PAUSES):
                self.start(job.failures + 1, PAUSES[job.failures], now)
            return
        following = min((row["Next_Try__c"] for row in open_rows(org)), default=None)
        if following is None:
            return
        minutes = math.ceil((following - now).total_seconds() / 60)
        if minutes <= 0:
            org.wakes.append(stamp(now))
        elif minutes <= LONGEST_DELAY:
            self.start(0, minutes, now)


def open_rows(org: Org) -> list[Row]:
    return [row for row in org.tables[TABLE].values() if row["Status__c"] == "Waiting" and row["Next_Try__c"]]


def waiting(org: Org, now: datetime) -> list[Row]:
    """What may be sent now, the longest waiting first."""
    return sorted((row for row in open_rows(org) if row["Next_Try__c"] <= now), key=lambda row: row["Next_Try__c"])


def by_case(rows: list[Row]) -> list[list[str]]:
    """The ids of each case's rows, in the order given."""
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["Case_Id__c"], []).append(row["Id"])
    return list(found.values())


def newest(org: Org, ids: list[str]) -> Row:
    """The least tried, and of those the last to occur (DeskhandSender)."""
    rows = [org.tables[TABLE][id] for id in reversed(ids)]
    return max(rows, key=lambda row: (-int(row["Attempts__c"] or 0), row["Occurred_At__c"]))


def keep(org: Org, id: str, problem: str | None, now: datetime) -> None:
    """What became of a row: sent, or again later."""
    row = org.tables[TABLE].get(id)
    if row is None:
        return
    tried = int(row["Attempts__c"] or 0)
    pause = PAUSES[tried] if tried < len(PAUSES) else PAUSE_UNTIL_SWEEP
    became = {"Status__c": "Sent", "Next_Try__c": None, "Last_Error__c": None} if problem is None else {
        "Next_Try__c": stamp(now) + timedelta(minutes=pause), "Last_Error__c": problem[:255]}
    org.put(TABLE, {**row, **became, "Attempts__c": tried + 1})


def delivery(org: Org, row: Row, now: datetime) -> Delivery:
    """One call, signed anew with each attempt under the same event id."""
    body = json.dumps({"event_id": row["Event_Id__c"], "org_id": org.id, "case_id": row["Case_Id__c"],
                       "kind": row["Kind__c"], "occurred_at": row["Occurred_At__c"].strftime("%Y-%m-%dT%H:%M:%S.000Z")},
                      separators=(",", ":")).encode()
    id, case = row["Event_Id__c"], row["Case_Id__c"]

    def sign(at: datetime) -> dict[str, str]:
        return signing.headers(org, "POST", PATH, body, id=id, case=case, now=at)

    return Delivery(id, str((org.package or {})["named_credential"]).rstrip("/") + PATH, body, now, sign)


def next_deliveries(org: Org, sender: Sender, params: Json, now: datetime) -> Json:
    """How the next call fares: {lost: true} taken by nobody who knows us, {times: 3}, {delay: 60}, {crash: true}."""
    sender.plans.append(params)
    return {"queued": len(sender.plans)}


def _certificate(org: Org, sender: Sender, params: Json, now: datetime) -> Json:
    """The org's signing certificate; `renew` makes another one first."""
    if params.get("renew") and org.package is not None:
        org.package["certificate_turn"] = org.package.get("certificate_turn", 0) + 1
    return {"certificate": signing.certificate(org)}


def _package(org: Org, sender: Sender, params: Json, now: datetime) -> Json:
    """Changes how the package is set up: named_credential, subscriber_user, credential_access, scheduled, triggers."""
    if org.package is None:
        raise ValueError("the package is not installed")
    org.package |= params
    return {}


def _signs(org: Org, sender: Sender, params: Json, now: datetime) -> Json:
    """The headers of a call that the component's Apex makes for `user` on `case`: `method`, `path`, `body`."""
    user = person(org, params["user"], now)["Id"] if params.get("user") else signing.NOBODY
    made = signing.headers(org, params.get("method", "GET"), params["path"], params.get("body", "").encode(),
                           id=params.get("id") or str(uuid.uuid4()), user=user,
                           case=id18(params["case"]) if params.get("case") else signing.NOBODY, now=now)
    return {"headers": made, "user": user}


OPERATIONS: dict[str, Callable[[Org, Sender, Json, datetime], Json]] = {
    "next_deliveries": next_deliveries, "certificate": _certificate, "package": _package, "signs": _signs}
