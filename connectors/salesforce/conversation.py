"""Reads a case's rows into a conversation: who said what, who changed what, oldest first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.contract import Change, Comment, Conversation, Entry, Ticket
from connectors.salesforce import history, mail, words
from connectors.salesforce.endings import VENDOR
from connectors.salesforce.history import QUEUE, USER, Moment
from connectors.salesforce.people import People, requester
from connectors.salesforce.rows import (
    REFUSED,
    CaseRow,
    CommentRow,
    HistoryRow,
    MailRow,
    MergedRow,
    PersonRow,
    PostRow,
    ReceiptRow,
    UserRow,
)

EVERYBODY = "AllUsers"
"""`Visibility` of a post that portal users see; the field exists only where there is a portal ("FeedItem")."""
UNPROVEN = "web"
"""How a description came that no mail on the case bears out: a web form may name any origin ("Web-to-Case")."""
MADE_AT_ONCE = timedelta(seconds=60)
"""A mail and the case that it makes bear times no further apart."""
ANSWERED_AT_ONCE = timedelta(seconds=60)
"""A mail that goes out within this time of the customer's, in the name of the same user, is an automatic answer."""


MERGED = "merged"
BY_HAND = "by another user"
BESIDE = timedelta(seconds=10)
"""A case and the mail that makes it need not bear the same second."""


@dataclass(frozen=True)
class Rows:
    """All that was read of one case."""

    case: CaseRow
    heard: datetime
    """Salesforce's clock at the answer that holds the case; further pages and other rows may have come later."""
    person: PersonRow | None
    form: str | None
    receipts: tuple[ReceiptRow, ...]
    merged: tuple[MergedRow, ...]
    comments: tuple[CommentRow, ...]
    mails: tuple[MailRow, ...]
    history: tuple[HistoryRow, ...]
    posts: tuple[PostRow, ...]

    def spoken(self) -> tuple[CommentRow | PostRow | MailRow | HistoryRow, ...]:
        """Rows whose maker matters; an incoming mail's is whoever the org lets receive mail."""
        out = (one for one in self.mails if not one.incoming)
        return (*self.comments, *self.posts, *out, *self.history)

    def makers(self) -> set[str]:
        """Users of whom it must be known what they are; of the case's own maker, where nothing shows a customer's."""
        told = self.case.supplied_email or self.case.supplied_name or self.by_mail()
        return {row.created_by for row in self.spoken()} | (set() if told else {self.case.created_by})

    def by_mail(self) -> bool:
        """A mail made the case; of a case that says nothing itself, one that came in with it."""
        return self.opening() is not None or (not _spoken(self.case.description) and any(self._with_the_case()))

    def opening(self) -> MailRow | None:
        """The mail that made the case: the description repeats it ("Email-to-Case"), in full or its beginning. The two
        are one message, also where the mail comes to light later."""
        said = _spoken(self.case.description)
        return next((one for one in self._with_the_case() if said and _spoken(mail.words(one)).startswith(said)), None)

    def _with_the_case(self) -> Iterator[MailRow]:
        return (one for one in self.mails if one.incoming and abs(one.created - self.case.created) <= MADE_AT_ONCE)

    def awaits_mail(self, now: datetime) -> bool:
        """The case says that a mail made it, and that mail is not to be seen yet."""
        return (words.channel(self.case.origin) == "email" and bool(self.case.supplied_email)
                and now - self.case.created <= MADE_AT_ONCE and not any(one.incoming for one in self.mails))

    def changed(self) -> datetime:
        """When anything was last written on the case: a mail or a comment need not touch the case itself."""
        own = (row.created for row in (*self.comments, *self.mails, *self.posts, *self.receipts))
        return max([self.case.modified, *own])


def _spoken(text: str | None) -> str:
    """The words alone: a description keeps neither a mail's blanks nor its marks."""
    return " ".join(re.findall(r"\w+", text or ""))


