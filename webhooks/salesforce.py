"""What our Salesforce org tells: events that its package signs, and outbound messages, which are only a wake.

An outbound message carries no signature (SOAP API Developer Guide, "Outbound Messaging"), so its address ends in a
token of this org, and nothing in it is believed but which case to look at.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated
from xml.etree import ElementTree

from flask import Blueprint, Response, request
from pydantic import AwareDatetime, Field, ValidationError

from webhooks.delivered import Lenient, NotThem, OnlyATest, Unreadable, answered, parsed
from webhooks.inbox import Event, Inbox
from webhooks.signed import Signed, SignedOrg, verified

VENDOR = "salesforce"
DOOR = "/webhooks/salesforce"
TEST_CALL = {"deskhand": "test"}
"""What `deskhand doctor` has the org send: signed as an event is, and about no case."""
MOST_AT_ONCE = 100
"""Notifications in one outbound message, as Salesforce sends at most."""
OUTBOUND = "{http://soap.sforce.com/2005/09/outbound}"
PARENTS = {"Case": "Id", "CaseComment": "ParentId", "EmailMessage": "ParentId"}
"""Objects that messages may be about, and which of their fields names the case."""
ACK = ('<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">'
       '<soapenv:Body><notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack>'
       "</notificationsResponse></soapenv:Body></soapenv:Envelope>")
OF_CASES = ("CaseComment", "EmailMessage")
_CASE = re.compile(r"500[0-9A-Za-z]{12}([0-9A-Za-z]{3})?", re.ASCII)
_NOTIFICATION = re.compile(r"04l[0-9A-Za-z]{12}([0-9A-Za-z]{3})?", re.ASCII)
_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class _Told(Lenient):
    """An event of the package: ids, kind and time, never a text."""

    event_id: str
    org_id: str
    case_id: str = Field(pattern=r"^500[0-9A-Za-z]{15}$")
    kind: str = Field(pattern=r"^[a-z_]{1,60}$")
    occurred_at: Annotated[AwareDatetime, Field(gt=_FIRST, lt=_LAST)] | None = None


@dataclass(frozen=True)
class SalesforceDoor:
    """What the door knows of the one org it serves."""

    org: SignedOrg
    outbound: Sequence[str] = ()
    """Tokens that the address of outbound messages may end in, newest first; none: they are not taken."""

    def event(self, raw: bytes, headers: Mapping[str, str], now: datetime) -> Event:
        """The event of a signed delivery. Raises NotThem, NotYet, OnlyATest or Unreadable."""
        signed = verified(self.org, "POST", DOOR, headers, raw, now)
        body = parsed(raw)
        if body == TEST_CALL:
            raise OnlyATest
        try:
            told = _Told.model_validate(body)
        except ValidationError as error:
            raise Unreadable(f"not a case event: {error.error_count()} problems") from error
        if signed != Signed(told.event_id, told.org_id, signed.user, told.case_id):
            raise NotThem("the body is about something else than its headers")
        return Event(delivery_id=told.event_id, kind=f"case.{told.kind}", ticket_id=told.case_id,
                     occurred_at=told.occurred_at, sha256=hashlib.sha256(raw).digest(), account=self.org.org,
                     vendor=VENDOR)

    def wakes(self, token: str, raw: bytes) -> list[Event]:
        """The cases that an outbound message is about. Raises NotThem or Unreadable."""
        given = token.encode("utf-8", "replace")
        if True not in [hmac.compare_digest(one.encode(), given) for one in self.outbound]:
            raise NotThem("this is not the address of the org's messages")
        message = _message(raw)
        if id18(message.findtext(f"{OUTBOUND}OrganizationId", "")) != self.org.org:
            raise NotThem("the message is another org's")
        if not 1 <= len(message.findall(f"{OUTBOUND}Notification")) <= MOST_AT_ONCE:
            raise Unreadable(f"a message has 1 to {MOST_AT_ONCE} notifications")
        told = list(_told(message))
        return [Event(delivery_id=id, kind=f"case.{kind.lower()}_message", ticket_id=case, occurred_at=None,
                      sha256=hashlib.sha256(raw).digest(), account=self.org.org, vendor=VENDOR)
                for id, kind, case in told]


def _message(raw: bytes) -> ElementTree.Element:
    """The body's notifications; a document that declares or hides anything is not read."""
    if b"<!" in raw or b"\0" in raw:
        raise Unreadable("not a message: it has declarations")
    try:
        root = ElementTree.fromstring(raw.decode("utf-8"))  # noqa: S314 - without declarations there are no entities
    except (ElementTree.ParseError, ValueError, RecursionError) as error:
        raise Unreadable(f"not XML: {type(error).__name__}") from None
    found = root.find(f"./{{*}}Body/{OUTBOUND}notifications")
    if found is None:
        raise Unreadable("not an outbound message")
    return found


def _told(message: ElementTree.Element) -> Iterator[tuple[str, str, str]]:
    """Id, object and case of each notification; a mail or comment that is of no case, or gone by now, is passed over,
    for one refused notification would keep back all others of the message. Raises Unreadable."""
    for notification in message.iterfind(f"{OUTBOUND}Notification"):
        thing = notification.find(f"{OUTBOUND}sObject")
        id = notification.findtext(f"{OUTBOUND}Id", "").strip()
        kind = next((v.rpartition(":")[2] for k, v in thing.items() if k.endswith("}type")), "") if thing is not None \
            else ""
        case = thing.findtext(f"{{*}}{PARENTS.get(kind, 'none')}", "").strip() if thing is not None else ""
        if not (_NOTIFICATION.fullmatch(id) and (_CASE.fullmatch(case) or (kind in OF_CASES and not case))):
            raise Unreadable("a notification names no case")
        if not case:
            continue
        yield id18(id), kind, id18(case)


def id18(given: str) -> str:
    """The 18 characters of an id, of which 15 are enough to compute the rest (SOAP API Developer Guide, "ID")."""
    if len(given) != 15:
        return given
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    chunks = (given[at: at + 5] for at in (0, 5, 10))
    return given + "".join(letters[sum(1 << n for n, c in enumerate(chunk) if "A" <= c <= "Z")] for chunk in chunks)


def salesforce_door(door: SalesforceDoor, inbox: Inbox, now: Callable[[], datetime]) -> Blueprint:
    """POST /webhooks/salesforce, answered as every door does; 503 while the certificate is being changed, too.

    With a token behind it, outbound messages.
    """
    page = Blueprint("salesforce_door", __name__)

    @page.post(DOOR)
    def receive() -> tuple[Response, int]:
        return answered(lambda raw: door.event(raw, dict(request.headers), now()),
                        lambda event: inbox.keep(event, now()))

    @page.post(f"{DOOR}/<token>")
    def wake(token: str) -> tuple[Response, int]:
        """Anything but this acknowledgement has Salesforce send the message again, for a day."""
        def keep(events: list[Event]) -> str:
            kept = [inbox.keep(event, now()) for event in events]
            return "kept" if "kept" in kept else "seen"

        answer, status = answered(lambda raw: door.wakes(token, raw), keep)
        return (Response(ACK, content_type="text/xml; charset=utf-8"), 200) if status < 300 else (answer, status)

    return page
