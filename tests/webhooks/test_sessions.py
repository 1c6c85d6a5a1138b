"""Who is looking stays who they are: as the helpdesk says now, for one ticket, for eight hours at most."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from flask import Flask, Response, jsonify, request
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from connectors.contract import Agent, Group, Reach, Standing, Surroundings
from connectors.mount import Mounted
from connectors.standin import Fault
from connectors.zendesk import CONNECTOR
from tests.connectors.zendesk.conftest import DANA, MIA, SECRET, US, Account
from webhooks.config import Roles
from webhooks.guard import Guard
from webhooks.problems import Problem, Refused, respond
from webhooks.sessions import Session, Sessions, origin_of, over, role_of
from webhooks.tokens import Claims, SignedApp, verify

ROLES = Roles(agent=("Support",), lead=("Team leads",), finance=("Finance",))
KIM, LEO = "kim@acme.example", "leo@acme.example"
OURS = "https://desk.example"


class Desk:
    """A Zendesk account, and the sessions of our app in it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.account = Account()
        self.account.rules.load({
            "groups": [{"name": "Support"}, {"name": "Team leads"}, {"name": "Finance"}, {"name": "HR"}],
            "users": [{"name": "Kim", "email": KIM, "role": "agent", "groups": ["Support"]},
                      {"name": "Leo", "email": LEO, "role": "agent", "groups": ["Support", "Team leads"]}],
        }, self.account.clock())
        around = Surroundings(now=self.account.clock, transports={"zendesk": Mounted(self.account.door)})
        settings = {"ZENDESK_SUBDOMAIN": "acme", "ZENDESK_EMAIL": US, "ZENDESK_API_TOKEN": SECRET}
        helpdesk = CONNECTOR.connect(CONNECTOR.settings.model_validate(settings), around)
        self.sessions = Sessions(engine, helpdesk, ROLES, self.account.clock)

    def claims(self, who: str = KIM) -> Claims:
        """Of a token as Zendesk posts it when this user opens a ticket."""
        opened = self.account.happens("opens_sidebar", email=who)
        key = load_pem_public_key(opened["public_key"].encode())
        assert isinstance(key, RSAPublicKey)
        return verify(opened["token"], SignedApp("acme", opened["installation"], (key,)), self.account.clock())

    def opened(self, who: str = KIM) -> str:
        return self.sessions.open(self.claims(who))[0]

    def on_ticket(self, who: str = KIM, **ticket: Any) -> tuple[str, str]:
        """A bearer bound to a new ticket, and the ticket."""
        bearer, ref = self.opened(who), self.ticket(**ticket)
        self.sessions.bind(self.sessions.current(bearer), ref)
        return bearer, ref

    def ticket(self, **changes: Any) -> str:
        id = self.account.writes()
        for name, value in changes.items():
            setattr(self.account.rules.state.tickets[id], name, value)
        return f"zendesk:acme:{id}"

    def change(self, who: str = KIM, **what: Any) -> None:
        self.account.happens("change_user", email=who, **what)

    def forward(self, **by: float) -> None:
        self.account.clock.forward(**by)

    def calls(self) -> int:
        return len(self.account.door.calls)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self.engine.connect() as c:
            return [tuple(row) for row in c.execute(text(sql))]


@pytest.fixture
def desk(engine: Engine) -> Desk:
    return Desk(engine)


def problem(act: Callable[[], object]) -> Problem:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.problem


def code(act: Callable[[], object]) -> str:
    return problem(act).name


@pytest.mark.parametrize("row", ["installation = '41'", "account = 'other'"])
def test_a_bearer_of_an_earlier_installation_or_of_another_account_counts_no_more(desk: Desk, row: str) -> None:
    sessions = Sessions(desk.engine, desk.sessions._helpdesk, ROLES, desk.account.clock, installation="360000000042")
    bearer, session = sessions.open(desk.claims())
    assert sessions.current(bearer) == session
    with desk.engine.begin() as c:
        c.execute(text(f"update sessions set {row}"))  # noqa: S608 - our own words
    assert code(lambda: sessions.current(bearer)) == "not-signed-in"


def test_a_verified_token_opens_a_session_for_its_user(desk: Desk) -> None:
    bearer, session = desk.sessions.open(desk.claims(LEO))
    assert (session.name, session.role, session.standing, session.ticket) == ("Leo", "lead", Standing.AGENT, None)
    assert (session.account, session.installation) == ("acme", "360000000042")
    assert session.user == str(desk.account.id_of(LEO))
    assert desk.sessions.current(bearer) == session


