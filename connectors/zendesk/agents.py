"""Reads a user as a colleague: what they are, in which groups, and which tickets they may see."""

from __future__ import annotations

from collections.abc import Iterable

from connectors.contract import Agent, Group, Reach, Standing
from connectors.zendesk.wire import Colleague, CustomRole, WireGroup, WireTicket

STAFF = ("agent", "admin")
FULL_AGENTS = (None, 0)
"""`role_type` of an agent, in a custom role too (docs, "Users"). Light agents (1), chat agents (2), contributors (3)
and whatever is added to that list count as light: they decide nothing."""
RESTRICTIONS = {None: Reach.ALL, "groups": Reach.GROUPS, "organization": Reach.ORGANIZATION,
                "assigned": Reach.ASSIGNED}
"""`ticket_restriction` of a user (docs, "Users"); an unknown word lets see nothing."""
ACCESS = {"all": Reach.ALL, "within-groups": Reach.GROUPS, "within-groups-and-public-groups": Reach.PUBLIC_GROUPS,
          "within-organization": Reach.ORGANIZATION, "assigned-only": Reach.ASSIGNED}
"""`ticket_access` of a custom role (docs, "Custom Agent Roles")."""


def is_staff(given: Colleague) -> bool:
    """A shared agent works for another account that shares tickets with this one, and is nobody's colleague here."""
    return given.role in STAFF and not given.shared_agent


def has_custom_role(given: Colleague) -> bool:
    return given.role == "agent" and given.role_type in FULL_AGENTS and given.custom_role_id is not None


def agent(given: Colleague, groups: Iterable[WireGroup], custom: CustomRole | None) -> Agent:
    """`custom` is the user's custom role; None also when the account does not list it, and then nothing is seen."""
    held = tuple(Group(id=str(one.id), name=one.name) for one in groups if not one.deleted)
    return Agent(id=str(given.id), name=given.name, standing=_standing(given, custom), active=given.active,
                 suspended=given.suspended, groups=held, reach=_reach(given, custom),
                 organization=str(given.organization_id) if given.organization_id else None)


def _standing(given: Colleague, custom: CustomRole | None) -> Standing:
    if not is_staff(given):
        return Standing.CUSTOMER
    if given.role == "admin":
        return Standing.ADMIN
    if has_custom_role(given) and (custom is None or custom.configuration.light_agent):
        return Standing.LIGHT
    return Standing.AGENT if given.role_type in FULL_AGENTS else Standing.LIGHT


def _reach(given: Colleague, custom: CustomRole | None) -> Reach:
    if not is_staff(given):
        return Reach.NONE
    if given.role == "admin":
        return Reach.ALL
    if has_custom_role(given):
        return ACCESS.get(custom.configuration.ticket_access or "", Reach.NONE) if custom else Reach.NONE
    return RESTRICTIONS.get(given.ticket_restriction, Reach.NONE)


def sees(agent: Agent, ticket: WireTicket, groups: Iterable[WireGroup]) -> bool:
    """`groups` holds at least the ticket's own. Who takes part in a ticket sees it whatever its group is (docs,
    "Creating private ticket groups and granting agents access"), except with access to assigned tickets only."""
    if agent.reach is Reach.ALL or _is(ticket.assignee_id, agent):
        return True
    if agent.reach in (Reach.ASSIGNED, Reach.NONE):
        return False
    if any(_is(one, agent) for one in _taking_part(ticket)):
        return True
    if agent.reach is Reach.ORGANIZATION:
        return str(ticket.organization_id) == agent.organization
    in_own_group = str(ticket.group_id) in {group.id for group in agent.groups}
    return in_own_group or (agent.reach is Reach.PUBLIC_GROUPS and _is_public(ticket, groups))


def _is(user: int | None, agent: Agent) -> bool:
    return user is not None and str(user) == agent.id


def _taking_part(ticket: WireTicket) -> tuple[int, ...]:
    return (ticket.requester_id, *ticket.email_cc_ids, *ticket.collaborator_ids, *ticket.follower_ids)


def _is_public(ticket: WireTicket, groups: Iterable[WireGroup]) -> bool:
    """Private is only what lies in a private group (docs, "About private ticket groups")."""
    return ticket.group_id is None or any(one.id == ticket.group_id and one.is_public for one in groups)
