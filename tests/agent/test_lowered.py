"""What a colleague approved less of is told by the amount that they approved."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

from agent.claims import Proof
from agent.consent.agreement import lowered
from agent.consent.waits import Wait
from agent.evidence import Evidence
from agent.ground import Ask
from connectors.contract import Money, Refund


def test_once_some_of_it_went_back_the_rest_of_the_charge_is_not_told_as_what_was_asked_for() -> None:
    """18.00 were asked for, 7.00 approved and paid: of the charge 11.00 are left, and of those nobody spoke."""
    rest = Refund(charge="ch_1", money=Money(amount=1100, currency="USD"), reason="requested_by_customer")
    ask = Ask("refund", "refund USD 11.00 of charge ch_1 (Visa ending in 4242, 20 Nov 2026)", "some money back", rest,
              Proof(proven=None, words="not proven"), None, next(iter(Evidence)), "")
    approved = cast(Wait, SimpleNamespace(amount=700))
    assert lowered(ask, approved).words == (
        "refund USD 7.00 of charge ch_1 (Visa ending in 4242, 20 Nov 2026), less than was asked for")