def test_a_bearer_is_256_bits_and_only_its_hash_is_kept(desk: Desk) -> None:
    bearers = [desk.opened() for _ in range(3)]
    assert len(set(bearers)) == 3
    assert {len(one) for one in bearers} == {43}
    assert {row[0].hex() for row in desk.rows("select bearer_sha256 from sessions")} == {
        hashlib.sha256(one.encode()).hexdigest() for one in bearers}
    assert not any(one in str(desk.rows("select * from sessions")) for one in bearers)


def test_the_same_token_opens_no_second_session(desk: Desk) -> None:
    claims = desk.claims()
    desk.sessions.open(claims)
    assert code(lambda: desk.sessions.open(claims)) == "not-signed-in"
    assert desk.rows("select count(*) from sessions") == [(1,)]


def test_one_token_sent_by_eight_at_once_opens_one_session(desk: Desk) -> None:
    claims = desk.claims()

    def opens(_: int) -> int:
        try:
            desk.sessions.open(claims)
        except Refused:
            return 0
        return 1

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(opens, range(8))) == 1


@pytest.mark.parametrize(("what", "detail"), [
    ({"role": "end-user"}, "You are not an agent in the helpdesk."),
    ({"suspended": True}, "You are suspended in the helpdesk."),
    ({"active": False}, "You are not a user of the helpdesk any more."),
    ({"shared_agent": True}, "You are not an agent in the helpdesk."),
])
def test_who_is_no_working_agent_opens_no_session(desk: Desk, what: dict[str, Any], detail: str) -> None:
    desk.change(**what)
    refused = problem(desk.opened)
    assert (refused.status, refused.name) == (403, "not-an-agent")
    assert refused.detail == f"Only active agents may use this. {detail}"
    assert desk.rows("select count(*) from sessions") == [(0,)]


def test_an_end_user_opens_no_session(desk: Desk) -> None:
    assert code(lambda: desk.opened(DANA)) == "not-an-agent"


def test_a_user_deleted_for_good_opens_no_session(desk: Desk) -> None:
    claims = desk.claims()
    del desk.account.rules.state.users[int(claims.user)]
    assert code(lambda: desk.sessions.open(claims)) == "not-an-agent"


def test_a_refused_token_is_used_up(desk: Desk) -> None:
    desk.change(suspended=True)
    claims = desk.claims()
    assert code(lambda: desk.sessions.open(claims)) == "not-an-agent"
    desk.change(suspended=False)
    assert code(lambda: desk.sessions.open(claims)) == "not-signed-in"


def test_while_the_helpdesk_is_away_nobody_is_let_in(desk: Desk) -> None:
    claims = desk.claims()
    desk.account.door.faults.append(Fault("429", params={"retry_after": 21}))
    with pytest.raises(Refused) as refused:
        desk.sessions.open(claims)
    assert (refused.value.problem.status, refused.value.problem.name) == (503, "helpdesk-away")
    assert refused.value.headers["Retry-After"] == "21"


def test_a_session_used_every_half_hour_lasts_eight_hours(desk: Desk) -> None:
    bearer = desk.opened()
    for _ in range(15):
        desk.forward(minutes=30)
        assert desk.sessions.current(bearer).name == "Kim"
    desk.forward(minutes=29, seconds=59)
    assert desk.sessions.current(bearer).name == "Kim"
    desk.forward(seconds=1)
    assert code(lambda: desk.sessions.current(bearer)) == "session-ended"
    assert code(lambda: desk.sessions.current(bearer)) == "not-signed-in"


def test_an_hour_without_use_ends_a_session(desk: Desk) -> None:
    bearer = desk.opened()
    desk.forward(minutes=59, seconds=59)
    assert desk.sessions.current(bearer).name == "Kim"
    desk.forward(hours=1)
    assert code(lambda: desk.sessions.current(bearer)) == "session-ended"


def test_the_hour_begins_at_the_last_use_even_where_the_helpdesk_was_not_asked(desk: Desk) -> None:
    bearer = desk.opened()
    desk.forward(minutes=4)
    desk.sessions.current(bearer)
    desk.forward(minutes=58)
    assert desk.sessions.current(bearer).name == "Kim"


@pytest.mark.parametrize(("opened", "used", "why"), [
    (0, 0, None), (479, 59, None), (480, 0, "eight hours have passed"), (60, 60, "an hour without use has passed"),
    (-5, -5, None), (479, 60, "an hour without use has passed")])
