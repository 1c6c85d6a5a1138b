"""The app as it is packed, in a real browser: uploaded, installed, and opened from its own manifest beside a ticket."""

from __future__ import annotations

import base64
import io
import json
import uuid
import zipfile
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from sqlalchemy import Engine

from agent.published import Published
from connectors.standin import Request
from connectors.zendesk.package import build, shipped
from scripts.draw_logos import LOGOS, Logo, draw
from tests.browser.conftest import Opened
from tests.browser.served import HERE, on_loopback
from tests.webhooks.opened import ADA, KIM, LEO, ROLES, OpenOffice
from webhooks.app import Health, create_app, people_doors
from webhooks.sidebar import SDK, ZendeskFrame
from webhooks.tokens import SignedApp

pytest.importorskip("playwright.sync_api", reason="Playwright, and so Chromium, is absent: uv sync")
PUBLIC = "https://deskhand.acme.example"
HELPDESK = "https://acme.zendesk.com"
"""As in a real installation. The browser looks no name up: the test's own servers answer under these."""


class Account:
    """The admin's side of the office's Zendesk."""

    def __init__(self, office: OpenOffice) -> None:
        self.office = office
        office.zendesk.load({"tokens": {f"{ADA}/token": "admins"}}, office.clock())
        self.basic = "Basic " + base64.b64encode(f"{ADA}/token:admins".encode()).decode()

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        return json.loads(self._ask(method, path, json.dumps(body).encode()))

    def upload(self, package: bytes) -> int:
        edge = uuid.uuid4().hex
        form = (f'--{edge}\r\nContent-Disposition: form-data; name="uploaded_data"; filename="app.zip"\r\n\r\n'.encode()
                + package + f"\r\n--{edge}--\r\n".encode())
        told = self._ask("POST", "apps/uploads.json", form, f"multipart/form-data; boundary={edge}")
        return int(json.loads(told)["id"])

    def install(self, package: bytes) -> SignedApp:
        job = self.ask("POST", "apps.json", {"upload_id": self.upload(package), "name": "Deskhand"})["job_id"]
        self.ask("GET", f"apps/job_statuses/{job}.json")
        app = self.ask("GET", f"apps/job_statuses/{job}.json")["app_id"]
        made = self.ask("POST", "apps/installations.json", {"app_id": app, "settings": {"name": "Deskhand"}})
        key = load_pem_public_key(self._ask("GET", f"apps/{app}/public_key.pem"))
        assert isinstance(key, RSAPublicKey)
        return SignedApp("acme", str(made["id"]), (key,))

    def _ask(self, method: str, path: str, body: bytes = b"", kind: str = "application/json") -> bytes:
        answer = self.office.zendesk.answer(Request.to(method, f"/api/v2/{path}", {
            "Authorization": self.basic, "Content-Type": kind}, body), self.office.clock())
        assert answer.status < 300, answer.body
        return answer.body


class Installed:
    """An office whose Zendesk has the packed app, and browsers that find its Deskhand at the public address."""

    def __init__(self, office: OpenOffice, chromium: Any, host: str) -> None:
        self.office, self.chromium, self.host = office, chromium, host
        self.package = build(PUBLIC, "0.1.0")
        self.app = Account(office).install(self.package)
        frame = ZendeskFrame(self.app, HELPDESK)
        doors = people_doors(office.desk, ROLES, PUBLIC, office.desk.helpdesks["zendesk"], frame)
        self.served = create_app(Health(office.engine, lambda: "running", Published()), tuple(doors))
        self.at = ""
        self.contexts: list[Any] = []

    def manifest(self) -> Any:
        with zipfile.ZipFile(io.BytesIO(self.package)) as package:
            return json.loads(package.read("manifest.json"))

    def opens(self, who: str, token: str | None = None) -> Opened:
        """As Zendesk does: the signed token, posted to the address that the packed manifest names."""
        location = self.manifest()["location"]["support"]["ticket_sidebar"]["url"]
        posted = token or self.office.opens(who)["token"]
        context = self.chromium.new_context(viewport={"width": 900, "height": 1200}, locale="en-US")
        context.set_default_timeout(8_000)
        self.contexts.append(context)
        context.route(f"{PUBLIC}/**", lambda route: _answered_at(self.at, route))
        context.route(f"{HELPDESK}/**", lambda route: _answered_at(self.host, route))
        context.route(SDK, lambda route: route.fulfill(path=HERE / "zaf_sdk.js", content_type="text/javascript"))
        opened = Opened(context.new_page())
        opened.page.goto(f"{HELPDESK}/?" + urlencode({
            "app": PUBLIC, "location": location, "ticket": 1, "width": 320, "token": posted}))
        return opened


