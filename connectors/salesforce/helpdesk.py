"""Salesforce Service Cloud as a helpdesk: a case is the ticket, its comments and mails are what is said."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime

from simple_salesforce import format_soql  # type: ignore[attr-defined]

from connectors.contract import (
    ActionBase,
    Agent,
    Changed,
    Changes,
    Conversation,
    Identity,
    Key,
    NotFound,
    OutcomeUnknown,
    Reach,
    Receipt,
    Rejected,
    Surroundings,
    TicketUpdate,
    UpdateReceipt,
)
from connectors.salesforce import catching, colleagues
from connectors.salesforce.desk import CaseDesk
from connectors.salesforce.endings import VENDOR, refused
from connectors.salesforce.replies import ReplyWriter
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.wire import Part, asking, path
from connectors.salesforce.writing import CaseWriter

HEAD = "Deskhand_Head__c"
"""Holds heads of the audit; our own login may add rows and change none."""
CASE = re.compile(r"500[0-9A-Za-z]{15}", re.ASCII)
SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
USER = re.compile(r"005[0-9A-Za-z]{12}([0-9A-Za-z]{3})?", re.ASCII)


class SalesforceHelpdesk:
    """Implements the contract's Helpdesk for one org."""

    vendor = VENDOR

    def __init__(self, org: str, settings: SalesforceSettings, around: Surroundings) -> None:
        self.account = org
        self.production = settings.production()
        self.desk = CaseDesk(org, settings, around)
        self._notes, self._replies = CaseWriter(self.desk), ReplyWriter(self.desk)

    def read(self, ref: str, *, upto: datetime | None = None) -> Conversation:
        """One call for most cases; another for users that were not met within the hour, and for a person account.

        What an event has told of has been written, and SOQL shows it.
        """
        return self.desk.conversation(self._id(ref))

    def identities(self, user: str) -> tuple[Identity, ...]:
        """Salesforce verifies nobody's address; of a user that was not read before none is known. No call."""
        address = user if "@" in user else self.desk.memory.address(user)
        return (Identity(kind="email", value=address, primary=True, verification="none"),) if address else ()

    def agent(self, user: str) -> Agent:
        if not USER.fullmatch(user):
            raise NotFound(f"{user[:40]} is no user's id", vendor=VENDOR, reason="not_an_id")
        return colleagues.agent(self.desk, user)

    def may_see(self, agent: Agent, ref: str) -> bool:
        return ref in self.seen_of(agent, [ref])

    def seen_of(self, agent: Agent, refs: Sequence[str]) -> set[str]:
        cases = {ref: id for ref in refs if (id := self._own(ref))}
        if not agent.works() or agent.reach is Reach.NONE or not cases:
            return set()
        seen = colleagues.seen_of(self.desk, agent, [*cases.values()])
        return {ref for ref, id in cases.items() if id[:15] in seen}

    def _own(self, ref: str) -> str | None:
        try:
            return self._id(ref)
        except NotFound:
            return None

    def past(self, since: datetime, until: datetime, *, after: str | None = None) -> Changed:
        """One page of what changed, as `changed_since`."""
        page = self.changed_since(since, after=after)
        refs = tuple(one.ref for one in page.tickets if one.status != "deleted" and one.created_at < until)
        return Changed(refs=refs, after=page.after, last=page.last)

    def changed_since(self, since: datetime, *, after: str | None = None, most: int = catching.MOST) -> Changes:
        return catching.changes(self.desk, since, after, most)

    def link(self, ref: str) -> str:
        return self.desk.link(self._id(ref))

    def perform(self, action: ActionBase, key: Key) -> Receipt:
        """A note or fields in one call that is all or nothing; a reply in one that halts at what fails."""
        update = _update(action)
        writer = self._replies.send if update.public and update.text else self._notes.write
        return writer(self._id(update.ref), update, key)

    def find(self, action: ActionBase, key: Key) -> Receipt | None:
        update = _update(action)
        return self.desk.find(self._id(update.ref), update, key)

    def read_back(self, action: ActionBase, receipt: Receipt) -> Receipt:
        """Looks again: the comment or mail with who was told of it by now."""
        update = _update(action)
        if not isinstance(receipt, UpdateReceipt):
            raise TypeError(f"not the receipt of a ticket update: {receipt.kind}")
        id = self._id(update.ref)
        found = self.desk.find(id, update, Key(operation=receipt.operation))
        if found is None or (found.entry, found.comment, found.public) != (
                receipt.entry, receipt.comment, receipt.public):
            self.desk.memory.drop(id)  # the answer that was remembered told of a write that is not there
            raise OutcomeUnknown("Salesforce does not hold the update it confirmed", vendor=VENDOR, reason="not_there")
        return found

    def _id(self, ref: str) -> str:
        vendor, _, rest = ref.partition(":")
        org, _, id = rest.partition(":")
        if vendor != VENDOR or org != self.account or not CASE.fullmatch(id) or id[15:] != suffix(id):
            raise NotFound(f"{ref[:80]} is not a case of {self.account}", vendor=VENDOR, reason="foreign_ticket")
        return id

    def keep_head(self, line: str) -> None:
        """A row of its own that belongs to no case; its unique digest makes a repeat change nothing. One call."""
        digest, version = hashlib.sha256(line.encode()).hexdigest(), self.desk.version
        made, stands = self.desk.wire.composite([
            {"method": "POST", "url": path(version, HEAD), "body": {"Digest__c": digest, "Head__c": line}},
            asking(version, format_soql("SELECT Head__c FROM Deskhand_Head__c WHERE Digest__c = {}", digest))],
            writing=True)
        if made.status >= 300 and made.code() != "DUPLICATE_VALUE":
            raise refused(made.status, made.body, writing=True, request_id=self.desk.wire.request_id())
        if self._heads(stands) != [line]:
            raise Rejected("the org holds another text where this head of the audit was written", vendor=VENDOR,
                           reason="other_head", request_id=self.desk.wire.request_id())

    def kept_heads(self) -> list[str]:
        """One call for each 2,000 of them."""
        [found] = self.desk.wire.composite([asking(self.desk.version, "SELECT Head__c FROM Deskhand_Head__c")],
                                           writing=False)
        return self._heads(found)

    def _heads(self, part: Part) -> list[str]:
        return [str(row.get("Head__c") or "") for row in self.desk.answered(part, "heads of the audit")]


def connect_helpdesk(settings: SalesforceSettings, around: Surroundings) -> SalesforceHelpdesk | None:
    """Makes no call. None where SALESFORCE_ORG_ID is not set: the org is not the helpdesk then."""
    return SalesforceHelpdesk(settings.org_id, settings, around) if settings.org_id else None


def suffix(id: str) -> str:
    """The last three characters of an id, which the first 15 tell ("ID Field Type"): no case may have two names."""
    fives = (id[at: at + 5] for at in (0, 5, 10))
    return "".join(SUFFIX[sum(1 << n for n, one in enumerate(five) if one.isupper())] for five in fives)


def _update(action: ActionBase) -> TicketUpdate:
    if not isinstance(action, TicketUpdate):
        raise Rejected(f"Salesforce's helpdesk does not do {type(action).__name__}", vendor=VENDOR, reason="not_ours")
    return action
