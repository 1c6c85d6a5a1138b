"""The account's webhooks: what is subscribed, signed envelopes, attempts and their log."""

from __future__ import annotations

import base64
import hashlib
import heapq
import hmac
import json
import uuid
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

from connectors.standin import Delivery
from connectors.zendesk.standin.state import Event, Json, State, stamp
from connectors.zendesk.standin.writing import BY_TRIGGER

PAUSES = (1, 5, 15, 60)
"""Seconds before the second and later attempts."""
AGAIN = (409, 429)
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
DEFAULT_PAYLOAD = ('{"ticket_id": "{{ticket.id}}", "updated_at": "{{ticket.updated_at_with_timestamp}}", '
                   '"current_user_id": "{{current_user.id}}"}')


def ulid(number: int) -> str:
    digits = []
    while number:
        number, digit = divmod(number, 32)
        digits.append(CROCKFORD[digit])
    return "01HAN" + "".join(reversed(digits)).rjust(21, "0")


def add_webhook(state: State, given: Json, now: datetime, creator: int, *, by_api: bool = False) -> Json:
    id = given.get("id") or ulid(state.new_id())
    secret = given.get("secret") or base64.b64encode(hashlib.sha256(id.encode()).digest()).decode()
    state.webhooks[id] = {
        "id": id, "name": given.get("name", "Deskhand"), "description": given.get("description", ""),
        "status": given.get("status", "active"), "subscriptions": list(given["subscriptions"]),
        "created_at": stamp(now), "created_by": str(creator), "endpoint": given["endpoint"],
        "http_method": given.get("http_method", "POST"), "request_format": given.get("request_format", "json"),
        "_secret": secret, "_payload": given.get("payload", DEFAULT_PAYLOAD), "_by_api": by_api,
        **({"authentication": given["authentication"]} if given.get("authentication") else {}),
    }
    return state.webhooks[id]


def shown(webhook: Json) -> Json:
    """Its secrets are not echoed."""
    seen = {key: value for key, value in webhook.items() if not key.startswith("_")}
    if given := seen.get("authentication"):
        data = {key: value for key, value in given.get("data", {}).items() if key not in ("password", "token", "value")}
        seen["authentication"] = given | {"data": data}
    return seen


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """base64(HMAC-SHA256(secret, timestamp + body)) (Zendesk docs, "Verifying and authenticating webhook requests")."""
    return base64.b64encode(hmac.new(secret.encode(), timestamp.encode() + body, hashlib.sha256).digest()).decode()


def envelope(state: State, event: Event) -> bytes:
    """The event subscription's body: pretty printed, ids in `detail` as strings."""
    ticket = event.ticket
    detail = {"actor_id": str(event.actor), "assignee_id": str(ticket["assignee_id"] or 0),
              "brand_id": str(ticket["brand_id"]), "created_at": ticket["created_at"],
              "custom_status": str(ticket["custom_status_id"]), "description": ticket["description"],
              "external_id": ticket["external_id"] or "", "form_id": str(ticket["ticket_form_id"]),
              "group_id": str(ticket["group_id"] or 0), "id": str(ticket["id"]), "is_public": ticket["is_public"],
              "organization_id": str(ticket["organization_id"] or 0),
              "priority": (ticket["priority"] or "").upper(), "requester_id": str(ticket["requester_id"]),
              "status": ticket["status"].upper(), "subject": ticket["subject"],
              "submitter_id": str(ticket["submitter_id"]), "tags": ticket["tags"],
              "type": (ticket["type"] or "").upper(), "updated_at": ticket["updated_at"],
              "via": {"channel": ticket["via"]["channel"]}}
    name = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps([state.account_id, event.type, event.time, event.event, detail]))
    return (json.dumps({
        "account_id": state.account_id, "detail": detail, "event": event.event, "id": str(name),
        "subject": f"zen:ticket:{ticket['id']}", "time": event.time, "type": event.type,
        "zendesk_event_version": "2022-11-06"}, indent=3) + "\n").encode()


def trigger_body(text: str, event: Event) -> bytes:
    values = {"{{ticket.id}}": str(event.ticket["id"]), "{{current_user.id}}": str(event.actor),
              "{{ticket.updated_at_with_timestamp}}": event.ticket["updated_at"],
              "{{ticket.status}}": event.ticket["status"]}
    body = text
    for placeholder, value in values.items():
        body = body.replace(placeholder, value)
    return body.encode()


