"""A test charge for `deskhand doctor --rehearse`, and what this account shows of our unverified sentences."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.contract import NotFound, Rejected, Surroundings, Unavailable, VendorError
from connectors.parts import House, Seen
from connectors.stripe.client import VENDOR, Client
from connectors.stripe.permissions import NOTHING, NOWHERE
from connectors.stripe.settings import StripeSettings

TEST_CARD = "tok_visa"
"""Succeeds in test mode (Stripe docs, "Test card numbers")."""
AMOUNT = 100


class StripeRehearsal:
    """Implements the Rehearsal of connectors.parts, in test mode only."""

    def __init__(self, settings: StripeSettings, around: Surroundings, house: House) -> None:
        self._client = Client(settings, around)
        self._settings = settings
        self._given = house.choices.get("charge", "")

    def begin(self) -> str:
        """The charge that was given, or a new one with Stripe's test card."""
        if self._settings.live():
            raise Rejected("The key is a LIVE one: nothing is rehearsed with real money.", vendor=VENDOR, reason="live")
        return self._given or self._made()

    def _made(self) -> str:
        asked = {"amount": AMOUNT, "currency": "usd", "source": TEST_CARD, "description": "Deskhand rehearsal"}
        try:
            return self._client.write(lambda v1: v1.charges.create(asked), lambda row, _: str(row["id"]))
        except (Rejected, Unavailable) as no:
            raise Rejected(f"This key may not make a test charge ({no}). Make a payment with a test card in Stripe's "
                           "Dashboard and name it: deskhand doctor --rehearse --charge ch_…", vendor=VENDOR,
                           reason="no charge") from no

    def end(self, made: str) -> None:
        """A charge cannot be deleted; it is test money."""

    def look(self, made: str) -> Iterator[Seen]:
        yield self._unknown_id()
        yield self._judged_first()

    def _unknown_id(self) -> Seen:
        asked = {"charge": f"ch_{NOWHERE}", "amount": AMOUNT}
        try:
            self._client.write(lambda v1: v1.refunds.create(asked),  # nosemgrep: refund-with-key - of no charge
                               lambda row, _: None)
        except VendorError as error:
            known = isinstance(error, Rejected)
            return Seen("unknown-id-in-a-form", "true" if known else "false", f"a refund of no charge: {error}")
        return Seen("unknown-id-in-a-form", "false", "a refund of no charge was taken")

    def _judged_first(self) -> Seen:
        """With a permission that the key should not have."""
        fact = "permission-judged-first"
        try:
            self._client.write(lambda v1: v1.payouts.update(f"po_{NOWHERE}", NOTHING), lambda row, _: None)
        except NotFound as none:
            return Seen(fact, "not seen", f"the key may write payouts, so that no refusal was met: {none}")
        except Unavailable as no:
            return Seen(fact, "true" if no.reason == "permission" else "not seen", f"a payout that is not there: {no}")
        except VendorError as error:
            return Seen(fact, "not seen", str(error))
        return Seen(fact, "false", "a payout that is not there was changed")
