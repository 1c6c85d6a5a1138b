"""What a mail on a case says and what stands against it: its text, its headers, and to whom it went."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
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
EMPTY = ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
"""Elements that nothing can be in (HTML Standard, "Void elements")."""
INVISIBLE = re.compile(r"(display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all"
                       r"|(font-size|opacity)\s*:\s*0(\.0*)?\s*(px|pt|em|%)?\s*(!important\s*)?(;|$))", re.IGNORECASE)


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
    """The text of a page as a reader sees it: a line for each block, quotes marked, nothing that is hidden."""
    reader = _Shown()
    reader.feed(html)
    reader.close()
    lines = [(quotes, " ".join(text.split())) for quotes, text in reader.lines]
    marked = "\n".join(">" * quotes + " " + text if quotes and text else text for quotes, text in lines)
    return re.sub(r"\n{3,}", "\n\n", marked).strip()


class _Shown(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[tuple[int, str]] = [(0, "")]
        """How deep in quotes, and what is shown."""
        self._open: list[tuple[str, bool]] = []
        """Elements, each with whether it hides what is in it."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "body":
            self._open.clear()  # a head need not be closed
        if tag in BLOCKS:
            self._break()
            if self._open and self._open[-1][0] == "p":
                self._open.pop()  # a paragraph ends where another block begins
        if tag not in EMPTY:
            self._open.append((tag, tag in HIDDEN or _hides(dict(attrs))))

    def handle_endtag(self, tag: str) -> None:
        if tag in BLOCKS:
            self._break()
        place = next((n for n in reversed(range(len(self._open))) if self._open[n][0] == tag), None)
        if place is not None:
            del self._open[place:]

    def handle_data(self, data: str) -> None:
        if not any(hides for _, hides in self._open):
            quotes, text = self.lines[-1]
            inside = sum(tag == "blockquote" for tag, _ in self._open)
            self.lines[-1] = (quotes if text.strip() else inside, text + data.replace("\n", " "))

    def _break(self) -> None:
        self.lines.append((0, ""))


def _hides(attrs: Mapping[str, str | None]) -> bool:
    return "hidden" in attrs or bool(INVISIBLE.search(attrs.get("style") or ""))
