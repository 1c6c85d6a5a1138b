"""The errors a vendor call may end in."""

from __future__ import annotations

from connectors.contract.receipts import Receipt


class VendorError(Exception):
    """A vendor call did not end in a receipt. `reason` is a short word for tables, the message is for people.

    The message may hold the vendor's own words, which may quote what a customer wrote: `plain` says the same without
    them, and it alone is kept in the clear, or logged.
    """

    def __init__(self, message: str, *, vendor: str, reason: str = "", request_id: str | None = None,
                 plain: str = "") -> None:
        super().__init__(message)
        self.vendor = vendor
        self.reason = reason
        self.request_id = request_id
        self.plain = plain or message


class Rejected(VendorError):
    """The vendor said no, and nothing happened."""


class Conflict(Rejected):
    """Nothing happened, because someone changed the record since it was read: read again, decide again."""


class Unavailable(VendorError):
    """The vendor was surely not asked, or surely did nothing: try again with the same key."""

    def __init__(self, message: str, *, vendor: str, reason: str = "", request_id: str | None = None,
                 retry_after: float | None = None, lasting: bool = False, plain: str = "") -> None:
        super().__init__(message, vendor=vendor, reason=reason, request_id=request_id, plain=plain)
        self.retry_after = retry_after
        self.lasting = lasting
        """True when trying again within this pass is useless (credentials lost, daily limit reached)."""


class OutcomeUnknown(VendorError):
    """It may have happened: look before anything else."""


class Altered(OutcomeUnknown):
    """It was written, and reads otherwise: `receipt` says what stood there before, and what stands there now."""

    def __init__(self, message: str, *, vendor: str, receipt: Receipt, reason: str = "",
                 request_id: str | None = None) -> None:
        super().__init__(message, vendor=vendor, reason=reason, request_id=request_id)
        self.receipt = receipt


class NotUndoable(VendorError):
    """What was done cannot be taken back, and the message says why; surely nothing happened."""


class NotFound(Rejected):
    """The record does not exist, or not any more."""


class ModelUnusable(VendorError):
    """The model answered, but not with something that can be used: refusal, truncation, not the schema."""