def test_a_session_is_over_by_its_age_and_by_its_rest(desk: Desk, opened: int, used: int, why: str | None) -> None:
    now = desk.account.clock()
    assert over(now - timedelta(minutes=opened), now - timedelta(minutes=used), now) == why


def test_old_sessions_are_forgotten_a_day_after_their_longest_life(desk: Desk) -> None:
    desk.opened()
    desk.forward(hours=31)
    desk.opened()
    assert desk.rows("select count(*) from sessions") == [(2,)]
    desk.forward(hours=2)
    desk.opened()
    assert desk.rows("select count(*) from sessions") == [(2,)]


def test_looking_asks_the_helpdesk_again_after_five_minutes_and_not_before(desk: Desk) -> None:
    bearer = desk.opened()
    before = desk.calls()
    desk.forward(minutes=4, seconds=59)
    desk.sessions.current(bearer)
    assert desk.calls() == before
    desk.forward(seconds=1)
    desk.sessions.current(bearer)
    desk.sessions.current(bearer)
    assert desk.calls() - before == 2  # the user and the groups, once


def test_a_new_role_counts_after_five_minutes_for_looking_and_at_once_for_a_press(desk: Desk) -> None:
    bearer = desk.opened()
    desk.change(groups=["Support", "Finance"])
    desk.forward(minutes=1)
    assert desk.sessions.current(bearer).role == "agent"
    assert desk.sessions.current(bearer, acting=True).role == "finance"
    desk.change(groups=[])
    assert desk.sessions.current(bearer).role == "finance"
    desk.forward(minutes=5)
    assert desk.sessions.current(bearer).role is None


@pytest.mark.parametrize("what", [{"suspended": True}, {"active": False}, {"role": "end-user"}])
def test_who_is_suspended_or_no_agent_any_more_loses_the_session(desk: Desk, what: dict[str, Any]) -> None:
    bearer = desk.opened()
    desk.change(**what)
    assert code(lambda: desk.sessions.current(bearer, acting=True)) == "not-an-agent"
    desk.change(suspended=False, active=True, role="agent")
    assert code(lambda: desk.sessions.current(bearer)) == "not-signed-in"


def test_while_the_helpdesk_is_away_no_press_counts_and_the_session_stays(desk: Desk) -> None:
    bearer = desk.opened()
    desk.account.door.faults.append(Fault("500_before"))
    assert code(lambda: desk.sessions.current(bearer, acting=True)) == "helpdesk-away"
    assert desk.sessions.current(bearer, acting=True).name == "Kim"


def test_an_older_word_on_the_role_does_not_replace_a_newer_one(desk: Desk) -> None:
    """Two processes ask; the one that asked first writes last."""
    bearer = desk.opened()
    desk.forward(minutes=6)
    with desk.engine.begin() as c:  # what the other process was told a moment later
        c.execute(text("update sessions set role = null, checked_at = :at"),
                  {"at": desk.account.clock() + timedelta(seconds=1)})
    assert desk.sessions.current(bearer, acting=True).role is None


def test_a_session_stays_with_its_ticket(desk: Desk) -> None:
    bearer, ref = desk.on_ticket()
    session = desk.sessions.current(bearer)
    assert session.ticket == ref
    assert desk.sessions.bind(session, ref).ticket == ref
    assert code(lambda: desk.sessions.bind(session, desk.ticket())) == "other-ticket"
    assert desk.sessions.current(bearer).ticket == ref


def test_a_stale_copy_of_a_session_is_not_bound_twice(desk: Desk) -> None:
    bearer, first, second = desk.opened(), desk.ticket(), desk.ticket()
    before = desk.sessions.current(bearer)
    desk.sessions.bind(before, first)
    assert code(lambda: desk.sessions.bind(before, second)) == "other-ticket"
    assert desk.sessions.current(bearer).ticket == first


def test_of_many_tickets_named_at_once_one_is_bound(desk: Desk) -> None:
    bearer = desk.opened()
    session, refs = desk.sessions.current(bearer), [desk.ticket() for _ in range(6)]

    def binds(ref: str) -> int:
        try:
            return desk.sessions.bind(session, ref).ticket == ref
        except Refused:
            return 0

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(binds, refs)) == 1


def test_a_ticket_the_agent_may_not_see_is_not_bound(desk: Desk) -> None:
    desk.change(ticket_restriction="groups")
    state = desk.account.rules.state
    theirs, other = desk.ticket(group_id=state.group("Support")), desk.ticket(group_id=state.group("HR"))
    bearer = desk.opened()
    for ref in (other, "zendesk:acme:999", "zendesk:other:1", "salesforce:acme:1", "", "1; drop table sessions"):
        assert code(partial(desk.sessions.bind, desk.sessions.current(bearer), ref)) == "not-your-ticket"
    assert desk.sessions.bind(desk.sessions.current(bearer), theirs).ticket == theirs


