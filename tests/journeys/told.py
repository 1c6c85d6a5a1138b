"""An office whose Salesforce org tells by its package, at the real door, and that catches up."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from agent.catchup import Catching, Tally
from agent.database import Database
from agent.polling import Poll
from agent.proposal import Case
from agent.published import Published
from connectors.standin import Delivery
from connectors.stripe.told import TOLD
from tests.journeys.office import WORLD, Office, Scripted
from tests.journeys.racing import NO_BREAKER
from tests.journeys.sides import ORG
from webhooks.app import Health, create_app
from webhooks.hearing import Hearing
from webhooks.inbox import Inbox
from webhooks.salesforce import SalesforceDoor, salesforce_door
from webhooks.signed import SignedOrg

HOME = "https://deskhand.acme.example"
INSTALLED: dict[str, Any] = {**WORLD, "salesforce": {**WORLD["salesforce"], "package": {"named_credential": HOME}}}
Fate = Callable[[Delivery, datetime], bool]
"""Whether Deskhand is there when this is delivered."""


class ToldByTheOrg(Office):
    """Callouts of the org's package arrive at the door, as far as their `fate` lets them."""

    def __init__(self, database: Database, answers: Callable[[Case], Mapping[str, Any]], **more: Any) -> None:
        self.script = Scripted()
        self.script.always = answers
        super().__init__(database.engine, helpdesk="salesforce", planner=self.script,
                         **{"world": INSTALLED, "choices": NO_BREAKER, **more})
        self.inbox = Inbox(database.url, self.vault.digest)
        certificate = self.at_desk("certificate")["certificate"]
        door = salesforce_door(SalesforceDoor(SignedOrg(ORG, (certificate,))), self.inbox, self.clock)
        self.client = create_app(Health(database.engine, lambda: "running", Published()), (door,)).test_client()
        self.statuses: list[int | None] = []
        self.poll = Poll(self.desk, Hearing(database.engine, self.clock, lambda: "acct_sandbox"), Catching(), TOLD)
        self.poll.look()
        self.clock.forward(minutes=5)

    def close(self) -> None:
        self.inbox.close()

    def arrives(self, fate: Fate = lambda delivery, now: True, shuffled: random.Random | None = None) -> None:
        """What the org sends now reaches the door, in any order, until nothing more is to be sent now."""
        while made := self.salesforce.due(self.clock()):
            if shuffled:
                shuffled.shuffle(made)
            for delivery in made:
                status = self._post(delivery) if fate(delivery, self.clock()) else None
                self.statuses.append(status)
                self.salesforce.settled(delivery, status, self.clock())

    def _post(self, delivery: Delivery) -> int:
        return self.client.post(urlsplit(delivery.url).path, data=delivery.body,
                                headers=delivery.sign(self.clock())).status_code

    def lives(self, minutes: int, fate: Fate = lambda delivery, now: True,
              shuffled: random.Random | None = None) -> None:
        for _ in range(minutes):
            self.arrives(fate, shuffled)
            self.run()
            self.clock.forward(minutes=1)

    def caught_up(self) -> Tally:
        """The next poll and all that it wakes."""
        self.clock.forward(minutes=6)
        tally = self.poll.look()
        self.run()
        return tally

    def unsent(self) -> int:
        """Rows of the org's outbox that it has still to send."""
        return sum(row["Status__c"] != "Sent" for row in self.salesforce.books()["outbox"])
