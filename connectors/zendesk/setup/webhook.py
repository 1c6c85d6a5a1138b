"""The webhook that tells Deskhand of tickets, and the secret it signs with."""

from __future__ import annotations

from connectors.contract import Rejected, VendorError
from connectors.parts import MARK, Found, House, Known
from connectors.zendesk.events import BY_TRIGGER, DOOR, SUBSCRIPTIONS
from connectors.zendesk.settings import VENDOR
from connectors.zendesk.setup.api import Api, Json
from connectors.zendesk.setup.choices import Events
from connectors.zendesk.setup.listed import NAME, Listed
from connectors.zendesk.setup.trigger import TriggerPart

SECRET, ACCOUNT = "ZENDESK_WEBHOOK_SECRET", "ZENDESK_ACCOUNT_ID"
ACCOUNT_HEADER = "x-zendesk-account-id"
OTHER: dict[Events, Events] = {"subscription": "trigger", "trigger": "subscription"}
LOOKED_AT = 5
"""Deliveries that are asked for the account's number."""


class WebhookPart(Listed):
    """Subscribed to events, or called by our trigger: Zendesk lets a webhook be only one of both, for ever. Of the
    other kind it is another part, the former one."""

    path, one, many = "webhooks", "webhook", "webhooks"
    title, called, what = NAME, "name", "webhook"
    why = "tells Deskhand of new and changed tickets, signed"

    def __init__(self, api: Api, house: House, events: Events, trigger: TriggerPart) -> None:
        super().__init__(api)
        self._house = house
        self._events = events
        self._trigger = trigger

    def has_our_name(self, thing: Json) -> bool:
        return super().has_our_name(thing) and not self._is_former(thing)

    def _is_former(self, thing: Json) -> bool:
        return made_here(thing) and connection(thing) != self._events

    def body(self, known: Known) -> Json:
        return {"name": NAME, "description": f"Tells Deskhand of tickets. {MARK}", "status": "active",
                "endpoint": self._house.public_url + DOOR, "http_method": "POST", "request_format": "json",
                "subscriptions": [BY_TRIGGER] if self._events == "trigger" else list(SUBSCRIPTIONS)}

    def differences(self, thing: Json, known: Known) -> tuple[str, ...]:
        wanted, words = self.body(known), []
        if thing.get("endpoint") != wanted["endpoint"]:
            words.append(f"it calls {thing.get('endpoint')}")
        if thing.get("status") != "active":
            words.append(f"it is {thing.get('status')}")
        for name in ("http_method", "request_format"):
            if thing.get(name) != wanted[name]:
                words.append(f"it sends {thing.get(name)}, not {wanted[name]}")
        has, needs = set(thing.get("subscriptions") or []), set(wanted["subscriptions"])
        words += [f"it does not tell of {_short(one)}" for one in wanted["subscriptions"] if one not in has]
        words += [f"it also tells of {_short(one)}" for one in sorted(has - needs)]
        return tuple(words)

    def found(self, thing: Json, differs: tuple[str, ...]) -> Found:
        """A former one's secret counts beside its own, until that one is gone."""
        id = str(thing["id"])
        former = [str(one["id"]) for one in webhooks_of_ours(self.api) if self._is_former(one)]
        signing = ",".join(signing_secret(self.api, one) for one in (id, *former))
        number = self._house.settings.get(ACCOUNT) or account_number(self.api, id)
        return Found(id, differs, {SECRET: signing} | ({ACCOUNT: number} if number else {}))

    def make(self, known: Known) -> Found:
        try:
            return super().make(known)
        except Rejected as error:
            if self._events == "trigger" or "event" not in str(error):
                raise
            raise Rejected(f"This account cannot subscribe a webhook to ticket events ({error}). Run this again with "
                           "the choice events=trigger.", vendor=VENDOR, reason="no ticket events") from error

    def change(self, found: Found, known: Known) -> Found:
        """In place, so that its secret stays."""
        self.clear(but=found.id)
        self.api.patch(f"webhooks/{found.id}", {"webhook": self.body(known)})
        return self.found({"id": found.id}, ())

    def take_away(self, id: str) -> None:
        """A webhook that a trigger calls cannot be deleted, so our trigger goes first."""
        if self._events == "trigger":
            self._trigger.clear()
        super().take_away(id)


class FormerWebhook(WebhookPart):
    """Of the kind that is not chosen any more. It goes last, when the new one stands and is called: until then both
    tell of the same, and what is told twice is done once. Names need not be unique (docs, "Creating and monitoring
    webhooks")."""

    why = "was replaced by one of the other kind"
    wanted = False

    @property
    def name(self) -> str:
        return f"former {super().name}"

    def found(self, thing: Json, differs: tuple[str, ...]) -> Found:
        return Found(str(thing["id"]), (), {SECRET: signing_secret(self.api, str(thing["id"]))})


def connection(thing: Json) -> Events:
    return "trigger" if BY_TRIGGER in (thing.get("subscriptions") or []) else "subscription"


def signing_secret(api: Api, id: str) -> str:
    return str(api.get(f"webhooks/{id}/signing_secret")["signing_secret"]["secret"])


def webhooks_of_ours(api: Api) -> list[Json]:
    return [one for one in api.every("webhooks", "webhooks") if made_here(one)]


def standing(api: Api) -> Json | None:
    """Our webhook; while one of each kind stands, the one that works without a trigger."""
    return min(webhooks_of_ours(api), key=lambda one: connection(one) == "trigger", default=None)


def made_here(thing: Json) -> bool:
    """A webhook of the account's list that our setup made."""
    return thing.get("name") == NAME and MARK in str(thing.get("description") or "")


def account_number(api: Api, webhook: str) -> str | None:
    """Zendesk names the account's number only in what it sends; None while nothing was sent."""
    try:
        lines = api.get(f"webhooks/{webhook}/invocations").get("invocations") or []
        for line in [one for one in lines if one.get("status_code")][:LOOKED_AT]:
            for attempt in api.get(f"webhooks/{webhook}/invocations/{line['id']}/attempts").get("attempts") or []:
                for header in (attempt.get("request") or {}).get("headers") or []:
                    if str(header.get("key")).lower() == ACCOUNT_HEADER and str(header.get("value")).isdigit():
                        return str(header["value"])
    except VendorError:
        return None  # a convenience: the setup does not fail for it, and the doctor says what is missing
    return None


def _short(subscription: str) -> str:
    return subscription.rpartition(":")[2]
