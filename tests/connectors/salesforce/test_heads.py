"""A head of the audit lies whole in the org, as a row of its own: no case, no mail, nothing that we could change."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text

from agent import audit
from agent.audit import checking
from agent.audit.heads import make, read_lines
from agent.audit.keepers import HelpdeskKeeper, KeeperAway
from connectors.contract import KeepsHeads, Rejected, Unavailable
from tests.agent.test_audit_keepers import SIGNING, Clock, grow
from tests.connectors.salesforce.service import service

LINE, OTHER = (SIGNING.head(position, bytes(32), Clock()()).line() for position in (612, 613))


def test_a_head_is_one_row_of_our_own_that_belongs_to_no_case() -> None:
    at = service()
    assert isinstance(at.helpdesk, KeepsHeads)
    at.door.calls.clear()
    at.helpdesk.keep_head(LINE)
    assert at.calls() == ["POST composite"]
    (kept,) = at.rows("Deskhand_Head__c")
    assert kept["Head__c"] == LINE
    assert (at.rows("EmailMessage"), at.rows("CaseComment"), at.rows("Case")) == ([], [], [])


def test_the_same_head_once_more_changes_nothing_and_all_of_them_are_read_back() -> None:
    at = service()
    at.helpdesk.keep_head(LINE)
    at.helpdesk.keep_head(LINE)
    at.helpdesk.keep_head(OTHER)
    assert at.helpdesk.kept_heads() == [LINE, OTHER]


def test_a_place_where_something_else_stands_by_now_does_not_count_as_kept() -> None:
    at = service()
    at.helpdesk.keep_head(LINE)
    at.rows("Deskhand_Head__c")[0]["Head__c"] = OTHER
    with pytest.raises(Rejected, match="another text"):
        at.helpdesk.keep_head(LINE)
    with pytest.raises(KeeperAway, match="another text"):
        HelpdeskKeeper(at.helpdesk, "helpdesk salesforce").keep(read_lines([LINE])[0][0])


def test_an_org_that_is_away_says_so() -> None:
    at = service()
    at.meets("429")
    with pytest.raises(Unavailable):
        at.helpdesk.keep_head(LINE)
    at.meets("429")
    with pytest.raises(KeeperAway):
        HelpdeskKeeper(at.helpdesk, "helpdesk salesforce").lines()


def test_a_chain_that_was_built_anew_and_signed_again_is_found_by_the_heads_in_the_org(engine: Engine) -> None:
    clock, keeper = Clock(), HelpdeskKeeper(service().helpdesk, "helpdesk salesforce")
    head = grow(engine, clock, 10)
    keeper.keep(head)
    with engine.begin() as c:
        c.execute(text("set local session_replication_role = replica"))
        c.execute(text("update audit set public = '{\"paid\": 0}', position = null, previous = null, hash = null"))
        c.execute(text("delete from audit_heads"))
        audit.seal_chain(c)
        make(c, SIGNING, clock())
        found = checking.check(c, read_lines(keeper.lines())[0], SIGNING.public, clock())
    assert found.problems == (
        "row 10 is another than the head of 2026-11-21T04:00:00+00:00 says: the chain was built anew",)
