"""Whom the org vouches for, attacked: names that colleagues give themselves, rights that are over, two helpdesks."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from sqlalchemy import Engine

from agent.published import Published
from connectors.zendesk import CONNECTOR as ZENDESK_CONNECTOR
from tests.journeys.sides import US
from tests.webhooks.opened import HAL, KIM, OURS, ROLES, STAFF, ZENDESK, OpenOffice
from webhooks.app import Health, create_app, people_doors
from webhooks.sidebar import ZendeskFrame
from webhooks.signed import SignedOrg
from webhooks.tokens import SignedApp


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


def with_zendesk(office: OpenOffice) -> OpenOffice:
    """The same office works tickets in Zendesk, too, and its sidebar is set up."""
    connected = ZENDESK_CONNECTOR.connected(ZENDESK_CONNECTOR.settings.model_validate({
        "ZENDESK_SUBDOMAIN": "acme", "ZENDESK_EMAIL": US, "ZENDESK_API_TOKEN": "zendesk-token"}), office.around)
    zendesk = office.desk.helpdesks["zendesk"] = connected["helpdesk"]  # type: ignore[index]
    office.zendesk.load(STAFF, office.clock())
    opened: Any = office.zendesk.control("opens_sidebar", {"email": KIM}, office.clock())
    key = load_pem_public_key(opened["public_key"].encode())
    assert isinstance(key, RSAPublicKey)
    frame = ZendeskFrame(SignedApp("acme", opened["installation"], (key,)), ZENDESK)
    org = SignedOrg(office.side.account, (office.at_desk("certificate")["certificate"],))
    doors = people_doors(office.desk, ROLES, OURS, zendesk, frame, org)
    office.app = create_app(Health(office.engine, lambda: "running", Published()), tuple(doors))
    office.client = office.app.test_client()
    return office


def test_beside_a_sidebar_in_zendesk_a_signed_call_is_never_a_session_of_zendesk(office: OpenOffice) -> None:
    """It names its case itself; and Zendesk is not asked about a user of the org."""
    case, path = with_zendesk(office).unproven(), "/api/sessions/bind"
    body, asked = json.dumps({"ticket": case}), len(office.doors["zendesk"].calls)
    for about in ({}, {"case": case}):
        signed = office.at_desk("signs", method="POST", path=path, body=body, user=KIM, **about)["headers"]
        answer = office.client.post(path, data=body, headers=signed)
        assert (answer.status_code, answer.get_json()["name"]) == (400, "bound")
    assert len(office.doors["zendesk"].calls) == asked
    assert office.seat(KIM).get("/api/ticket").status_code == 200
