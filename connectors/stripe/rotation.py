"""A new signing secret for the endpoint that Deskhand's setup made. Only the Dashboard can roll one in place."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.contract import Rejected, Surroundings
from connectors.parts import House
from connectors.stripe.client import VENDOR, Client
from connectors.stripe.endpoints import MOST, SECRET, Endpoints, address, digest_of
from connectors.stripe.settings import StripeSettings


class EndpointRotation:
    """A new signing secret without a gap: a second endpoint tells the same, and what comes twice is kept once."""

    variable = SECRET
    at_once = False

    def __init__(self, settings: StripeSettings, around: Surroundings, house: House) -> None:
        self._endpoints = Endpoints(Client(settings, around))
        self._house = house

    def begin(self, known: Sequence[str]) -> str:
        """The new secret; from now on Stripe delivers twice, signed with either. One that a killed run made is not
        known to anybody, and its endpoint goes."""
        everything, digests = self._endpoints.all(), [digest_of(one) for one in known]
        ours = [one for one in everything if one.ours]
        if not ours:
            raise Rejected("There is no webhook endpoint of Deskhand's yet: run deskhand setup stripe.", vendor=VENDOR,
                           reason="not set up")
        orphans = [one for one in ours if one.digest not in digests]
        if len(everything) - len(orphans) >= MOST:
            raise Rejected(f"The account has {MOST} webhook endpoints, and a second one is needed for a while: delete "
                           "one that is not used any more.", vendor=VENDOR, reason="no room")
        for one in orphans:
            self._endpoints.delete(one.id)
        return self._endpoints.make(address(self._house))[1]

    def finish(self, newest: str) -> None:
        """Only the endpoint that signs with this secret stays."""
        ours = self._endpoints.ours()
        if digest_of(newest) not in [one.digest for one in ours]:
            raise Rejected(f"No endpoint signs with the newest value of {SECRET}: run deskhand setup stripe.",
                           vendor=VENDOR, reason="not set up")
        for one in ours:
            if one.digest != digest_of(newest):
                self._endpoints.delete(one.id)
