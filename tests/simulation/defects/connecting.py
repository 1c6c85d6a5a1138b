"""Wrong versions of the connectors."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any

import requests

from connectors.contract import (
    ActionBase,
    Key,
    OutcomeUnknown,
    Receipt,
    Rejected,
    TicketUpdate,
    Unavailable,
    VendorError,
)
from connectors.salesforce import endings, records, wire, writing
from connectors.salesforce import replies as mails
from connectors.salesforce.records import SalesforceRecords
from connectors.stripe import client as stripe_client
from connectors.stripe.payments import StripePayments
from connectors.zendesk import client as zendesk_client
from connectors.zendesk import helpdesk as zendesk
from tests.simulation.defects.planting import Put, defect


def as_not_done(unknown: VendorError) -> VendorError:
    """The same words, as if surely nothing had happened."""
    if not isinstance(unknown, OutcomeUnknown):
        return unknown
    return Unavailable(str(unknown), vendor=unknown.vendor, reason=unknown.reason)


@defect("one idempotency key for ever", "approve_less", shows="doubled", level="answer lost",
        helpdesks=("zendesk",))
def a_key_for_each_attempt(put: Put) -> None:
    """Each sending of a refund has an idempotency key of its own."""
    attempts = count(1)
    perform = StripePayments.perform

    def keyed(self: StripePayments, action: ActionBase, key: Key) -> Receipt:
        client, attempt = self._client, next(attempts)

        class Rekeyed:
            def write(self, ask: Any, draw: Any) -> Any:
                return client.write(lambda v1: ask(_Renamed(v1, attempt)), draw)

            def __getattr__(self, name: str) -> Any:
                return getattr(client, name)
        before, self._client = client, Rekeyed()  # type: ignore[assignment]
        try:
            return perform(self, action, key)
        finally:
            self._client = before

    put(StripePayments, "perform", keyed)


class _Renamed:
    """Stripe's services, with another idempotency key for a refund."""

    def __init__(self, v1: Any, attempt: int) -> None:
        self.v1, self.attempt = v1, attempt

    @property
    def refunds(self) -> _Renamed:
        return self

    def create(self, asked: Any, options: Mapping[str, str]) -> Any:
        return self.v1.refunds.create(asked, {"idempotency_key": f"{options['idempotency_key']}:{self.attempt}"})


@defect("a 500 says nothing about what was done", "auto", shows="stuck", level="1 fault", at_writes=True)
def a_500_of_stripe_is_taken_for_not_done(put: Put) -> None:
    """An answer of 500 to a refund is taken to say that nothing happened."""
    unwritten = stripe_client._unwritten
    put(stripe_client, "_unwritten", lambda error: as_not_done(unwritten(error))
        if (error.http_status or 0) >= 500 else unwritten(error))


@defect("a 500 says nothing about what was done", "auto", shows="doubled", level="1 fault", at_writes=True,
        helpdesks=("zendesk",))
def a_500_of_zendesk_is_taken_for_not_done(put: Put) -> None:
    """An answer of 500 to a note or reply is taken to say that nothing happened."""
    refusal = zendesk_client._refusal

    def not_done(response: requests.Response) -> VendorError | None:
        found = refusal(response)
        return as_not_done(found) if found else None

    put(zendesk_client, "_refusal", not_done)


@defect("an answer that cannot be read says nothing", "auto", shows="stuck", level="1 fault", at_writes=True)
def an_unreadable_answer_is_taken_for_a_refusal(put: Put) -> None:
    """A refund that was answered with a body nobody can read counts as refused."""
    unwritten = stripe_client._unwritten

    def refused(error: Any) -> VendorError:
        found = unwritten(error)
        if isinstance(found, OutcomeUnknown) and found.reason == "unreadable":
            return Rejected(str(found), vendor=found.vendor, reason="unreadable")
        return found

    put(stripe_client, "_unwritten", refused)


