"""What Zendesk says of a colleague: standing, groups, and which tickets they may see."""

from __future__ import annotations

from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from connectors.contract import NotFound, Reach, Standing, Surroundings, Unavailable
from connectors.mount import Mounted
from connectors.standin import Fault
from connectors.zendesk import CONNECTOR
from connectors.zendesk.helpdesk import ZendeskHelpdesk
from tests.connectors.zendesk.conftest import DANA, SECRET, US, Account

ROLES = [{"name": name, "configuration": {"ticket_access": access, **more}} for name, access, more in (
    ("Team", "within-groups", {}), ("Open team", "within-groups-and-public-groups", {}),
    ("Firm", "within-organization", {}), ("Own only", "assigned-only", {}), ("Everything", "all", {}),
    ("Future", "within-galaxy", {}), ("Reader", "all", {"light_agent": True}))]
SETTINGS = {"ZENDESK_SUBDOMAIN": "acme", "ZENDESK_EMAIL": US, "ZENDESK_API_TOKEN": SECRET}


@pytest.fixture
def desk(account: Account) -> ZendeskHelpdesk:
    account.rules.load({"groups": [{"name": "Support"}, {"name": "Finance"}, {"name": "HR", "is_public": False}],
                        "custom_roles": ROLES}, account.clock())
    around = Surroundings(now=account.clock, transports={"zendesk": Mounted(account.door)})
    made = CONNECTOR.connect(CONNECTOR.settings.model_validate(SETTINGS), around)
    assert isinstance(made, ZendeskHelpdesk)
    return made


def colleague(account: Account, **given: Any) -> str:
    """A further user; the id as text."""
    account.rules.load({"users": [{"name": "Kim", "email": "kim@acme.example", "role": "agent", **given}]},
                       account.clock())
    return str(account.id_of("kim@acme.example"))


def a_ticket(account: Account, **changes: Any) -> str:
    id = account.writes()
    for name, value in changes.items():
        setattr(account.rules.state.tickets[id], name, value)
    return f"zendesk:acme:{id}"


def test_an_agent_is_read_with_groups_by_id_and_name(account: Account, desk: ZendeskHelpdesk) -> None:
    kim = desk.agent(colleague(account, groups=["Support", "Finance"]))
    ids = account.rules.state.groups
    assert (kim.name, kim.standing, kim.reach, kim.works()) == ("Kim", Standing.AGENT, Reach.ALL, True)
    assert [(ids[int(group.id)]["name"], group.name) for group in kim.groups] == [
        ("Support", "Support"), ("Finance", "Finance")]


@pytest.mark.parametrize(("given", "standing"), [
    ({"role": "admin"}, Standing.ADMIN),
    ({"role": "admin", "custom_role": "Reader"}, Standing.ADMIN),
    ({"role": "agent"}, Standing.AGENT),
    ({"role": "agent", "role_type": None}, Standing.AGENT),
    ({"role": "agent", "role_type": 1}, Standing.LIGHT),
    ({"role": "agent", "role_type": 2}, Standing.LIGHT),
    ({"role": "agent", "role_type": 3}, Standing.LIGHT),
    ({"role": "agent", "role_type": 77}, Standing.LIGHT),
    ({"role": "agent", "custom_role": "Everything"}, Standing.AGENT),
    ({"role": "agent", "custom_role": "Reader"}, Standing.LIGHT),
    ({"role": "end-user"}, Standing.CUSTOMER),
    ({"role": "agent", "shared_agent": True}, Standing.CUSTOMER),
])
def test_the_standing_is_what_zendesk_documents(account: Account, desk: ZendeskHelpdesk, given: dict[str, Any],
                                                standing: Standing) -> None:
    assert desk.agent(colleague(account, **given)).standing is standing


def test_a_role_zendesk_adds_later_is_nobody(account: Account, desk: ZendeskHelpdesk) -> None:
    user = colleague(account)
    account.happens("change_user", email="kim@acme.example", role="overlord")
    assert desk.agent(user).standing is Standing.CUSTOMER


def test_a_custom_role_the_account_does_not_list_sees_and_decides_nothing(account: Account,
                                                                          desk: ZendeskHelpdesk) -> None:
    user = colleague(account, custom_role="Everything")
    account.rules.state.custom_roles.clear()
    kim = desk.agent(user)
    assert (kim.standing, kim.reach) == (Standing.LIGHT, Reach.NONE)
    assert not desk.may_see(kim, a_ticket(account))


@pytest.mark.parametrize("change", [{"suspended": True}, {"active": False}, {"role": "end-user"}])
def test_who_is_suspended_deleted_or_demoted_no_longer_works(account: Account, desk: ZendeskHelpdesk,
                                                             change: dict[str, Any]) -> None:
    user, ref = colleague(account), a_ticket(account)
    assert desk.may_see(desk.agent(user), ref)
    account.happens("change_user", email="kim@acme.example", **change)
    assert not desk.agent(user).works()
    assert not desk.may_see(desk.agent(user), ref)


def test_a_user_who_is_not_there_is_not_found(desk: ZendeskHelpdesk) -> None:
    for id in ("99", "../tickets/1", "", "1.json", "-1"):
        with pytest.raises(NotFound):
            desk.agent(id)


def test_when_zendesk_does_not_answer_nothing_is_said_about_the_user(account: Account, desk: ZendeskHelpdesk) -> None:
    user = colleague(account)
    account.door.faults.append(Fault("500_before"))
    with pytest.raises(Unavailable):
        desk.agent(user)