def test_who_may_no_longer_see_the_ticket_loses_the_session(desk: Desk) -> None:
    desk.change(ticket_restriction="groups")
    group = desk.account.rules.state.group
    bearer, ref = desk.on_ticket(group_id=group("Support"))
    desk.account.rules.state.tickets[int(ref.rpartition(":")[2])].group_id = group("HR")
    assert code(lambda: desk.sessions.current(bearer, acting=True)) == "not-your-ticket"
    assert code(lambda: desk.sessions.current(bearer)) == "not-signed-in"


def test_a_suspended_agent_binds_nothing(desk: Desk) -> None:
    bearer, ref = desk.opened(), desk.ticket()
    session = desk.sessions.current(bearer)
    desk.change(suspended=True)
    assert code(lambda: desk.sessions.bind(session, ref)) == "not-an-agent"
    assert code(lambda: desk.sessions.current(bearer)) == "not-signed-in"


def test_an_ended_session_is_over_for_whoever_holds_its_bearer(desk: Desk) -> None:
    bearer = desk.opened()
    session = desk.sessions.current(bearer)
    desk.sessions.end(session)
    assert code(lambda: desk.sessions.current(bearer)) == "not-signed-in"
    assert code(lambda: desk.sessions.bind(session, desk.ticket())) == "session-ended"


def agent(*groups: tuple[str, str], standing: Standing = Standing.AGENT, **more: Any) -> Agent:
    held = tuple(Group(id=id, name=name) for id, name in groups)
    return Agent(id="7", name="Kim", standing=standing, reach=Reach.ALL, groups=held,
                 **{"active": True, "suspended": False} | more)


SUPPORT, LEADS, FINANCE = ("1", "Support"), ("2", "Team leads"), ("3", "Finance")


@pytest.mark.parametrize(("who", "role"), [
    (agent(SUPPORT), "agent"),
    (agent(LEADS), "lead"),
    (agent(FINANCE, SUPPORT), "finance"),
    (agent(SUPPORT, LEADS, FINANCE), "finance"),
    (agent(("9", "HR")), None),
    (agent(), None),
    (agent(FINANCE, standing=Standing.LIGHT), None),
    (agent(FINANCE, standing=Standing.CUSTOMER), None),
    (agent(FINANCE, suspended=True), None),
    (agent(FINANCE, active=False), None),
    (agent(standing=Standing.ADMIN), None),
    (agent(LEADS, standing=Standing.ADMIN), "lead"),
    (agent(("9", "finance ")), "finance"),
    (agent(("9", "Finance2")), None),
    (agent(("9", "Fin")), None),
])
def test_the_role_is_the_highest_of_the_colleagues_groups(who: Agent, role: str | None) -> None:
    assert role_of(who, ROLES) == role


def test_digits_name_a_group_by_its_id_and_never_by_its_name() -> None:
    by_id = Roles(finance=("360001",))
    assert role_of(agent(("360001", "Money")), by_id) == "finance"
    assert role_of(agent(("5", "360001")), by_id) is None


def test_where_no_groups_are_named_nobody_has_a_role() -> None:
    assert role_of(agent(SUPPORT, LEADS, FINANCE, ("4", "")), Roles()) is None


def test_an_admin_without_groups_may_pause_and_approve_nothing(desk: Desk) -> None:
    admin = desk.sessions.current(desk.opened(US))
    assert (admin.may_pause, admin.role) == (True, None)
    assert not desk.sessions.current(desk.opened(LEO)).may_pause


def test_a_light_agent_may_look_and_approve_nothing(desk: Desk) -> None:
    desk.change(role_type=1, groups=["Support", "Finance"])
    bearer, ref = desk.on_ticket()
    light = desk.sessions.current(bearer, acting=True)
    assert (light.standing, light.role, light.ticket) == (Standing.LIGHT, None, ref)


@pytest.fixture
def api(desk: Desk) -> FlaskClient:
    app, guard = Flask(__name__), Guard(desk.sessions, (OURS,))
    app.register_error_handler(Refused, respond)

    @app.route("/api/me", methods=["GET", "POST"])
    def me() -> Response:
        session: Session = guard.current(request)
        return jsonify(name=session.name, role=session.role)

    return app.test_client()


