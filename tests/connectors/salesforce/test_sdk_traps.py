"""simple-salesforce 1.12.10 through our wire: each known trap, sprung on the real SDK (reference numbers in names)."""

from __future__ import annotations

import json
import threading
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
import requests
from simple_salesforce import Salesforce  # type: ignore[attr-defined]
from simple_salesforce.exceptions import SalesforceGeneralError

from connectors.contract import (
    Conflict,
    ContactChange,
    ContactField,
    Key,
    OutcomeUnknown,
    Rejected,
    Surroundings,
    Unavailable,
)
from connectors.http import CONNECT, READ, ForbiddenAddress, check_address
from connectors.mount import Mounted
from connectors.salesforce import CONNECTOR
from connectors.salesforce.endings import refused
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.wire import Wire, path
from connectors.standin import Answer, Door, Fault, Lost, Request
from tests.connectors.salesforce.acme import ANNA, NOW, Counter, counter

KEY = Key(operation="op-" + "a" * 24)
TRAPS = {
    1: "a repeat after 401 leaves the caller's headers out", 2: "record calls repeat a lasting 401 for ever",
    3: "a 401 with an object or text for a body breaks the SDK's own handler", 4: "no timeout",
    5: "http addresses are forced to https", 6: "412, 304, 429 and 5xx are one exception",
    7: "the usage is lost on record calls", 8: "addresses are fixed when the client is made",
    9: "an upsert's key is not encoded", 10: "any attribute is an object type",
    11: "one session and one set of headers for all threads"}
"""What simple-salesforce does by itself, by its number."""
CHANGE = ContactChange(contact=ANNA, changes={ContactField.PHONE: "2"}, expected={ContactField.PHONE: "+49 30 1"})


def tokens(at: Counter) -> int:
    return sum(call.path.endswith("token") for call in at.door.calls)


def composites(at: Counter) -> int:
    return len(at.calls())


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


class Recorder(Mounted):
    """Carries to the door and remembers what was sent."""

    def __init__(self, door: Door) -> None:
        super().__init__(door)
        self.sent: list[requests.PreparedRequest] = []
        self.timeouts: list[Any] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        self.sent.append(request)
        self.timeouts.append(kwargs.get("timeout"))
        return super().send(request, *args, **kwargs)


def recorded_wire(at: Counter, **settings: Any) -> tuple[Wire, Recorder]:
    carrier = Recorder(at.door)
    around = Surroundings(now=at.time, transports={"salesforce": carrier})
    return Wire(at.records.settings.model_copy(update=settings), around), carrier


def test_every_trap_is_sprung_by_name() -> None:
    sprung = {int(name.split("_")[2]) for name in globals() if name.startswith("test_trap_")}
    assert sprung == set(TRAPS)


def test_trap_1_the_repeat_after_a_lapsed_session_is_the_same_but_for_its_token() -> None:
    at = counter()
    wire, carrier = recorded_wire(at)
    wire.composite([{"method": "GET", "url": path("66.0", "Contact", ANNA)}], writing=False)
    at.rules.control("expire_tokens", {}, NOW)
    carrier.sent.clear()
    wire.composite([{"method": "GET", "url": path("66.0", "Contact", ANNA),
                     "httpHeaders": {"If-Modified-Since": "Sat, 21 Nov 2026 04:00:00 GMT"}}], writing=True)
    first, _, second = carrier.sent
    assert first.body == second.body
    assert b"If-Modified-Since" in (first.body or b"")
    assert {k: v for k, v in first.headers.items() if k != "Authorization"} == {
        k: v for k, v in second.headers.items() if k != "Authorization"}
    assert first.headers["Authorization"] != second.headers["Authorization"]


def test_the_order_of_a_composite_is_kept() -> None:
    wire, carrier = recorded_wire(counter())
    wire.composite([{"method": "GET", "url": path("66.0", "Contact", ANNA)}], writing=False)
    assert json.loads(carrier.sent[-1].body or b"")["collateSubrequests"] is False


def test_trap_1_an_edit_during_the_new_login_is_not_overwritten() -> None:
    at = counter()
    at.door.faults += [Fault("auth_lost", path="composite", skip=1),
                       Fault("human_between", path="token", skip=1, params={"id": ANNA, "fields": {"Phone": "9"}})]
    with pytest.raises(Conflict):
        at.records.perform(CHANGE, KEY)
    assert at.contact()["Phone"] == "9"


def test_trap_2_a_lasting_401_is_asked_twice_and_not_for_ever() -> None:
    at = counter()
    at.meets("auth_lost", times=1000)
    with pytest.raises(Unavailable) as end:
        at.records.contacts("anna@example.com")
    assert (end.value.reason, end.value.lasting) == ("credentials", True)
    assert (composites(at), tokens(at)) == (2, 2)


