"""No route lets in who may not pass, and none escapes the attack: built from the application's own map."""

from __future__ import annotations

import pytest

from agent.database import Database
from connectors.contract import Key, TicketUpdate
from tests.attack import doors_routes
from tests.attack.doors_routes import (
    GUARDS,
    NEEDED,
    SalesforceWorld,
    Seen,
    World,
    ZendeskWorld,
    by_other_methods,
    on_the_api,
    tried,
    undeclared,
    untried,
)
from tests.journeys.office import DANA


@pytest.mark.parametrize("made", [ZendeskWorld, SalesforceWorld])
def test_nothing_wrong_passes_at_any_route(made: type[World], database: Database) -> None:
    world = made(database)
    seen = tried(world)
    assert (undeclared(world), seen.passed, untried(world, seen)) == ([], [], [])
    for route, wrong in list(seen.tried):
        if wrong in NEEDED[GUARDS[route]]:
            del seen.tried[route, wrong]
            assert untried(world, seen) == [f"{wrong} at {route}"]
            seen.tried[route, wrong] = 1
    assert (len(seen.tried) >= 140, len(seen.right) >= 10) == (True, True)


@pytest.mark.parametrize("made", [ZendeskWorld, SalesforceWorld])
@pytest.mark.parametrize("public", [True, False])
def test_a_refused_request_that_writes_to_a_customer_or_a_colleague_is_seen(
        made: type[World], public: bool, database: Database) -> None:
    world = made(database)
    before = world.fingerprint()
    key = Key(operation="op-0123456789abcdef01234567", send=1)
    helpdesk = world.office.desk.helpdesk(world.office.ref(world.here))
    helpdesk.perform(TicketUpdate(ref=world.office.ref(world.here), about="any", text="Hello Dana",
                                  public=public), key)
    assert world.fingerprint() != before


@pytest.mark.parametrize("made", [ZendeskWorld, SalesforceWorld])
def test_a_refused_request_that_changes_a_contact_is_seen(made: type[World], database: Database) -> None:
    world = made(database)
    before = world.fingerprint()
    world.office.happens("salesforce", "edit", email=DANA, fields={"Phone": "+1 555 0100 666"})
    assert world.fingerprint() != before


def test_a_new_route_cannot_escape(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(GUARDS, "/api/pause")
    assert undeclared(ZendeskWorld(database)) == ["/api/pause"]


def test_a_route_that_is_tried_by_wrong_methods_alone_is_named(database: Database) -> None:
    world, seen = ZendeskWorld(database), Seen()
    world.leave()
    by_other_methods(world, seen)
    assert {rule for rule, _ in seen.tried} == {rule for _, rule in world.rules()}
    assert {one.rpartition(" at ")[2] for one in untried(world, seen)} == set(GUARDS)


def test_the_attack_would_find_a_door_that_asks_for_no_role(
        database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webhooks.sessions.role_of", lambda *_: "finance")
    world, seen = ZendeskWorld(database), Seen()
    monkeypatch.setattr(doors_routes, "PEOPLES", ("role",))
    on_the_api(world, seen)
    assert any("no role at POST /api/approvals" in one for one in seen.passed)
