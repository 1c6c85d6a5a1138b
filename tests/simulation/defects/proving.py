"""Wrong versions of what is taken for proof that something was done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from agent import aftermath, ledger, workflow
from connectors.contract import ContactReceipt, Receipt, RefundReceipt
from connectors.salesforce.records import SalesforceRecords
from connectors.stripe.payments import StripePayments
from tests.simulation.defects.planting import Put, defect


@defect("only what was read back is done", "auto", shows="false_done", level="1 fault", at_writes=True)
def a_refund_is_not_read_back(put: Put) -> None:
    """Stripe's first answer to a refund counts as its proof."""
    perform = StripePayments.perform

    def believed(self: StripePayments, action: Any, key: Any) -> Receipt:
        made = perform(self, action, key)
        return made.model_copy(update={"seen": True}) if isinstance(made, RefundReceipt) else made

    put(StripePayments, "perform", believed)


@defect("only what was read back is done", "contact_change", shows="false_done", level="1 fault", at_writes=True)
def a_written_contact_is_believed(put: Put) -> None:
    """The answer to a contact change counts as its proof, whatever the record holds."""
    def believed(self: Any, id: str, held: Any, wanted: Any, after: Any, operation: str) -> ContactReceipt:
        return ContactReceipt(operation=operation, vendor=self.vendor, at=after[1], contact=id, before=held,
                              after=wanted, seen=True)

    put(SalesforceRecords, "_receipt_of_change", believed)


@defect("told means the helpdesk's own record", "auto", shows="stuck", level="1 fault", at_writes=True)
def a_confirmed_update_is_never_looked_for(put: Put) -> None:
    """A note or reply that the helpdesk confirmed is not looked for in its records."""
    put(workflow._Pass, "_under_way", lambda self, conversation: self.row.under_way)


@defect("what fails days later is told", "auto", shows="false_done", level="undisturbed", lates=("falls_through",))
def what_fell_through_is_ignored(put: Put) -> None:
    """That a refund failed at the bank after it was told of changes nothing."""
    put(aftermath, "_fallen", lambda was, receipt: [])


@defect("what fails days later is told", "auto", shows="false_done", level="undisturbed",
        lates=("falls_through_unheard",))
def nothing_is_looked_at_again(put: Put) -> None:
    """A refund that was made is not looked at again unless an event tells of it."""
    put(ledger, "RECHECKS", (timedelta(days=999),))