def ticket(org: str, case: CaseRow, *, updated: datetime, who: str, form: str | None,
           own: Mapping[str, str | None]) -> Ticket:
    owner = case.owner or ""
    return Ticket(
        ref=f"{VENDOR}:{org}:{case.id}", id=case.number or case.id, subject=case.subject or "",
        status="deleted" if case.deleted else words.status(case.status, closed=case.closed, own=own),
        channel=words.channel(case.origin), requester=who, form=form, group=owner if owner.startswith(QUEUE) else None,
        assignee=owner if owner.startswith(USER) else None, priority=words.priority(case.priority),
        tags=tuple((case.tags or "").split()), fields=case.custom(), merged=bool(case.master),
        created_at=case.created, updated_at=updated)


def conversation(org: str, rows: Rows, users: Mapping[str, UserRow], ours: str, own: Mapping[str, str | None],
                 sender: str | None, read_at: datetime) -> Conversation:
    """`ours` is the integration user, `sender` the address that replies are sent from."""
    asks = requester(rows.case, rows.person)
    people = People(asks, ours, users)
    told = ticket(org, rows.case, updated=rows.changed(), who=asks.id, form=rows.form, own=own)
    teller = _Teller(rows, people, told.channel)
    entries = [*teller.said(), *history.entries(rows.case, rows.history, people, teller.begun(), own)]
    told = told.model_copy(update={"ccs": teller.copied(sender)})
    entries.sort(key=lambda entry: (entry.at, entry.id != rows.case.id, entry.id))
    return Conversation(ticket=told, users=people.users, read_at=read_at, entries=tuple(entries))