@pytest.mark.parametrize("body", ["object", "text", "array"])
def test_trap_3_a_401_in_any_dress_is_a_lapsed_session(body: str) -> None:
    at = counter()
    at.meets("auth_lost", body=body)
    assert [c.id for c in at.records.contacts("anna@example.com")] == [ANNA]
    assert (composites(at), tokens(at)) == (2, 2)


def test_trap_4_every_call_is_bounded_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def never(self: Any, request: Any, **kwargs: Any) -> Any:
        seen.append(kwargs["timeout"])
        raise requests.ConnectTimeout

    monkeypatch.setattr("requests.adapters.HTTPAdapter.send", never)
    settings = SalesforceSettings(domain="acme", client_id="x", client_secret="y")
    wire = Wire(settings, Surroundings())
    with pytest.raises(Unavailable) as end:
        wire.composite([], writing=True)
    assert (seen, end.value.reason) == ([(CONNECT, READ)], "unreachable")


def test_trap_5_another_address_is_spoken_to_as_it_is_written() -> None:
    at = counter()
    wire, carrier = recorded_wire(at, url="http://127.0.0.1:8071/salesforce")
    carrier.prefix = "/salesforce"
    (part,) = wire.composite([{"method": "GET", "url": path("66.0", "Contact", ANNA)}], writing=False)
    assert part.row()["LastName"] == "Beck"
    assert {request.url for request in carrier.sent} == {
        "http://127.0.0.1:8071/salesforce/services/oauth2/token",
        "http://127.0.0.1:8071/salesforce/services/data/v66.0/composite"}


@pytest.mark.parametrize(("status", "ending"), [
    (304, Unavailable), (412, Conflict), (429, Unavailable), (500, OutcomeUnknown)])
def test_trap_6_statuses_the_sdk_lumps_together_are_told_apart(status: int, ending: type[Exception]) -> None:
    at = counter()
    at.meets("some", status=status, path="Contact")
    session = requests.Session()
    session.mount("https://", Mounted(at.door))
    at.records.contacts("anna@example.com")
    token = next(iter(at.rules.state.tokens))
    sdk = Salesforce(session_id=token, instance_url="https://acme.my.salesforce.com", version="66.0", session=session)
    contact: Any = sdk.Contact
    with pytest.raises(SalesforceGeneralError) as lumped:
        contact.update(ANNA, {"Phone": "2"})
    assert type(refused(lumped.value.status, lumped.value.content, writing=True)) is ending


def test_trap_7_the_usage_is_heard_from_refusals_too() -> None:
    at = counter({"limits": {"daily": 100, "used": 90}})
    with pytest.raises(Rejected):
        at.records.perform(CHANGE.model_copy(update={"contact": "0035e00000000ZZAAI"}), KEY)
    assert at.records.usage is not None
    assert (at.records.usage.used, at.records.usage.total) == (91, 100)


def test_trap_8_a_new_token_of_an_org_that_moved_is_not_used_and_the_setting_to_mend_is_named() -> None:
    at = counter()
    wire, carrier = recorded_wire(at)
    asked = [{"method": "GET", "url": path("66.0", "Contact", ANNA)}]
    wire.composite(asked, writing=False)
    at.rules.state.domain = "acme-moved"
    at.rules.control("expire_tokens", {}, NOW)
    with pytest.raises(Unavailable, match="SALESFORCE_DOMAIN") as end:
        wire.composite(asked, writing=True)
    hosts = [(request.url or "").split("/")[2] for request in carrier.sent if "composite" in (request.url or "")]
    assert hosts == ["acme.my.salesforce.com", "acme.my.salesforce.com"]
    assert end.value.lasting


def test_trap_9_an_id_cannot_become_another_path_or_a_query() -> None:
    assert path("66.0", "Contact", "a b/c?d") == "/services/data/v66.0/sobjects/Contact/a%20b%2Fc%3Fd"


def test_trap_10_only_known_objects_are_spoken_of() -> None:
    with pytest.raises(ValueError, match="Contcat"):
        path("66.0", "Contcat")


def test_trap_11_threads_share_neither_client_nor_session_and_sign_in_once() -> None:
    at = counter()
    seen: set[tuple[int, int]] = set()
    keep: list[Any] = []
    start = threading.Barrier(8)

    def work() -> None:
        start.wait()
        at.records.contacts("anna@example.com")
        own = at.records.wire._own
        keep.append((own.client, own.session))
        seen.add((id(own.client), id(own.session)))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(seen), tokens(at)) == (8, 1)


def test_threads_whose_session_lapsed_together_ask_for_one_new_token() -> None:
    at = counter()
    at.records.contacts("anna@example.com")
    lapsed = at.records.wire.tokens.current()
    at.rules.control("expire_tokens", {}, NOW)
    renewed = {at.records.wire.tokens.renewed(lapsed).access_token for _ in range(3)}
    assert (len(renewed), tokens(at)) == (1, 2)


