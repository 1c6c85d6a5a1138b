"""The vendors of a crash run, in a process of their own that is never killed: its books are what is compared.

It answers each line: `open` so many tickets, `state`, and `books`, which writes all books into a file.
"""

from __future__ import annotations

import heapq
import json
import sys
import threading
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any

from connectors.standin import Fault
from scripts.benches.place import answer, questions
from scripts.sandbox import Sandbox
from tests.crash.carrier import Carrier
from tests.crash.lives import COLLEAGUE, Life, life
from tests.crash.world import world

Json = dict[str, Any]

AHEAD = 200
"""Customers that the vendors get to know at once, before the first of them writes."""


ENDLESS = 10**9
SLOWLY = 0.08
"""Seconds every write takes on its way, so that kills meet calls that nobody knows the outcome of."""
WRITES = (("stripe", "POST", "^/v1/refunds$", ""), ("zendesk", "PUT", r"/tickets/\d+\.json$", ""),
          ("salesforce", "POST", "/composite/batch$", ""), ("salesforce", "POST", "/composite$", '"CommentBody"'),
          ("salesforce", "POST", "/composite$", '"PATCH"'))


class Vendors:
    """The sandbox, its events on their way, and the lives of the tickets played on it."""

    def __init__(self, deskhand: str, seed: int) -> None:
        self._seed = seed
        self.sandbox = Sandbox(world(deskhand))
        for vendor, method, path, body in WRITES:
            self.sandbox.doors[vendor].faults.append(
                Fault("slow", method, path, ENDLESS, params={"seconds": SLOWLY}, body=body))
        self.carrier = Carrier(self.sandbox.doors, self.sandbox.clock, Random(seed))
        self._known = 0
        self._steps: list[tuple[float, int, int, Json]] = []
        self._more = threading.Condition()
        self._count = 0
        self.lives: list[Life] = []
        self.ids: list[str] = []

    def start(self) -> None:
        self.sandbox._server.start()  # its own sender stays away: the carrier takes the outboxes
        self.carrier.start()
        threading.Thread(target=self._play, daemon=True).start()

    def open(self, count: int) -> None:
        """So many more tickets are written, and what others do on them is set down for later."""
        for _ in range(count):
            if len(self.lives) == self._known:
                self._meet(AHEAD)
            self._write(life(len(self.lives) + 1, self._seed))

    def _meet(self, count: int) -> None:
        new = [life(number, self._seed).world() for number in range(self._known + 1, self._known + count + 1)]
        merged: Json = {}
        for one in new:
            for vendor, part in one.items():
                for name, rows in part.items():
                    merged.setdefault(vendor, {}).setdefault(name, []).extend(rows)
        with self.sandbox.doors["zendesk"].alone():
            self.carrier.take()
            self.sandbox.control.load(merged)
        self._known += count

    def _write(self, made: Life) -> None:
        door = self.sandbox.doors[made.helpdesk]
        with door.alone():
            ticket = str(self.sandbox.control.happen(made.helpdesk, "customer_writes", made.letter)["ticket"])
            for step in made.at_once:
                self._happen(made.helpdesk, step.op, {**step.told, "ticket": ticket})
            self.lives.append(made)
            self.ids.append(ticket)
        with self._more:
            for step in made.later:
                self._count += 1
                heapq.heappush(self._steps, (monotonic() + step.after, self._count, len(self.ids) - 1,
                                             {"op": step.op, **step.told}))
            self._more.notify()

    def _play(self) -> None:
        while True:
            with self._more:
                while not self._steps or self._steps[0][0] > monotonic():
                    self._more.wait(0.2)
                _, _, index, told = heapq.heappop(self._steps)
                self._count += 1
            told = {**told, "ticket": self.ids[index]}
            self._happen(self.lives[index].helpdesk, told.pop("op"), told)

    def _happen(self, helpdesk: str, op: str, told: Json) -> None:
        door = self.sandbox.doors[helpdesk]
        with door.alone():
            if op == "adds_tag":  # the stand-in sets them all at once
                rules: Any = door.rules
                tags = rules.state.tickets[int(told["ticket"])].tags
                op, told = "agent_sets", {"agent": COLLEAGUE, "ticket": told["ticket"],
                                          "tags": [*tags, told["tag"]]}
            self.sandbox.control.happen(helpdesk, op, told)

    def state(self) -> Json:
        with self._more:
            steps = len(self._steps)
        for door in self.sandbox.doors.values():
            with door.alone():
                del door.calls[:-1000]
        return {"tickets": len(self.ids), "steps": steps, "waiting": self.carrier.waiting(),
                "acknowledged": len(self.carrier.acknowledged), "repeated": self.carrier.repeated,
                "tries": self.carrier.tries, "refused": self.carrier.refused}

    def books(self, file: Path) -> None:
        tickets = [{"number": made.number, "id": id} for made, id in zip(self.lives, self.ids, strict=True)]
        file.write_text(json.dumps({"books": self.sandbox.control.books(), "tickets": tickets,
                                    "acknowledged": sorted(self.carrier.known_by)}, default=str))


def main(deskhand: str, seed: int) -> None:
    vendors = Vendors(deskhand, seed)
    vendors.start()
    answer(url=vendors.sandbox.url, **vendors.sandbox.control.happen("salesforce", "certificate", {}))
    for asked in questions():
        if asked["do"] == "open":
            vendors.open(asked["count"])
        elif asked["do"] == "books":
            vendors.books(Path(asked["file"]))
        answer(**vendors.state())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
