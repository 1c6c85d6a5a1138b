"""Whatever a ticket, a name or a book entry says, it is shown as text: nothing runs, nothing is asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from tests.browser.conftest import Opened
from tests.browser.states import hostile

OURS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "javascript:alert(1)",
    "</textarea><script>alert(1)</script>",
    '"><img src=http://evil.example/x.png>',
    "' onmouseover='alert(1)",
    "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>",
    "<style>@import 'http://evil.example/x.css'</style>",
    "<link rel=stylesheet href=http://evil.example/x.css>",
    "<base href=http://evil.example/>",
    "<form action=http://evil.example>",
    "<meta http-equiv=refresh content='0;url=http://evil.example/'>",
    "<a href=javascript:alert(1)>press</a>",
    "{{7*7}} ${7*7} {% raw %} <%= 7*7 %>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<!--<script>",
    "]]><script>alert(1)</script>",
    "\u202eevil\u202c RTL",
    "\u2066\u2067nested\u2069",
    "a\u0300\u0301\u0302\u0303\u0304" * 60,
    "🙂" * 300,
    "\x00\x07\x1b[31m",
    "line\nbreak\r\n\ttab",
    "W" * 600,
    "<object data=http://evil.example>",
    "<video src=http://evil.example/v autoplay onplay=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "__proto__",
    "constructor",
    "<template><script>alert(1)",
]


MAY_STAND = {
    "div",
    "main",
    "header",
    "h1",
    "h2",
    "h3",
    "p",
    "span",
    "article",
    "section",
    "footer",
    "bdi",
    "strong",
    "ul",
    "ol",
    "li",
    "dl",
    "dt",
    "dd",
    "details",
    "summary",
    "figure",
    "figcaption",
    "blockquote",
    "button",
    "time",
    "body",
}


def test_our_own_hostile_texts_are_only_text(sidebar: Callable[..., Opened], desk: Any, host: str) -> None:
    harmless(sidebar, desk, host, OURS)


def test_collected_attacks_are_only_text_in_every_field(
    sidebar: Callable[..., Opened], desk: Any, host: str, shared_data: Callable[[str], Any]
) -> None:
    harmless(sidebar, desk, host, shared_data("attacks/train_xss.json"))


def harmless(sidebar: Callable[..., Opened], desk: Any, host: str, texts: list[str]) -> None:
    """Shows each in every field of one sidebar, and then looks at all that was asked for."""
    opened = sidebar(hostile("a harmless beginning"))
    opened.sees("a harmless beginning")
    opened.frame.evaluate("() => { window.alert = window.prompt = window.confirm = () => { window.ran = true; }; }")
    for text in texts:
        desk.state = hostile(text)
        shows(opened, text)
    assert opened.frame.evaluate("window.ran") is None
    assert opened.wrong == []
    assert {urlsplit(url).hostname for url in opened.asked} == {"127.0.0.1"}


def shows(opened: Opened, text: str) -> None:
    """Looks at the page once the text is on it: it has become no element and no attribute of its own."""
    opened.app.get_by_role("button", name="Run again").click()
    opened.until(f"document.querySelector('blockquote').textContent.startsWith({json.dumps(text[:40])})")
    seen: Any = opened.frame.evaluate("""() => {
        const all = [...document.body.querySelectorAll('*')];
        return [[...new Set(all.map((one) => one.localName))], all.flatMap((one) => one.getAttributeNames())
            .filter((name) => name.startsWith('on') || ['style', 'src', 'srcdoc'].includes(name)),
            [...document.querySelectorAll('a')].map((one) => one.protocol)];
    }""")
    assert set(seen[0]) <= MAY_STAND, text
    assert seen[1:] == [[], []], text