def _answered_at(server: str, route: Any) -> None:
    asked = urlsplit(route.request.url)
    route.fulfill(response=route.fetch(url=f"{server}{asked.path}" + (f"?{asked.query}" if asked.query else "")))


@pytest.fixture
def installed(engine: Engine, chromium: Any, host: str) -> Iterator[Installed]:
    made = Installed(OpenOffice(engine), chromium, host)
    with on_loopback(made.served) as made.at:
        yield made
        for context in made.contexts:
            context.close()


def test_the_packed_app_shows_the_card_beside_the_ticket(installed: Installed) -> None:
    installed.office.unproven()
    opened = installed.opens(KIM)
    opened.sees("Waiting for you")
    opened.sees("USD 18.00")
    opened.fits()
    opened.picture("package-card-320-light")
    assert opened.frame.url.startswith(f"{PUBLIC}/sidebar/zendesk?origin=")
    assert opened.wrong == []


def test_everything_it_asks_for_comes_from_deskhand_and_zendesk(installed: Installed) -> None:
    installed.office.unproven()
    opened = installed.opens(KIM)
    opened.sees("Waiting for you")
    assert {urlsplit(url).netloc for url in opened.asked} == {
        "deskhand.acme.example", "acme.zendesk.com", "static.zdassets.com"}


def test_approving_in_the_packed_app_refunds(installed: Installed) -> None:
    installed.office.unproven()
    opened = installed.opens(LEO)
    opened.press("Approve…")
    opened.press("Approve: Refund USD 18.00")
    opened.sees("Approved.")
    installed.office.run()
    opened.sees("Done on this ticket")
    assert [refund["amount"] for refund in installed.office.refunds()] == [1800]


@pytest.mark.parametrize("logo", LOGOS, ids=lambda logo: logo.path)
def test_the_logos_are_what_the_drawing_shows(chromium: Any, logo: Logo) -> None:
    """Another release of Chromium may draw an edge a little differently; another drawing differs by far more."""
    page = chromium.new_page()
    pictures = ["data:image/png;base64," + base64.b64encode(one).decode()
                for one in (draw(logo, chromium), (shipped() / logo.path).read_bytes())]
    differ = page.evaluate("""async (urls) => {
        const [a, b] = await Promise.all(urls.map(async (url) => {
            const image = new Image();
            image.src = url;
            await image.decode();
            const canvas = new OffscreenCanvas(image.width, image.height);
            canvas.getContext("2d").drawImage(image, 0, 0);
            return canvas.getContext("2d").getImageData(0, 0, image.width, image.height).data;
        }));
        return a.length === b.length ? a.reduce((sum, one, n) => sum + Math.abs(one - b[n]), 0) / a.length : 255;
    }""", pictures)
    page.close()
    assert differ < 1


def test_a_token_of_another_installation_opens_nothing(installed: Installed) -> None:
    installed.office.unproven()
    Account(installed.office).install(build("https://other.acme.example", "0.1.0"))
    opened = installed.opens(KIM, token=installed.office.opens(KIM)["token"])
    opened.app.get_by_text("Open the ticket again").first.wait_for()
    assert opened.app.get_by_role("button").count() == 0
