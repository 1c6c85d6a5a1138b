"""A real Chromium, the helpdesk's page, and a Deskhand behind it. Skipped where there is no browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.browser import tickets
from tests.browser.served import Scripted, helpdesk, on_loopback

playwright: Any
try:
    from playwright import sync_api as playwright
except ImportError:
    playwright = None
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""What a Chromium is called; the first is the same engine without the rest of a browser, and opens pages at a fifth of
the cost."""
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
PICTURES = Path(__file__).parents[2] / "var" / "pictures"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    if playwright is None:
        pytest.skip("Playwright is not installed, and no Chromium is looked for: uv sync")
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium-headless-shell")
    with playwright.sync_playwright() as started:
        # Loopback only: whatever else a page asks for is not even looked up.
        browser = started.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--disable-component-update",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
                "--force-color-profile=srgb",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def host() -> Iterator[str]:
    with on_loopback(helpdesk()) as url:
        yield url


@pytest.fixture(scope="session")
def _scripted(host: str) -> Iterator[tuple[Scripted, str]]:
    desk = Scripted()
    with on_loopback(desk.app(lambda: host)) as url:
        yield desk, url


@pytest.fixture
def desk(_scripted: tuple[Scripted, str]) -> Iterator[Scripted]:
    _scripted[0].reset()
    yield _scripted[0]
    _scripted[0].answering.set()


class Opened:
    """A sidebar that somebody looks at: its frame, and what went wrong in it."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.wrong: list[str] = []
        self.asked: list[str] = []
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("console", lambda said: self.wrong.append(said.text) if "Content Security" in said.text else None)
        page.on("dialog", self._dismisses)
        page.on("request", lambda request: self.asked.append(request.url))

    def _dismisses(self, dialog: Any) -> None:
        self.wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    @property
    def app(self) -> Any:
        return self.page.frame_locator("#app")

    @property
    def frame(self) -> Any:
        return self.page.frame(name="app")

    def press(self, name: str) -> None:
        """As a person presses: once it can be pressed."""
        button = self.app.get_by_role("button", name=name).first
        button.and_(self.app.locator(":not([aria-disabled])")).click()

    def sees(self, words: str) -> None:
        playwright.expect(self.app.locator("#deskhand")).to_contain_text(words)

    def misses(self, words: str) -> None:
        playwright.expect(self.app.locator("#deskhand")).not_to_contain_text(words)

    def looks(self, width: int, scheme: str) -> None:
        """The helpdesk makes its panel this wide, and changes to light or dark."""
        self.page.evaluate(
            """([width, scheme]) => {
            document.getElementById('app').style.width = width + 'px';
            window.happens('colorScheme.changed', scheme);
        }""",
            [width, scheme],
        )
        self.until(f"innerWidth === {width}")
        self.until(f"document.documentElement.dataset.scheme === '{scheme}'")
        self.fits()

    def fits(self) -> None:
        """The frame has become as tall as what it shows."""
        self.until("Math.abs(innerHeight - document.getElementById('deskhand').offsetHeight) <= 1")

    def until(self, condition: str) -> None:
        """Looks at each frame until it holds. Playwright's own wait would need eval, which the page forbids."""
        held: Any = self.frame.evaluate(
            """() => new Promise((done) => {
            const end = Date.now() + 8000;
            const holds = () => Boolean(CONDITION);
            const look = () => (holds() || Date.now() > end ? done(holds()) : requestAnimationFrame(look));
            look();
        })""".replace("CONDITION", condition)
        )
        assert held, condition

    def picture(self, name: str) -> None:
        """To be looked at; taken only where somebody wants to (`scripts/pictures`)."""
        if os.environ.get("DESKHAND_PICTURES"):
            self.shoot(name)

    def shoot(self, name: str) -> Path:
        PICTURES.mkdir(parents=True, exist_ok=True)
        path = PICTURES / f"{name}.png"
        self.page.locator("#app").screenshot(path=path, animations="disabled")
        return path


@pytest.fixture
def open_at(chromium: Any, host: str) -> Iterator[Callable[..., Opened]]:
    """Opens a ticket's sidebar as the helpdesk does."""
    contexts = []

    def opening(
        app: str,
        *,
        ticket: int = 123,
        scheme: str = "light",
        width: int = 320,
        locale: str = "en-US",
        token: str | None = None,
        clock: bool = False,
        now: datetime | None = None,
    ) -> Opened:
        context = chromium.new_context(viewport={"width": 900, "height": 1200}, timezone_id="UTC", locale="en-US")
        context.set_default_timeout(8_000)
        contexts.append(context)
        opened = Opened(context.new_page())
        if clock:
            opened.page.clock.install()
        if now:
            opened.page.clock.set_fixed_time(now)
        asked = {"ticket": ticket, "scheme": scheme, "width": width, "locale": locale, "token": token or "a token"}
        opened.page.goto(f"{host}/?" + urlencode({"app": app, **asked}))
        return opened

    yield opening
    for context in contexts:
        context.close()


@pytest.fixture
def sidebar(open_at: Callable[..., Opened], desk: Scripted, _scripted: tuple[Scripted, str]) -> Callable[..., Opened]:
    """Opens the sidebar of the scripted Deskhand in a given state."""

    def opening(state: dict[str, Any] | None = None, **how: Any) -> Opened:
        if state is not None:
            desk.state = state
        return open_at(_scripted[1], **how)

    return opening


BROUGHT: dict[str, tuple[dict[str, Any], datetime]] = {}


@pytest.fixture
def beside(request: pytest.FixtureRequest, sidebar: Callable[..., Opened]) -> Callable[..., Opened]:
    """Opens the sidebar beside a ticket that the product itself brought about, as its API tells it."""

    def opening(name: str, **how: Any) -> Opened:
        if name not in BROUGHT:
            BROUGHT[name] = tickets.bring_about(request.getfixturevalue("engine"), name)
        state, at = BROUGHT[name]
        return sidebar(state, now=at, **how)

    return opening
