"""Colleagues: read anew each time, with what the org lets them be and see."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.contract import NotFound, Reach, Standing
from tests.connectors.salesforce.service import Service, service

KIM = "kim@acme.example"


def named(at: Service, name: str = "Kim Agent") -> Any:
    return at.helpdesk.agent(at.id_of("User", name))


def test_a_colleague_is_read_with_permission_sets_groups_and_queues_under_both_names() -> None:
    at = service({"groups": [{"Name": "Refunds EU", "members": [KIM]},
                             {"Name": "Finance", "Type": "Regular", "members": [KIM]}]})
    kim = named(at)
    assert (kim.name, kim.standing, kim.active, kim.suspended) == ("Kim Agent", Standing.AGENT, True, False)
    assert {group.name for group in kim.groups} == {"Deskhand Agent", "Deskhand_Agent", "Refunds EU", "Refunds_EU",
                                                    "Finance"}
    assert kim.reach is Reach.SHARED


@pytest.mark.parametrize(("sets", "standing"), [
    (["Deskhand_Agent"], Standing.AGENT), (["Deskhand_Approver"], Standing.AGENT),
    (["Deskhand_Admin", "Deskhand_Agent"], Standing.ADMIN), ([], Standing.LIGHT)])
def test_what_a_colleague_is_follows_from_the_packages_permission_sets(sets: list[str], standing: Standing) -> None:
    at = service({"users": [{"Name": "Kim Agent", "Email": KIM, "permission_sets": sets}], "groups": []})
    assert named(at).standing is standing


@pytest.mark.parametrize("kind", ["CSPLitePortal", "AutomatedProcess", "Guest", "PowerPartner"])
def test_who_is_no_standard_user_is_no_colleague(kind: str) -> None:
    at = service({"users": [{"Name": "Kim Agent", "Email": KIM, "UserType": kind,
                             "permission_sets": ["Deskhand_Admin"]}], "groups": []})
    kim = named(at)
    assert (kim.standing, kim.reach, kim.works()) == (Standing.CUSTOMER, Reach.NONE, False)


def test_a_colleague_who_left_or_lost_the_right_is_seen_at_once() -> None:
    at = service()
    assert named(at).works()
    at.does("revoke", user=KIM, permission_set="Deskhand_Agent")
    assert named(at).standing is Standing.LIGHT
    at.does("deactivate_user", user=KIM)
    assert not named(at).works()


@pytest.mark.parametrize("id", ["0055e0000000099AAA", "5005e0000000001AAA", "x' OR Id != '", ""])
def test_nobody_is_not_found(id: str) -> None:
    with pytest.raises(NotFound):
        service().helpdesk.agent(id)


def test_the_orgs_sharing_decides_case_by_case_who_sees_what() -> None:
    at = service()
    ref, other = at.case(), at.case()
    at.does("private", objects=["Case"])
    kim = named(at)
    assert not at.helpdesk.may_see(kim, ref)
    at.does("share", user=KIM, id=ref.rpartition(":")[2])
    assert at.helpdesk.may_see(kim, ref)
    assert not at.helpdesk.may_see(kim, other)
    before = len(at.calls())
    assert at.helpdesk.seen_of(kim, [ref, other, "salesforce:another:5005e0000000001AAA"]) == {ref}
    assert len(at.calls()) == before + 1


def test_who_no_longer_works_there_sees_nothing_and_no_call_is_made() -> None:
    at = service()
    ref = at.case()
    gone = named(at).model_copy(update={"active": False})
    before = len(at.calls())
    assert not at.helpdesk.may_see(gone, ref)
    assert len(at.calls()) == before


def test_a_case_that_is_not_there_is_seen_by_nobody() -> None:
    at = service()
    ref = at.case()
    at.does("delete", ticket=ref.rpartition(":")[2])
    assert not at.helpdesk.may_see(named(at), ref)
    assert not at.helpdesk.may_see(named(at), "salesforce:another:5005e0000000001AAA")
