"""What `deskhand doctor` asks Stripe: whose key it is, what it may do, and whether its events reach us."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from connectors.contract import Surroundings, Unavailable
from connectors.parts import Check, Finding, House, Level, Question, Taken
from connectors.stripe.client import Client
from connectors.stripe.endpoints import SECRET, Endpoint, Endpoints, address
from connectors.stripe.permissions import rights
from connectors.stripe.settings import StripeSettings
from connectors.stripe.setup import ACCOUNT, KEY, EndpointPart, of_key
from connectors.stripe.told import TOLD

SET_UP = "Run deskhand setup stripe."
RECENT = timedelta(hours=24)


def checks(settings: StripeSettings, around: Surroundings, house: House) -> Sequence[Check]:
    asked = _Asked(settings, around, house)
    return (Question("account", asked.account), Question("permissions", asked.permissions),
            Question("webhook endpoint", asked.endpoint), Question("deliveries", asked.deliveries))


class _Asked:
    def __init__(self, settings: StripeSettings, around: Surroundings, house: House) -> None:
        self._settings = settings
        self._around = around
        self._house = house
        self._client = Client(settings, around)

    def _account(self) -> str:
        return str(self._client.read(lambda v1: v1.accounts.retrieve_current(), lambda row: row["id"]))

    def account(self) -> Iterator[Finding]:
        id, said = self._account(), self._house.settings.get(ACCOUNT, "").strip()
        if said and said != id:
            yield Finding("account", "red", f"{KEY} is a key of {id}, and {ACCOUNT} says {said}.",
                          f"Put the key of {said} into .env with deskhand init, or run deskhand setup stripe for {id}.")
        else:
            mode = "LIVE mode: real money" if self._settings.live() else "TEST mode"
            yield Finding("account", "green", f"The key is one of {id}, {mode}.")

    def permissions(self) -> Iterator[Finding]:
        found = rights(self._settings, self._around)
        missing = {f"{KEY} lacks the permission {one}" for one in found.missing}
        for notice in of_key(found):
            level: Level = "red" if notice.what in missing else "yellow"
            yield Finding("permissions", level, f"{notice.what}.", notice.mend)
        if not (found.unrestricted or found.missing or found.needless):
            yield Finding("permissions", "green", "The key may do what is needed and nothing more.")

    def endpoint(self) -> Iterator[Finding]:
        """The endpoints can be listed only with a permission that running does not need."""
        if not self._house.settings.get(SECRET, "").strip():
            yield Finding("webhook endpoint", "yellow", f"{SECRET} is not set: Stripe tells nothing, and a refund that "
                          "fails later or a dispute is found only by looking.", SET_UP)
            return
        try:
            everything = Endpoints(self._client).all()
        except Unavailable as no:
            if no.reason != "permission":
                raise
            yield Finding("webhook endpoint", "green", "The key may not list endpoints, which is right; whether events "
                          "arrive is seen by the deliveries.")
            return
        yield from self._stands(everything)

    def _stands(self, everything: Sequence[Endpoint]) -> Iterator[Finding]:
        wanted = address(self._house)
        foreign = [one.id for one in everything if one.url == wanted and not one.ours]
        ours = [one for one in everything if one.ours]
        if not ours and not foreign:
            yield Finding("webhook endpoint", "red", f"No webhook endpoint in Stripe calls {wanted}.", SET_UP)
            return
        if ours and foreign:
            yield Finding("webhook endpoint", "yellow", f"{', '.join(foreign)} calls {wanted} too, so every event "
                          "comes twice; it is kept once.", "Delete it in Stripe's Dashboard, Developers, Webhooks.")
        yield from self._ours(everything) if ours else self._by_hand(everything, foreign[0])

    def _ours(self, everything: Sequence[Endpoint]) -> Iterator[Finding]:
        part = EndpointPart(Endpoints(self._client), self._house, self._account())
        try:
            found = part.look({})
        except Taken as taken:
            yield Finding("webhook endpoint", "red", str(taken), SET_UP)
            return
        if found is None or found.differs:
            says = "; ".join(found.differs) if found else "it went away meanwhile"
            yield Finding("webhook endpoint", "red", f"Our webhook endpoint is not as it must be: {says}.", SET_UP)
        else:
            yield Finding("webhook endpoint", "green", f"{found.id} calls {address(self._house)}.")

    def _by_hand(self, everything: Sequence[Endpoint], id: str) -> Iterator[Finding]:
        """An endpoint that an admin made counts as well, as long as it works."""
        one = next(each for each in everything if each.id == id)
        silent = [] if "*" in one.events else [event for event in TOLD if event not in one.events]
        if not one.enabled:
            yield Finding("webhook endpoint", "red", f"The webhook endpoint {id} is switched off.",
                          "Enable it in Stripe's Dashboard, Developers, Webhooks.")
        elif silent:
            yield Finding("webhook endpoint", "red", f"The webhook endpoint {id} does not tell of {', '.join(silent)}.",
                          "Add these events in Stripe's Dashboard, Developers, Webhooks.")
        else:
            yield Finding("webhook endpoint", "green", f"{id}, made by hand, calls {address(self._house)}.")

    def deliveries(self) -> Iterator[Finding]:
        """Of all endpoints of the account: Stripe does not say which of them took an event (docs, "List all
        events")."""
        since = int((self._around.now() - RECENT).timestamp())
        asked = {"types": list(TOLD), "delivery_success": False, "created": {"gte": since}, "limit": 100}
        lost = self._client.read_all(lambda v1: v1.events.list(asked), lambda row: str(row["type"]))
        if lost:
            kinds = ", ".join(sorted(set(lost)))
            yield Finding("deliveries", "yellow", f"{len(lost)} events of the last 24 hours were not taken by every "
                          f"webhook endpoint ({kinds}).", "Look at the failed deliveries in Stripe's Dashboard, "
                          f"Developers, Webhooks: 401 means that {SECRET} is not the endpoint's. deskhand catchup "
                          "finds what was missed.")
        else:
            yield Finding("deliveries", "green", "Every event of the last 24 hours was taken.")
