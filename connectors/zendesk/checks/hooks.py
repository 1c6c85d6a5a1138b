"""Whether Zendesk tells us what happens: the webhook, its deliveries, and that we do not hear ourselves."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from connectors.contract import Rejected
from connectors.parts import Finding, Found, Taken
from connectors.zendesk.checks.asking import NOT_SEEN, SETUP, Doctor
from connectors.zendesk.events import DOOR
from connectors.zendesk.setup import notices
from connectors.zendesk.setup.api import Json
from connectors.zendesk.setup.bearing import Bears, bears, updates
from connectors.zendesk.setup.choices import Choices
from connectors.zendesk.setup.listed import Listed
from connectors.zendesk.setup.login import LoginPart
from connectors.zendesk.setup.trigger import TriggerPart
from connectors.zendesk.setup.webhook import OTHER, SECRET, FormerWebhook, WebhookPart, connection, standing

HOOK, SENT, TRIP, LOOP = "Zendesk webhook", "Zendesk deliveries", "Zendesk round trip", "Zendesk loops"
DAY = timedelta(hours=24)
TEST = json.dumps({"deskhand": "test"})
"""The door checks its signature, answers 200, and keeps nothing."""


def webhook(doctor: Doctor) -> Iterator[Finding]:
    hook = standing(doctor.admin)
    if hook is None:
        yield Finding(HOOK, "red", "there is no webhook that tells Deskhand of tickets", f"Run {SETUP}.")
        return
    choices = Choices(events=connection(hook))
    trigger = TriggerPart(doctor.admin, choices, LoginPart(doctor.admin, choices, owner=doctor.user()))
    parts = [WebhookPart(doctor.admin, doctor.house, choices.events, trigger), *([trigger] if trigger.wanted else [])]
    yield from _parts(doctor, parts)
    if FormerWebhook(doctor.admin, doctor.house, OTHER[choices.events], trigger).look({}):
        yield Finding(HOOK, "yellow", "a webhook of ours of the other kind stands beside it",
                      f"Run {SETUP} with --set events={choices.events}, or with the other: one of both is removed.")
    for one in notices.other_webhooks(doctor.admin, doctor.house):
        yield Finding(HOOK, "yellow", one.what, one.mend)


def _parts(doctor: Doctor, parts: list[Listed]) -> Iterator[Finding]:
    known: dict[str, Found] = {}
    fine = True
    for part in parts:
        try:
            found = part.look(known)
        except Taken as error:
            yield Finding(HOOK, "red", str(error), f"Then run {SETUP}.")
            return
        if found is None:
            yield Finding(HOOK, "red", f"the {part.name} is gone", f"Run {SETUP}.")
            return
        known[part.name] = found
        for words in found.differs:
            fine = False
            yield Finding(HOOK, "red", f"the {part.name} is not as made: {words}", f"Run {SETUP}.")
        held = [one.strip() for one in doctor.house.settings.get(SECRET, "").split(",")]
        if SECRET in found.settings and not set(found.settings[SECRET].split(",")) <= set(held):
            fine = False
            yield Finding(HOOK, "red", f"{SECRET} is not the secret that Zendesk signs with: every event is refused",
                          f"Run {SETUP}: it reads the secret from Zendesk.")
    if fine:
        yield Finding(HOOK, "green", f"active, calls {doctor.house.public_url}{DOOR}")


def deliveries(doctor: Doctor) -> Iterator[Finding]:
    """Of the last 24 hours, as far as the first page of the log reaches; newest first."""
    hook = standing(doctor.admin)
    if hook is None:
        return
    begin = doctor.around.now() - DAY
    lines = [one for one in doctor.admin.get(f"webhooks/{hook['id']}/invocations").get("invocations") or []
             if _at(one) >= begin]
    failed = [one for one in lines if one.get("status") != "success"]
    if not lines:
        yield Finding(SENT, "yellow", "Zendesk sent nothing in the last 24 hours",
                      "Write a comment on a test ticket, and run deskhand doctor again.")
    elif not failed:
        yield Finding(SENT, "green", f"all {len(lines)} of the last 24 hours came through")
    else:
        counts = Counter(_how(one) for one in failed)
        words = ", ".join(f"{how} {count} time{'s' if count > 1 else ''}" for how, count in counts.most_common())
        yield Finding(SENT, "red" if lines[0] in failed else "yellow",
                      f"{len(failed)} of {len(lines)} deliveries of the last 24 hours failed: {words}", _mend(failed))


def _at(line: Json) -> datetime:
    return datetime.fromisoformat(str(line["latest_completed_at"]))


def _how(line: Json) -> str:
    return f"{line.get('status')} ({line['status_code']})" if line.get("status_code") else str(line.get("status"))


def _mend(failed: list[Json]) -> str:
    code = next((int(one["status_code"]) for one in failed if one.get("status_code")), None)
    after = "then run deskhand catchup --since 2d"
    if code == 401:
        return f"Run {SETUP}: it reads the signing secret again; {after}."
    if code is not None and code < 500:
        return f"See that {DOOR} reaches Deskhand through your proxy; {after}."
    if code is not None:
        return f"See why Deskhand did not answer in its log; {after}."
    return "Zendesk dropped these itself: run deskhand catchup --since 2d."


def round_trip(doctor: Doctor) -> Iterator[Finding]:
    """Zendesk itself calls the webhook, signs, and says what came back (docs, "Test Webhook")."""
    hook = standing(doctor.admin)
    if hook is None:
        return
    try:
        answer = doctor.admin.post(f"webhooks/test?webhook_id={hook['id']}", {"request": {
            "endpoint": hook["endpoint"], "payload": TEST}}).get("response") or {}
    except Rejected as error:
        yield Finding(TRIP, "yellow", f"this login may not have Zendesk call the webhook ({error})", NOT_SEEN)
        return
    yield _heard(int(answer.get("status_code") or 0), str(hook["endpoint"]))


def _heard(status: int, endpoint: str) -> Finding:
    if status in (200, 202, 400):  # 400: a server of before the test call was known; it has checked the signature
        return Finding(TRIP, "green", f"Zendesk reached {endpoint}, and its signature was right")
    if status == 401:
        return Finding(TRIP, "red", f"Zendesk reached {endpoint}, and Deskhand refused its signature",
                       f"Run {SETUP}, restart deskhand serve, and see that the server's clock is right.")
    if 300 <= status < 500:
        return Finding(TRIP, "red", f"Zendesk reached {endpoint}, and something answered {status}",
                       f"See that your proxy passes {DOOR} to Deskhand unchanged, without a login.")
    return Finding(TRIP, "red", f"Zendesk cannot reach {endpoint} ({status or 'no answer'})",
                   "See that deskhand serve runs, and that DESKHAND_PUBLIC_URL is open to the internet with a valid "
                   "certificate.")


def loops(doctor: Doctor) -> Iterator[Finding]:
    """A trigger that calls our webhook for our own updates would wake us for ever."""
    here = doctor.house.public_url + DOOR
    hooks = {one["id"] for one in doctor.admin.every("webhooks", "webhooks") if one.get("endpoint") == here}
    user = doctor.user()
    looping = [one for one in doctor.admin.every("triggers", "triggers") if _calls(one, hooks)
               and any(bears(one, ours) is not Bears.NO for ours in updates(user))]
    for one in looping:
        yield Finding(LOOP, "red", f'trigger "{one.get("title")}" calls Deskhand for what Deskhand itself writes',
                      f"Run {SETUP} if it is ours; else give it the condition "
                      '"Current user is not" Deskhand\'s user.', "guardrails")
    if not looping:
        yield Finding(LOOP, "green", "nothing that Deskhand writes calls Deskhand by a trigger", dimension="guardrails")


def _calls(trigger: Json, hooks: set[str]) -> bool:
    return any(action.get("field") == "notification_webhook" and isinstance(action.get("value"), list)
               and action["value"][:1] and action["value"][0] in hooks for action in trigger.get("actions") or [])
