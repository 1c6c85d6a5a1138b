"""What a mail on a case says and what stands against it: its text, its headers, and to whom it went."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from email.message import Message
from email.parser import HeaderParser
from email.utils import getaddresses
from html.parser import HTMLParser

from connectors.contract import Comment
from connectors.salesforce.rows import MailRow

SENT, DRAFT = "3", "5"
"""`Status` of a mail that went out, and of one that is still written (Object Reference, "EmailMessage")."""
REFERENCE = re.compile(r"\bRef: (op-[0-9a-f]{24})\b")
"""The line by which a reply of ours is known, wherever its receipt is."""
BULK = ("bulk", "junk", "list", "auto_reply", "auto-reply")
ROBOTS = re.compile(r"^(mailer-daemon|postmaster|no-?reply\+bounce)", re.IGNORECASE)
CHECKS = re.compile(r"\b(spf|dkim|dmarc)\s*=\s*(fail|softfail|permerror)\b", re.IGNORECASE)
BLOCKS = ("p", "div", "br", "tr", "li", "h1", "h2", "h3", "blockquote")
HIDDEN = ("script", "style", "head", "title")


def comment(mail: MailRow, author: str, more: Iterable[str] = ()) -> Comment:
    """The mail as a message of its author. The receiving server's doubts are flags, as are `more` of ours; that it has
    none proves nothing."""
    headers = HeaderParser().parsestr(mail.headers or "")
    doubts = tuple(dict.fromkeys([*_doubts(headers), *more])) if mail.incoming else ()
    return Comment(id=mail.id, author=author, public=True, text=words(mail), channel="email", sender=mail.sender,
                   flags=doubts, trusted=False if doubts else None, attachments=mail.files(),
                   machine_made=mail.incoming and (machine_made(headers) or bool(ROBOTS.match(mail.sender or ""))))


def words(mail: MailRow) -> str:
    """The plain text; of a mail that has none, what its HTML shows."""
    return mail.text if mail.text and mail.text.strip() else shown(mail.html or "")


def machine_made(headers: Message) -> bool:
    """By what automatic mail says of itself (RFC 3834; "Precedence" and others by custom)."""
    submitted = str(headers.get("Auto-Submitted", "no")).split(";")[0].strip().lower()
    return (submitted != "no" or str(headers.get("Precedence", "")).strip().lower() in BULK
            or str(headers.get("Return-Path", "?")).strip() == "<>"
            or any(name in headers for name in ("X-Autoreply", "X-Autorespond", "List-Id", "X-Failed-Recipients"))
            or str(headers.get("Content-Type", "")).lower().startswith("multipart/report"))


def _doubts(headers: Message) -> Iterator[str]:
    for line in headers.get_all("Authentication-Results", []):
        for check, verdict in CHECKS.findall(str(line)):
            yield f"{check.lower()}={verdict.lower()}"


def addresses(*lists: str | None) -> frozenset[str]:
    """The addresses of To and Cc in lower case; Salesforce parts them by a semicolon or a comma."""
    given = [one.replace(";", ",") for one in lists if one]
    return frozenset(address.lower() for _, address in getaddresses(given) if address)


def went_to(mail: MailRow, wanted: Iterable[str]) -> bool:
    """Salesforce has sent it to one of these addresses, and it did not come back."""
    there = addresses(mail.to, mail.cc)
    return (not mail.incoming and mail.status == SENT and not mail.bounced
            and any(one.lower() in there for one in wanted))


def operation(mail: MailRow) -> str | None:
    """Which of our operations this mail of ours carried out; the last such line, for quotes may hold others."""
    found = REFERENCE.findall(words(mail))
    return found[-1] if found else None


def shown(html: str) -> str:
    """The text of a page, a line for each block."""
    reader = _Shown()
    reader.feed(html)
    reader.close()
    lines = ("".join(reader.parts)).splitlines()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(" ".join(line.split()) for line in lines)).strip()


class _Shown(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in HIDDEN
        if tag in BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in HIDDEN and self._hidden > 0
        if tag in BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data.replace("\n", " "))
