"""Whom the org vouches for, attacked: names that colleagues give themselves, rights that are over, two helpdesks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from tests.webhooks.opened import HAL, OpenOffice


@pytest.fixture
def office(engine: Engine) -> OpenOffice:
    return OpenOffice(engine, helpdesk="salesforce")


def user(office: OpenOffice, name: str) -> str:
    return next(str(one["Id"]) for one in office.salesforce.state.tables["User"].values() if one["Name"] == name)


def test_a_group_that_a_colleague_made_for_themselves_gives_no_role(office: OpenOffice) -> None:
    """Anybody may make a personal group, call it as the finance team is called, and be in it."""
    office.unproven()
    state, hal = office.salesforce.state, user(office, "Hal")
    group = state.insert("Group", {"Name": "Finance", "DeveloperName": "Finance1", "Type": "Regular", "OwnerId": hal},
                         hal, office.clock())
    state.insert("GroupMember", {"GroupId": group["Id"], "UserOrGroupId": hal}, hal, office.clock())
    seat = office.seat(HAL)
    assert seat.state()["me"]["role"] is None
    assert seat.approve().status_code == 403


@pytest.mark.parametrize(("days", "role"), [(-1, None), (1, "lead")])
def test_a_permission_set_given_until_a_day_counts_until_then(office: OpenOffice, days: int, role: str | None) -> None:
    office.unproven()
    state, hal = office.salesforce.state, user(office, "Hal")
    made = state.insert("PermissionSet", {"Name": "Leads", "Label": "Team leads"}, hal, office.clock())
    state.insert("PermissionSetAssignment", {
        "AssigneeId": hal, "PermissionSetId": made["Id"], "ExpirationDate": office.clock() + timedelta(days=days)},
        hal, office.clock())
    assert office.seat(HAL).state()["me"]["role"] == role
