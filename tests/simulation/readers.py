"""Who is the requester of a ticket, and who reads what is told there, by the helpdesk's own books."""

from __future__ import annotations

from typing import Any

from connectors.zendesk.standin import reading


def requester(rules: Any, ticket: Any) -> str:
    """Their address; empty where the ticket is nobody's."""
    state = rules.state
    if rules.name == "zendesk":
        return str(state.users[state.tickets[int(ticket)].requester_id]["email"] or "")
    case = _case(state, ticket)
    contact = state.tables["Contact"].get(case["ContactId"]) or {}
    return str(contact.get("Email") or case.get("SuppliedEmail") or "")


def readers(rules: Any, ticket: Any, reply: Any) -> tuple[str, ...]:
    """The addresses of all customers who were mailed this reply, or are in copy on the ticket now."""
    return _of_zendesk(rules.state, int(ticket), reply) if rules.name == "zendesk" else _of_salesforce(
        rules.state, reply)


def _of_zendesk(state: Any, ticket: int, reply: Any) -> tuple[str, ...]:
    row = state.tickets[ticket]
    said_in = (one["events"] for one in reading.audits(row) if any(event["id"] == reply for event in one["events"]))
    mailed = {id for events in said_in for event in events for id in event.get("recipients", [])}
    return tuple(sorted(state.users[id]["email"] for id in {*mailed, *row.email_cc_ids} if not state.is_staff(id)))


def _of_salesforce(state: Any, reply: Any) -> tuple[str, ...]:
    sent = (one for one in state.sent if one["email"] == reply)
    return tuple(sorted({who for one in sent for who in (*one["to"], *one["cc"], *one["bcc"])}))


def _case(state: Any, id: Any) -> Any:
    return state.tables["Case"].get(id) or state.bin["Case"][id]