@dataclass
class _Teller:
    rows: Rows
    people: People
    channel: str

    def said(self) -> Iterable[Entry]:
        yield self._opened()
        ours = [one for one in self.rows.receipts if one.created_by == self.people.ours and one.kind != REFUSED]
        mailed = {self._ours(one, None) for one in self.rows.mails}
        receipts = {one.record: one for one in ours if one.record}
        for comment in self.rows.comments:
            yield self._commented(comment, receipts.pop(comment.id, None))
        opening = self.rows.opening()
        for one in self.rows.mails:
            if one is not opening and (one.status != mail.DRAFT or one.incoming):
                yield self._mailed(one, receipts.pop(one.id, None))
        for post in self.rows.posts:
            yield self._posted(post)
        for receipt in [*receipts.values(), *(
                one for one in ours if not one.record and one.operation() not in mailed)]:
            yield Entry(id=receipt.id, at=receipt.created, author=self.people.user(receipt.created_by), channel="api",
                        operation=receipt.operation())

    def begun(self) -> list[Moment]:
        """What customers set off: the case itself, unless a colleague made it, and each mail of theirs."""
        mails = [Moment(one.created_by, one.created) for one in self.rows.mails if one.incoming]
        case = self.rows.case
        return [*mails, Moment(case.created_by, case.created)] if self._by_customer() else mails

    def copied(self, sender: str | None) -> tuple[str, ...]:
        """Who else is in copy of the customer's mails, by address; neither a writer nor the desk's own addresses."""
        writers = {(one.sender or "").lower() for one in self.rows.mails}
        copies = mail.addresses(*(one.cc for one in self.rows.mails if one.incoming))
        others = copies - writers - {(self.people.asks.email or "").lower(), (sender or "").lower()}
        return tuple(self.people.sender(address, None) for address in sorted(others))

    def _by_customer(self) -> bool:
        """Made by a mail, a web form or a portal user, not by a colleague at the phone."""
        case = self.rows.case
        if case.supplied_email or case.supplied_name or self.rows.by_mail():
            return True
        return not self.people.is_colleague(self.people.user(case.created_by))

    def _opened(self) -> Entry:
        """The mail that made the case, else the case's description."""
        case, opening = self.rows.case, self.rows.opening()
        if opening is not None:
            mailed = self._mailed(opening, None)
            said = tuple(one.model_copy(update={"id": case.id}) for one in mailed.comments)
            return mailed.model_copy(update={"id": case.id, "at": case.created, "comments": said,
                                             "changes": tuple(self._another())})
        maker = self.people.user(case.created_by)
        author = self.people.asks.id if self._by_customer() else maker
        told = bool((case.description or "").strip()) and not self.rows.by_mail()
        comment = Comment(id=case.id, author=author, public=author == self.people.asks.id,
                          text=case.description or "", channel=self.channel if self.channel != "email" else UNPROVEN,
                          sender=case.supplied_email)
        return Entry(id=case.id, at=case.created, author=author, channel=self.channel,
                     comments=(comment,) if told else (), changes=tuple(self._another()))

    def _another(self) -> Iterator[Change]:
        """The case was made from another address than its requester's: somebody gave it another contact. History
        tells so only where it is kept."""
        asks = self.people.asks
        mails = (one.sender for one in self.rows.mails if one.incoming)
        first = (self.rows.case.supplied_email or next(mails, None) or "").strip().lower()
        if self.rows.person is not None and first and first != (asks.email or "").strip().lower():
            yield Change(field="requester_id", value=asks.id, before=first)

    def _commented(self, row: CommentRow, receipt: ReceiptRow | None) -> Entry:
        author = self.people.user(row.created_by)
        receipt = receipt if row.created_by == self.people.ours else None
        said = Comment(id=row.id, author=author, public=row.published, text=row.text or "", channel="web")
        return Entry(id=row.id, at=row.created, author=author, channel="api" if receipt else "web", comments=(said,),
                     operation=receipt.operation() if receipt else None)

    def _mailed(self, row: MailRow, receipt: ReceiptRow | None) -> Entry:
        if row.incoming:
            author = self.people.sender(row.sender, row.sender_name)
        else:
            author = self.people.automation() if self._automatic(row) else self.people.user(row.created_by)
        asks = self.people.asks
        told = (asks.id,) if asks.email and mail.went_to(row, [asks.email]) else ()
        return Entry(id=row.id, at=row.created, author=author, channel="email", notified=told,
                     comments=(mail.comment(row, author, (*self._moved(row), *self._by_hand(row))),),
                     operation=self._ours(row, receipt))

    def _moved(self, row: MailRow) -> tuple[str, ...]:
        """A doubt about a mail that may have been written on a case which was merged into this one: it is no answer to
        what was asked here."""
        return (MERGED,) if row.incoming and any(one.created - BESIDE <= row.created <= one.at
                                                 for one in self.rows.merged) else ()

    def _by_hand(self, row: MailRow) -> tuple[str, ...]:
        """A doubt about a mail that another user put on the case than received the one that made it: whoever may edit
        a case can write a row that looks like a customer's mail."""
        first = self.rows.opening()
        return (BY_HAND,) if first is not None and row.incoming and row.created_by != first.created_by else ()

    def _ours(self, row: MailRow, receipt: ReceiptRow | None) -> str | None:
        """By its receipt, or by the line in a mail that we sent and wrote no receipt of; customers quote it, too.

        A receipt that names somebody else's words makes them nobody's of ours.
        """
        if row.incoming or row.created_by != self.people.ours:
            return None
        return receipt.operation() if receipt else mail.operation(row)

    def _automatic(self, row: MailRow) -> bool:
        return any(one.incoming and one.created_by == row.created_by
                   and timedelta() <= row.created - one.created <= ANSWERED_AT_ONCE for one in self.rows.mails)

    def _posted(self, row: PostRow) -> Entry:
        author = self.people.user(row.created_by)
        public = row.visibility == EVERYBODY or author == self.people.asks.id
        said = Comment(id=row.id, author=author, public=public, text=mail.shown(row.text or ""), channel="web")
        return Entry(id=row.id, at=row.created, author=author, channel="web", comments=(said,))