@defect("a lost answer says nothing", "auto", shows="doubled", level="1 fault", at_writes=True, helpdesks=("zendesk",))
def no_answer_of_zendesk_is_taken_for_not_done(put: Put) -> None:
    """A note or reply whose answer was lost is taken to be not written."""
    lost = zendesk_client._lost
    put(zendesk_client, "_lost", lambda request, error: as_not_done(lost(request, error)))


@defect("a lost answer says nothing", "auto", shows="doubled", level="1 fault", at_writes=True)
def no_answer_of_salesforce_is_taken_for_not_done(put: Put) -> None:
    """An activity whose answer was lost is taken to be not written."""
    unanswered = endings.unanswered
    put(wire, "unanswered", lambda error, writing: as_not_done(unanswered(error, writing=writing)))


@defect("what may be there is looked for", "auto", shows="doubled", level="1 fault", at_writes=True,
        helpdesks=("zendesk",))
def zendesk_looks_for_nothing(put: Put) -> None:
    """A note or reply that may be there is not looked for among the ticket's records."""
    put(zendesk.ZendeskHelpdesk, "find", lambda self, action, key: None)


@defect("what may be there is looked for", "auto", shows="doubled", level="1 fault", at_writes=True)
def an_activity_is_looked_for_by_other_words(put: Put) -> None:
    """An activity is looked for by words that it does not bear."""
    find, other = SalesforceRecords._find_activity, Key(operation="op-" + 24 * "0")
    put(SalesforceRecords, "_find_activity", lambda self, action, key: find(self, action, other))


@defect("everything we write bears its operation's id", "auto", shows="doubled", level="undisturbed",
        helpdesks=("zendesk",))
def a_note_bears_no_mark(put: Put) -> None:
    """Notes and replies are written without the id of their operation."""
    sent = zendesk._sent

    def bare(id: int, update: TicketUpdate, key: Key) -> Any:
        ticket = sent(id, update, key)
        ticket.metadata = {}
        return ticket

    put(zendesk, "_sent", bare)


@defect("a repeat is an error, not a second note", "auto", shows="doubled", level="undisturbed",
        helpdesks=("salesforce",))
def a_receipt_key_for_each_attempt(put: Put) -> None:
    """The unique key of a case's receipt names the attempt, and neither lookup nor database know it again."""
    attempts = count(1)
    receipt_of = writing.receipt_of

    def numbered(version: str, case: str, update: TicketUpdate, key: Key, record: str | None = None) -> dict[str, Any]:
        made = receipt_of(version, case, update, key, record)
        made["body"]["Key__c"] = f"attempt-{next(attempts)}"
        return made

    put(writing, "receipt_of", numbered)
    put(mails, "receipt_of", numbered)


@defect("nothing over what people changed", "contact_change", "undo", shows="beyond", level="1 fault", at_writes=True)
def a_contact_is_written_whatever_it_holds(put: Put) -> None:
    """A contact is written without the condition that nobody changed it since it was read."""
    composite = wire.Wire.composite

    def unguarded(self: wire.Wire, subs: Any, **more: Any) -> Any:
        return composite(self, [{**sub, "httpHeaders": {}} if "/Contact/" in sub["url"] and sub["method"] == "PATCH"
                                else sub for sub in subs], **more)

    put(wire.Wire, "composite", unguarded)


@defect("what was asked for and nothing else", "contact_change", shows="beyond", level="undisturbed")
def a_number_is_written_without_its_last_digit(put: Put) -> None:
    """A contact is written with another value than was asked for."""
    set_ = SalesforceRecords._set

    def shortened(self: SalesforceRecords, row: Any, held: Any, wanted: Mapping[str, Any], key: Key) -> Any:
        return set_(self, row, held, {name: str(value)[:-1] for name, value in wanted.items()}, key)

    put(SalesforceRecords, "_set", shortened)


@defect("everything undoable is undoable", "undo", shows="beyond", level="undisturbed")
def an_undo_empties_the_field(put: Put) -> None:
    """An undo writes nothing where there was a value before."""
    undone = records._undone

    def emptied(undo: Any) -> Any:
        receipt = undone(undo)
        return receipt.model_copy(update={"before": dict.fromkeys(receipt.before)})

    put(records, "_undone", emptied)