def bearing(bearer: str, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {bearer}", **more}


def test_a_live_bearer_reads_and_writes_from_our_own_page(desk: Desk, api: FlaskClient) -> None:
    headers = bearing(desk.opened(), Origin=OURS)
    assert api.get("/api/me", headers=headers).get_json() == {"name": "Kim", "role": "agent"}
    assert api.post("/api/me", headers=headers).status_code == 200


def test_a_refusal_is_problem_json_and_is_not_kept(api: FlaskClient) -> None:
    answer = api.get("/api/me")
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="deskhand"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.get_json() == {"type": "/problems/not-signed-in", "title": "Unauthorized", "status": 401,
                                 "detail": "Open the ticket again to sign in.", "name": "not-signed-in"}


def test_only_one_well_formed_bearer_header_counts(desk: Desk, api: FlaskClient) -> None:
    bearer = desk.opened()
    for given in (bearer, f"Basic {bearer}", f"Bearer  {bearer}", f"Bearer {bearer} ", f"Bearer {bearer[:-1]}",
                  f"Bearer {bearer}x", f"Bearer {'A' * 43}", "Bearer ", f"Bearer {bearer}, Bearer {bearer}",
                  f"Bearer {bearer[:-1]}é", "Bearer " + "x" * 5000):
        assert api.get("/api/me", headers={"Authorization": given}).status_code == 401, given
    twice = [("Authorization", f"Bearer {bearer}"), ("Authorization", f"Bearer {bearer}")]
    assert api.get("/api/me", headers=twice).status_code == 401
    assert api.get("/api/me", headers={"Authorization": f"bearer {bearer}"}).status_code == 200


def test_a_bearer_in_the_address_in_a_cookie_or_in_a_form_is_not_looked_at(desk: Desk, api: FlaskClient) -> None:
    bearer = desk.opened()
    assert api.get(f"/api/me?access_token={bearer}&bearer={bearer}").status_code == 401
    api.set_cookie("bearer", bearer)
    assert api.get("/api/me").status_code == 401
    assert api.post("/api/me", data={"access_token": bearer}, headers={"Origin": OURS}).status_code == 401


@pytest.mark.parametrize("origin", [None, "null", "https://evil.example", "https://desk.example.evil.example",
                                    "http://desk.example", "https://desk.example:8443", "https://acme.zendesk.com",
                                    "https://desk.example/", "https://DESK.example", f"{OURS}, https://evil.example"])
def test_a_write_from_another_origin_is_refused_with_a_live_bearer(desk: Desk, api: FlaskClient,
                                                                   origin: str | None) -> None:
    answer = api.post("/api/me", headers=bearing(desk.opened(), **{"Origin": origin} if origin else {}))
    assert (answer.status_code, answer.get_json()["name"]) == (403, "wrong-origin")


def test_no_other_origin_is_let_in_and_no_cookie_is_set(desk: Desk, api: FlaskClient) -> None:
    evil = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization"}
    for answer in (api.options("/api/me", headers=evil), api.get("/api/me", headers=bearing(desk.opened(), **evil)),
                   api.post("/api/me", headers=bearing(desk.opened(), **evil))):
        named = {name.lower() for name, _ in answer.headers}
        assert not {name for name in named if name.startswith("access-control-")}
        assert "set-cookie" not in named


def test_a_press_right_after_the_suspension_is_refused(desk: Desk, api: FlaskClient) -> None:
    headers = bearing(desk.opened(), Origin=OURS)
    desk.change(suspended=True)
    assert api.post("/api/me", headers=headers).status_code == 403
    assert api.get("/api/me", headers=headers).status_code == 401


def test_no_bearer_is_logged(desk: Desk, api: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        bearer, _ = desk.on_ticket(MIA)
        api.get("/api/me", headers=bearing(bearer))
        api.post("/api/me", headers=bearing(bearer, Origin="https://evil.example"))
        desk.change(MIA, suspended=True)
        api.post("/api/me", headers=bearing(bearer, Origin=OURS))
    assert "may not look: suspended in the helpdesk" in caplog.text
    assert bearer not in caplog.text


@pytest.mark.parametrize(("url", "origin"), [
    ("https://desk.example", OURS), ("https://desk.example/", OURS), ("https://desk.example:443/app", OURS),
    ("https://Desk.Example/x?y", OURS), ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
    ("http://localhost:80", "http://localhost")])
def test_an_origin_is_written_as_browsers_write_it(url: str, origin: str) -> None:
    assert origin_of(url) == origin
