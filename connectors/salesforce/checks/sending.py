"""Whether what happens to cases reaches Deskhand: certificate, hourly job, outbox, and a call to see."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from cryptography.x509 import load_pem_x509_certificate

from connectors.keys import pem_text
from connectors.parts import Finding
from connectors.salesforce.checks.asking import SETUP, Doctor
from connectors.salesforce.reading import when
from connectors.salesforce.setup.sweep import OVER, scheduled

CERTIFICATE, JOB, OUTBOX, TRIP = "certificate", "scheduled job", "outbox", "round trip"
SOON = timedelta(days=30)
OVERDUE = timedelta(hours=2)
"""Since the last run of a job that runs every hour."""
LATE = timedelta(minutes=30)
PEM = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
ROTATE = "deskhand rotate salesforce"


def certificate(doctor: Doctor) -> Iterator[Finding]:
    """The newest of our settings; the org's own is seen by the round trip."""
    found = PEM.search(pem_text(doctor.certificate()))
    if found is None:
        yield Finding(CERTIFICATE, "green", "The org's key is known; when its certificate ends is not told by a key.")
        return
    ends = load_pem_x509_certificate(found[0].encode()).not_valid_after_utc
    left = ends - doctor.around.now()
    if left < timedelta():
        yield Finding(CERTIFICATE, "red", f"The org's certificate ended on {ends:%d %B %Y}, and the org cannot sign.",
                      f"Run {ROTATE}.")
    elif left < SOON:
        yield Finding(CERTIFICATE, "yellow", f"The org's certificate ends on {ends:%d %B %Y}.", f"Run {ROTATE} before.")
    else:
        yield Finding(CERTIFICATE, "green", f"The org's certificate is good until {ends:%d %B %Y}.")


def job(doctor: Doctor) -> Iterator[Finding]:
    jobs = scheduled(doctor.running)
    if not jobs:
        yield Finding(JOB, "red", "The hourly job is not scheduled: what could not be sent is not sent again.",
                      f"Run {SETUP}: it schedules it.")
        return
    state, last = str(jobs[0].get("State")), jobs[0].get("PreviousFireTime")
    if state in OVER:
        yield Finding(JOB, "red", f"The hourly job is {state.lower()}.", f"Run {SETUP}: it schedules it anew.")
    elif last and doctor.around.now() - when(last) > OVERDUE:
        yield Finding(JOB, "yellow", f"The hourly job ran last at {when(last):%d %B, %H:%M} UTC.",
                      "Look at Setup, Scheduled Jobs and Apex Jobs; an org that is busy or paused runs none.")
    else:
        yield Finding(JOB, "green", "The hourly job is scheduled" + (f"; it ran at {when(last):%H:%M} UTC." if last
                                                                    else "."))


def outbox(doctor: Doctor) -> Iterator[Finding]:
    rows = doctor.running.rows("Status__c, CreatedDate, Last_Error__c", "Deskhand_Outbox__c",
                               {"Status__c": ("Waiting", "Failed")})
    now = doctor.around.now()
    failed = [one for one in rows if one["Status__c"] == "Failed"]
    late = [one for one in rows if one["Status__c"] == "Waiting" and now - when(one["CreatedDate"]) > LATE]
    if failed:
        yield Finding(OUTBOX, "red", f"{len(failed)} events of the last week were given up: {_why(failed)}.",
                      f"{_mend(failed)} Then run deskhand catchup --since {_since(failed, now)}.")
    if late:
        yield Finding(OUTBOX, "red", f"{len(late)} events wait for more than half an hour: {_why(late)}.", _mend(late))
    if not failed and not late:
        yield Finding(OUTBOX, "green", f"{len(rows)} events wait to be sent." if rows else "Nothing waits to be sent.")


def _why(rows: list[dict[str, str]]) -> str:
    return next((str(one["Last_Error__c"]) for one in reversed(rows) if one.get("Last_Error__c")), "nobody tried to "
                "send them").rstrip(".")


def _mend(rows: list[dict[str, str]]) -> str:
    why = _why(rows)
    if why.startswith("HTTP 401"):
        return f"Run {SETUP}: it reads the certificate again."
    if why.startswith("HTTP"):
        return "See in Deskhand's log why it did not take them."
    if why.startswith("nobody"):
        return f"Run {SETUP}: it sets the user of the event trigger and schedules the hourly job."
    return f"Run {SETUP}: it sets the named credential, its address and the user who calls."


def _since(rows: list[dict[str, str]], now: datetime) -> str:
    days = max((now - when(one["CreatedDate"])).days for one in rows) + 1
    return f"{days}d"


def round_trip(doctor: Doctor) -> Iterator[Finding]:
    """The org itself calls Deskhand, signed, and says what came back (package, DeskhandTestCall)."""
    told = doctor.running.act("DeskhandTestCall", {})
    status, problem = int(told.get("status") or 0), str(told.get("problem") or "").rstrip(".")
    here = doctor.house.public_url
    if 200 <= status < 300:
        yield Finding(TRIP, "green", "Salesforce reached Deskhand, and its signature was right.")
    elif status == 401:
        yield Finding(TRIP, "red", "Salesforce reached Deskhand, and Deskhand refused its signature.",
                      f"Run {SETUP}, restart deskhand serve, and see that the server's clock is right.")
    elif status:
        yield Finding(TRIP, "red", f"Salesforce reached {here}, and something answered {status}.",
                      "See that your proxy passes /webhooks/salesforce to Deskhand unchanged, without a login.")
    else:
        yield Finding(TRIP, "red", f"Salesforce cannot call {here}: {problem or 'no answer'}.",
                      f"Run {SETUP}; see that deskhand serve runs, and that DESKHAND_PUBLIC_URL is open to the "
                      "internet with a valid certificate.")
