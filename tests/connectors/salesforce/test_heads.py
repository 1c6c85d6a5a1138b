"""A head of the audit lies in the org as a row of our own: no case, no mail, no notification."""

from __future__ import annotations

import pytest

from connectors.contract import KeepsHeads, Unavailable
from tests.connectors.salesforce.service import service

HASH = "ab" * 32


def test_a_head_is_one_row_of_our_own_that_belongs_to_no_case() -> None:
    at = service()
    assert isinstance(at.helpdesk, KeepsHeads)
    at.door.calls.clear()
    at.helpdesk.keep_head(612, HASH)
    assert at.calls() == ["POST composite"]
    (kept,) = at.rows("Deskhand_Action__c")
    assert (kept["Key__c"], kept["Kind__c"], kept["Record__c"], kept["Digest__c"], kept["Case__c"]) == (
        "audit-head:612:" + "ab" * 16, "audit head", "612", HASH, None)
    assert (at.rows("EmailMessage"), at.rows("CaseComment"), at.rows("Case")) == ([], [], [])


def test_the_same_head_once_more_changes_nothing() -> None:
    at = service()
    at.helpdesk.keep_head(612, HASH)
    at.helpdesk.keep_head(612, HASH)
    at.helpdesk.keep_head(613, HASH)
    assert [row["Record__c"] for row in at.rows("Deskhand_Action__c")] == ["612", "613"]


def test_an_org_that_is_away_says_so() -> None:
    at = service()
    at.meets("429")
    with pytest.raises(Unavailable):
        at.helpdesk.keep_head(612, HASH)
