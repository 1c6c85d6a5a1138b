"""A real process finds, by itself, what happened while it was not there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.conftest import Server
from tests.journeys.installed import Installed


@pytest.fixture
def installed(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """Deskhand, not started yet."""
    name = server.make()
    made = Installed(server.at(name), tmp_path_factory.mktemp("installed"))
    try:
        made.publish()
        yield made
    finally:
        made.close()
        server.drop(name)


def test_what_was_written_while_nothing_listened_is_done_after_the_start(installed: Installed) -> None:
    who = replace(installed.customer(), ticket=installed.next_ticket())
    installed.sandbox.control.load({"zendesk": {"tickets": [{
        "email": who.email, "subject": "Charged twice", "created_at": "-180s",
        "body": "Hi, I was charged twice for my order. Please refund the second one. Thank you, Pat"}]}})
    installed.start()
    assert installed.until_done(who) == "done"
    assert installed.books(who)["refunds"] == [(who.again, 1800)]
    assert (len(installed.books(who)["notes"]), len(installed.books(who)["replies"])) == (1, 1)
    installed.app.stop()
    assert "Traceback" not in installed.app.tail(200)