def _hears(webhook: Json, event: Event) -> bool:
    if webhook["status"] != "active" or event.type not in webhook["subscriptions"]:
        return False
    called = event.event.get("webhook") if event.type == BY_TRIGGER else None
    return called == webhook["id"] if called else not (event.type == BY_TRIGGER and webhook["_by_api"])


class Sender:
    """Turns events into signed deliveries and keeps the invocation log. Never part of a copied state."""

    def __init__(self) -> None:
        self.faults: list[Json] = []
        self.breaker_until: datetime | None = None
        """While the breaker is open every event ends undelivered, and nobody is told of it later."""
        self.invocations: dict[str, deque[Json]] = {}
        self._waiting: list[tuple[datetime, int, Delivery]] = []
        self._hooks: dict[str, str] = {}
        self._count = 0

    def due(self, state: State, now: datetime) -> list[Delivery]:
        """Deliveries to attempt now; each is handed out once per attempt."""
        fresh, state.fresh_events = state.fresh_events, []
        for event in fresh:
            for webhook in state.webhooks.values():
                if _hears(webhook, event):
                    self._enqueue(state, webhook, event, now)
        ready = []
        while self._waiting and self._waiting[0][0] <= now:
            ready.append(heapq.heappop(self._waiting)[2])
        return ready

    def settled(self, delivery: Delivery, status: int | None, now: datetime) -> None:
        """`status` is None for no answer within ten seconds. Timeouts, 5xx, 409 and 429 are tried five times in all."""
        delivery.attempts += 1
        delivery.statuses.append(status or 504)
        good = status is not None and 200 <= status < 300
        again = status is None or status >= 500 or status in AGAIN
        if again and delivery.attempts <= len(PAUSES):
            delivery.due = now + timedelta(seconds=PAUSES[delivery.attempts - 1])
            self._push(delivery)
        else:
            delivery.done = True
            self._log(delivery.id, "success" if good else "terminated", status or 504, now, {
                "_statuses": list(delivery.statuses), "_headers": delivery.sign(now),
                "_payload": delivery.body.decode("utf-8", "replace")})

    def _enqueue(self, state: State, webhook: Json, event: Event, now: datetime) -> None:
        self._count += 1
        id = ulid(state.new_id())
        body = trigger_body(event.event.get("body") or str(webhook["_payload"]), event) \
            if event.type == BY_TRIGGER else envelope(state, event)
        delivery = Delivery(id, webhook["endpoint"], body, now, self._signer(state, webhook, id, body))
        self._hooks[id] = webhook["id"]
        kind = "lost_event" if self.breaker_until and now < self.breaker_until else self._fault(event)
        if kind == "lost_event":
            self._log(id, "circuit broken", None, now)
            return
        if kind == "reorder":
            delivery.due = now + timedelta(seconds=2)
        self._push(delivery)
        if kind == "dup_event":
            self._push(Delivery(id, delivery.url, body, now, delivery.sign))

    def _fault(self, event: Event) -> str | None:
        for fault in self.faults:
            if fault["times"] > 0 and fault.get("type", "") in event.type:
                fault["times"] -= 1
                return str(fault["kind"])
        return None

    def _push(self, delivery: Delivery) -> None:
        self._count += 1
        heapq.heappush(self._waiting, (delivery.due, self._count, delivery))

    def _log(self, invocation: str, status: str, code: int | None, now: datetime, sent: Json | None = None) -> None:
        line = {"id": invocation, **({"status_code": code} if code else {}), "status": status,
                "latest_completed_at": stamp(now), **(sent or {})}
        self.invocations.setdefault(self._hooks.pop(invocation, ""), deque(maxlen=1000)).appendleft(line)

    @staticmethod
    def _signer(state: State, webhook: Json, invocation: str, body: bytes) -> Callable[[datetime], dict[str, str]]:
        account, secret, id = str(state.account_id), webhook["_secret"], webhook["id"]

        def sign(now: datetime) -> dict[str, str]:
            timestamp = stamp(now)
            return {"X-Zendesk-Webhook-Signature-Timestamp": timestamp,
                    "X-Zendesk-Webhook-Signature": signature(secret, timestamp, body),
                    "Content-Type": "application/json; charset=utf-8", "User-Agent": "Zendesk Webhook",
                    "X-Zendesk-Account-Id": account, "X-Zendesk-Webhook-Id": id,
                    "X-Zendesk-Webhook-Invocation-Id": invocation}

        return sign
