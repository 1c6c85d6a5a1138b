"""Every writing call at a vendor, set against the few that Deskhand needs and against what each of them may concern.

What is not listed here is not allowed, whatever it does: a call to people, rules or settings, another field of a
ticket, a copy of a mail.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from connectors.standin import Answer, Door, Request

TAG = "deskhand_"
CASE = re.compile(r"\b500[0-9A-Za-z]{15}\b")
TICKET_KEYS = frozenset({"id", "metadata", "comment", "additional_tags", "remove_tags", "safe_update", "updated_stamp"})
TASK_KEYS = frozenset({"WhoId", "Subject", "Description", "Status", "ActivityDate"})
MAIL_KEYS = frozenset({"recipientAddresses", "emailSubject", "emailBody", "senderType", "senderAddress",
                       "relatedRecordId", "logEmailOnSend", "addThreadingTokenToBody"})
REFUND_KEYS = frozenset({"charge", "amount", "reason", "expand[0]", "metadata[op_id]", "metadata[op_send]"})
CONTACT_KEYS = frozenset({"Phone", "MobilePhone", "FirstName", "LastName", "HasOptedOutOfEmail", "MailingStreet",
                          "MailingCity", "MailingPostalCode", "MailingState", "MailingCountry"})
READ = frozenset({"GET", "HEAD"})


@dataclass(frozen=True)
class Wrote:
    """One writing call; of several in one request, each by itself."""

    vendor: str
    method: str
    path: str
    body: Any
    within: str
    """The whole request it came in: a part of it may name the ticket for another."""


@dataclass(frozen=True)
class About:
    """What may be written about: one ticket, the contacts under its requester's address, the charges they alone
    paid."""

    ticket: str
    email: str
    contacts: frozenset[str]
    charges: frozenset[str]


def overheard(doors: Mapping[str, Door]) -> list[Wrote]:
    """A list that grows with every writing call at these doors."""
    heard: list[Wrote] = []
    for vendor, door in doors.items():
        door.rules.answer = _listening(vendor, door.rules.answer, heard)  # type: ignore[method-assign]
    return heard


def _listening(vendor: str, answer: Callable[..., Answer], heard: list[Wrote]) -> Callable[..., Answer]:
    def listening(request: Request, now: datetime) -> Answer:
        if request.method not in READ:
            heard.extend(one for one in calls(vendor, request) if one.method not in READ)
        return answer(request, now)
    return listening


def calls(vendor: str, request: Request) -> Iterator[Wrote]:
    """The call itself, or the calls that it is composed of."""
    text = request.body.decode("utf-8", "replace")
    if vendor == "stripe":
        yield Wrote(vendor, request.method, request.path, dict(parse_qsl(text)), text)
        return
    try:
        body = json.loads(text)
    except ValueError:
        body = text
    path = re.sub(r"^/services/data/v[\d.]+/", "", request.path)
    parts = body.get("compositeRequest") or body.get("batchRequests") if isinstance(body, dict) else None
    if path not in ("composite", "composite/batch") or not parts:
        yield Wrote(vendor, request.method, path, body, f"{request.query} {text}")
        return
    for part in parts:
        address = re.sub(r"^(/services/data/)?v[\d.]+/", "", str(part.get("url")).split("?")[0])
        yield Wrote(vendor, str(part.get("method", "")).upper(), address, part.get("body") or part.get("richInput"),
                    text)


def tickets_of(one: Wrote) -> set[str]:
    """The tickets that a call names, or what came with it in one request."""
    if one.vendor == "zendesk":
        return set(re.findall(r"/tickets/(\d+)", one.path))
    noted = str(one.body.get("Description")) if isinstance(one.body, dict) else ""
    return {*re.findall(r"Ticket \w+:\w+:(\w+)", noted), *CASE.findall(one.within)}


def wrong(one: Wrote, about: About) -> list[str]:
    """What is wrong with this call, in words: it is not listed, or it concerns something else."""
    for vendor, method, path, check in ALLOWED:
        if (vendor, method) == (one.vendor, one.method) and (named := re.fullmatch(path, one.path)):
            return [f"{one.method} {one.path} at {one.vendor}: {why}" for why in check(one, named, about)]
    return [f"{one.method} {one.path} at {one.vendor}: it is no call that Deskhand needs"]


def _beyond(given: Any, keys: Iterable[str]) -> Iterator[str]:
    yield from (f"it sets {key}" for key in sorted(set(given) - set(keys)))


def _ticket(one: Wrote, named: re.Match[str], about: About) -> Iterator[str]:
    given = one.body["ticket"]
    if {named[1], str(given.get("id"))} != {about.ticket}:
        yield "it is another ticket"
    yield from _beyond(one.body, ("ticket",))
    yield from _beyond(given, TICKET_KEYS)
    yield from _beyond(given.get("comment", {}), ("public", "html_body"))
    yield from _tags([*given.get("additional_tags", []), *given.get("remove_tags", [])])


def _tags(tags: Iterable[str]) -> Iterator[str]:
    yield from (f"the tag {tag} is not ours" for tag in tags if not re.fullmatch(rf"{TAG}[a-z_]+", tag))


def _case(one: Wrote, named: re.Match[str], about: About) -> Iterator[str]:
    if named[1] != about.ticket:
        yield "it is another case"
    yield from _beyond(one.body, ("Deskhand_Tags__c",))
    yield from _tags((one.body.get("Deskhand_Tags__c") or "").split())


def _comment(one: Wrote, named: re.Match[str], about: About) -> Iterator[str]:
    yield from _beyond(one.body, ("ParentId", "CommentBody", "IsPublished"))
    if one.body.get("ParentId") != about.ticket:
        yield "it is another case"
    if one.body.get("IsPublished") is not False:
        yield "customers can read it"


def _receipt(one: Wrote, named: re.Match[str], about: About) -> Iterator[str]:
    yield from _beyond(one.body, ("Case__c", "Key__c", "Kind__c"))
    if one.body.get("Case__c") not in (about.ticket, "@{guard.records[0].Id}"):
        yield "it is another case"


def _named(one: Wrote, named: re.Match[str], about: About) -> Iterator[str]:
    yield from _beyond(one.body, ("Record__c",))


def _mail(one: Wrote, named: re.Match[str], about: About) -> Iterator[str]:
    for mail in one.body["inputs"]:
        yield from _beyond(mail, MAIL_KEYS)
        if str(mail.get("recipientAddresses")).lower() != about.email:
            yield f"it goes to {mail.get('recipientAddresses')}"
        if mail.get("relatedRecordId") != about.ticket:
            yield "it is another case"


def _activity(one: Wrote, named: re.Match[str], about: About) -> Iterator[str]:
    yield from _beyond(one.body, TASK_KEYS)
    if one.body.get("WhoId") not in about.contacts:
        yield f"it is not filed under {about.email}'s contact"


def _contact(one: Wrote, named: re.Match[str], about: About) -> Iterator[str]:
    yield from _beyond(one.body, CONTACT_KEYS)
    if named[1] not in about.contacts:
        yield f"it is not {about.email}'s contact"


def _refund(one: Wrote, named: re.Match[str], about: About) -> Iterator[str]:
    yield from _beyond(one.body, REFUND_KEYS)
    if one.body.get("charge") not in about.charges:
        yield f"{about.email} did not pay it alone"


def _sign_in(one: Wrote, named: re.Match[str], about: About) -> Iterator[str]:
    yield from ()


Check = Callable[[Wrote, "re.Match[str]", About], Iterator[str]]
ALLOWED: tuple[tuple[str, str, str, Check], ...] = (
    ("zendesk", "PUT", r"/api/v2/tickets/(\d+)\.json", _ticket),
    ("salesforce", "PATCH", r"sobjects/Case/(\w+)", _case),
    ("salesforce", "POST", r"sobjects/CaseComment", _comment),
    ("salesforce", "POST", r"sobjects/Deskhand_Action__c", _receipt),
    ("salesforce", "PATCH", r"sobjects/Deskhand_Action__c/@\{receipt\.id\}", _named),
    ("salesforce", "POST", r"actions/standard/emailSimple", _mail),
    ("salesforce", "POST", r"sobjects/Task", _activity),
    ("salesforce", "PATCH", r"sobjects/Contact/(\w+)", _contact),
    ("salesforce", "POST", r"/services/oauth2/token", _sign_in),
    ("stripe", "POST", r"/v1/refunds", _refund))
"""Vendor, method and path of every writing call that there may be here, and what each may concern."""


def mails(office: Any) -> dict[str, tuple[str, frozenset[str]]]:
    """Every mail that left because of us, by a name of its own: the ticket, and everybody who got it."""
    if office.side.vendor == "salesforce":
        return {str(at): (str(one["case"]), frozenset(address.lower() for address in (
            *one["to"], *one["cc"], *one["bcc"]))) for at, one in enumerate(office.salesforce.books()["sent"])}
    state = office.zendesk.state
    ours = state.api_users()
    audits = [json.loads(audit) for ticket in state.tickets.values() for audit in ticket.audits]
    return {str(event["id"]): (str(audit["ticket_id"]), frozenset(
        str(state.users[id]["email"]).lower() for id in event["recipients"])) for audit in audits
        if audit["author_id"] in ours for event in audit["events"] if event.get("recipients")}