@pytest.mark.parametrize(("given", "seen"), [
    ({}, "own group, other group, private group, no group"),
    ({"role": "admin"}, "own group, other group, private group, no group"),
    ({"ticket_restriction": "groups"}, "own group"),
    ({"ticket_restriction": "assigned"}, ""),
    ({"ticket_restriction": "organization"}, ""),
    ({"ticket_restriction": "a new word"}, ""),
    ({"custom_role": "Everything"}, "own group, other group, private group, no group"),
    ({"custom_role": "Team"}, "own group"),
    ({"custom_role": "Open team"}, "own group, other group, no group"),
    ({"custom_role": "Firm"}, ""),
    ({"custom_role": "Own only"}, ""),
    ({"custom_role": "Future"}, ""),
])
def test_a_ticket_is_seen_by_its_group_as_the_restriction_says(account: Account, desk: ZendeskHelpdesk,
                                                               given: dict[str, Any], seen: str) -> None:
    kim, state = desk.agent(colleague(account, groups=["Support"], **given)), account.rules.state
    tickets = {"own group": "Support", "other group": "Finance", "private group": "HR", "no group": None}
    refs = {name: a_ticket(account, group_id=state.group(group) if group else None)
            for name, group in tickets.items()}
    assert ", ".join(name for name, ref in refs.items() if desk.may_see(kim, ref)) == seen


@pytest.mark.parametrize("given", [{"ticket_restriction": "groups"}, {"ticket_restriction": "assigned"},
                                   {"custom_role": "Firm"}, {"custom_role": "Own only"}])
def test_the_assignee_sees_the_ticket_whatever_the_restriction(account: Account, desk: ZendeskHelpdesk,
                                                               given: dict[str, Any]) -> None:
    kim = desk.agent(colleague(account, **given))
    assert desk.may_see(kim, a_ticket(account, assignee_id=int(kim.id)))


@pytest.mark.parametrize("part", [{"requester_id": 0}, {"email_cc_ids": 0}])
def test_who_takes_part_sees_the_ticket_unless_only_assigned_ones(account: Account, desk: ZendeskHelpdesk,
                                                                  part: dict[str, Any]) -> None:
    kim = desk.agent(colleague(account, ticket_restriction="groups"))
    name = next(iter(part))
    ref = a_ticket(account, **{name: [int(kim.id)] if name.endswith("ids") else int(kim.id)})
    assert desk.may_see(kim, ref)
    account.happens("change_user", email="kim@acme.example", ticket_restriction="assigned")
    assert not desk.may_see(desk.agent(kim.id), ref)


def test_an_organization_sees_its_own_tickets(account: Account, desk: ZendeskHelpdesk) -> None:
    kim = desk.agent(colleague(account, ticket_restriction="organization", organization_id=7))
    assert desk.may_see(kim, a_ticket(account, organization_id=7))
    assert not desk.may_see(kim, a_ticket(account, organization_id=8))
    assert not desk.may_see(kim, a_ticket(account))


def test_an_agent_without_organization_sees_no_ticket_without_one(account: Account, desk: ZendeskHelpdesk) -> None:
    kim = desk.agent(colleague(account, ticket_restriction="organization"))
    assert not desk.may_see(kim, a_ticket(account))


def test_a_customer_sees_no_ticket_here_not_even_their_own(account: Account, desk: ZendeskHelpdesk) -> None:
    ref = a_ticket(account)
    assert not desk.may_see(desk.agent(str(account.id_of(DANA))), ref)


@pytest.mark.parametrize("ref", ["zendesk:acme:999", "zendesk:other:1", "salesforce:acme:1", "1", "", "zendesk:acme:",
                                 "zendesk:acme:1/../2", "zendesk:acme:1?x", "zendesk:acme:-1"])
def test_a_ticket_that_is_not_there_is_seen_by_nobody(account: Account, desk: ZendeskHelpdesk, ref: str) -> None:
    a_ticket(account)
    assert not desk.may_see(desk.agent(colleague(account, role="admin")), ref)


def test_a_deleted_ticket_is_seen_by_nobody(account: Account, desk: ZendeskHelpdesk) -> None:
    ref = a_ticket(account, deleted=True)
    assert not desk.may_see(desk.agent(colleague(account)), ref)


def test_whether_a_ticket_is_seen_costs_one_call(account: Account, desk: ZendeskHelpdesk) -> None:
    kim, ref = desk.agent(colleague(account, custom_role="Open team")), a_ticket(account)
    before = len(account.door.calls)
    desk.may_see(kim, ref)
    assert len(account.door.calls) - before == 1


def test_the_stand_in_signs_who_opened_the_sidebar(account: Account) -> None:
    user = colleague(account)
    opened = account.happens("opens_sidebar", email="kim@acme.example")
    pem = account.ask("GET", "apps/360000000007/public_key.pem").body
    claims = jwt.decode(opened["token"], load_pem_public_key(pem), algorithms=["RS256"],  # type: ignore[arg-type]
                        audience="https://acme.zendesk.com/api/v2/apps/installations/360000000042.json",
                        options={"verify_exp": False, "verify_nbf": False, "verify_iat": False})
    assert claims["sub"] == f"https://acme.zendesk.com/api/v2/users/{user}.json"
    assert claims["exp"] - claims["iat"] == 300
