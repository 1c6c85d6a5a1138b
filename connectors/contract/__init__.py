"""What a vendor can do for a ticket: the views it gives, the actions it takes, the receipts it returns.

The agent knows this folder and no vendor. A call ends in a receipt or in one of four errors.
"""

from __future__ import annotations

from connectors.contract.actions import (
    Action,
    ActionBase,
    ContactChange,
    ContactField,
    LogActivity,
    Performs,
    Refund,
    TicketUpdate,
    Undo,
    digest,
    operation_id,
)
from connectors.contract.connector import Connector
from connectors.contract.errors import (
    Altered,
    Conflict,
    ModelUnusable,
    NotFound,
    NotUndoable,
    OutcomeUnknown,
    Rejected,
    Unavailable,
    VendorError,
)
from connectors.contract.flags import flagged
from connectors.contract.frozen import Frozen
from connectors.contract.helpdesk import (
    Agent,
    Change,
    Changed,
    Changes,
    Comment,
    Conversation,
    Entry,
    Group,
    Helpdesk,
    Identity,
    KeepsHeads,
    Reach,
    Role,
    Standing,
    Ticket,
    User,
)
from connectors.contract.model import Completion, Model
from connectors.contract.payments import (
    Charge,
    Dispute,
    Happened,
    ListsRefunds,
    MadeRefund,
    PaidInvoice,
    PaidRefund,
    Payer,
    PaymentAccount,
    Payments,
    Subscription,
)
from connectors.contract.receipts import (
    ActivityReceipt,
    ContactReceipt,
    Key,
    Method,
    Receipt,
    ReceiptBase,
    RefundReceipt,
    UpdateReceipt,
)
from connectors.contract.records import Contact, Records
from connectors.http import Surroundings, writing
from connectors.money import Money, UnknownCurrency

__all__ = [
    "Action", "ActionBase", "ActivityReceipt", "Agent", "Altered", "Change", "Changed", "Changes", "Charge",
    "Comment", "Completion", "Conflict", "Connector", "Contact", "ContactChange", "ContactField", "ContactReceipt",
    "Conversation", "Dispute", "Entry", "Frozen", "Group", "Happened", "Helpdesk", "Identity", "KeepsHeads", "Key",
    "ListsRefunds", "LogActivity", "MadeRefund", "Method", "Model", "ModelUnusable", "Money", "NotFound",
    "NotUndoable", "OutcomeUnknown", "PaidInvoice", "PaidRefund", "Payer", "PaymentAccount", "Payments", "Performs",
    "Reach", "Receipt", "ReceiptBase", "Records", "Refund", "RefundReceipt", "Rejected", "Role", "Standing",
    "Subscription", "Surroundings", "Ticket", "TicketUpdate", "Unavailable", "Undo", "UnknownCurrency",
    "UpdateReceipt", "User", "VendorError", "digest", "flagged", "operation_id", "writing",
]