def test_wrong_credentials_name_the_settings_to_look_at() -> None:
    at = counter({"clients": {"deskhand": {"secret": "another"}}})
    with pytest.raises(Unavailable, match="SALESFORCE_CLIENT_ID") as end:
        at.records.contacts("anna@example.com")
    assert (end.value.reason, end.value.lasting, composites(at)) == ("credentials", True, 0)
    assert "s3cret" not in str(end.value)


def test_while_the_secret_is_changed_both_are_good() -> None:
    at = counter(SALESFORCE_CLIENT_SECRET="new-one, s3cret")
    assert [c.id for c in at.records.contacts("anna@example.com")] == [ANNA]


@pytest.mark.parametrize("kind", ["500_before", "timeout_before", "reset_after", "html_200", "empty_200"])
def test_without_a_token_nothing_was_done(kind: str) -> None:
    at = counter()
    at.meets(kind, path="token")
    with pytest.raises(Unavailable) as end:
        at.records.perform(CHANGE, KEY)
    assert (end.value.lasting, composites(at)) == (False, 0)


@pytest.mark.parametrize("elsewhere", [
    "https://my.salesforce.com.evil.example", "https://evil.my.salesforce.com", "https://acme.my.salesforce.com.evil",
    "https://evil@acme.my.salesforce.com", "https://x.acme.my.salesforce.com", "http://acme.my.salesforce.com",
    "http://127.0.0.1:1", "https://localhost", "//acme.my.salesforce.com", "https://[", ""])
@pytest.mark.parametrize("url", [None, "http://127.0.0.1:1"])
def test_a_token_answer_cannot_send_us_to_another_host(elsewhere: str, url: str | None) -> None:
    class Astray(Door):
        def answer(self, request: Request) -> Answer | Lost:
            given = super().answer(request)
            assert isinstance(given, Answer)
            return Answer.of(200, {**json.loads(given.body), "instance_url": elsewhere})

    at = counter() if url is None else counter(SALESFORCE_URL=url)
    at.door.__class__ = Astray
    with pytest.raises(Unavailable) as end:
        at.records.contacts("anna@example.com")
    assert (end.value.reason, len(at.door.calls)) == ("address", 1)


@pytest.mark.parametrize(("given", "bare"), [
    ("acme", "acme"), ("https://acme.my.salesforce.com/", "acme"), ("Acme--uat.sandbox", "acme--uat.sandbox")])
def test_the_domain_is_taken_in_any_of_its_spellings(given: str, bare: str) -> None:
    settings = SalesforceSettings(domain=given, client_id="x", client_secret="y")
    assert settings.home() == f"https://{bare}.my.salesforce.com"


@pytest.mark.parametrize("wrong", [
    {"SALESFORCE_DOMAIN": "acme.my.salesforce.com.evil.example"}, {"SALESFORCE_URL": "http://10.0.0.1"},
    {"SALESFORCE_URL": "https://evil.my.salesforce.com"}, {"SALESFORCE_URL": "https://acme--uat.my.salesforce.com"},
    {"flags": {"vip": "VIP; DROP"}}, {"SALESFORCE_API_VERSION": "sixty"}])
def test_settings_that_cannot_be_meant_are_refused(wrong: dict[str, Any]) -> None:
    good = {"SALESFORCE_DOMAIN": "acme", "SALESFORCE_CLIENT_ID": "x", "SALESFORCE_CLIENT_SECRET": "y"}
    with pytest.raises(ValueError, match=next(iter(wrong))):
        SalesforceSettings.model_validate({**good, **wrong})


@pytest.mark.parametrize("domain", ["acme", "acme--uat.sandbox"])
def test_requests_go_to_this_orgs_host_and_to_no_other_orgs(domain: str) -> None:
    settings = SalesforceSettings(domain=domain, client_id="x", client_secret="y")
    assert settings.hosts() == (f"{domain}.my.salesforce.com",)
    own = settings.model_validate({**settings.model_dump(by_alias=True), "SALESFORCE_URL": settings.home()})
    assert own.hosts() == settings.hosts()


def test_with_another_address_set_nothing_leaves_for_the_real_one() -> None:
    settings = counter(SALESFORCE_URL="http://127.0.0.1:1").records.settings
    assert settings.hosts() == ("127.0.0.1",)
    with pytest.raises(ForbiddenAddress):
        check_address(settings.home(), settings.hosts())


def test_over_http_it_is_the_same() -> None:
    at = counter()
    server = make_server("127.0.0.1", 0, at.door, handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        settings = at.records.settings.model_copy(update={"url": f"http://127.0.0.1:{server.server_port}"})
        records = CONNECTOR.connect(settings, Surroundings(now=at.time))
        receipt = records.perform(CHANGE, KEY)
        assert records.read_back(CHANGE, receipt).seen
        assert [c.id for c in records.contacts("anna@example.com")] == [ANNA]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert at.contact()["Phone"] == "2"
