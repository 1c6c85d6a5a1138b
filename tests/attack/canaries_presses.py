"""What colleagues press and customers confirm, rightly: a press counts only when it was taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from agent.consent.confirming import Stage
from connectors.standin import Json
from scripts.homes import Seat
from scripts.processes import wait_for
from tests.attack.canaries_house import House
from tests.attack.canaries_planted import CODE, MARKS
from webhooks.confirm_words import WORDS

Found = TypeVar("Found")
LENA, ADA = "lena@acme.example", "ada@acme.example"
"""A lead, and an administrator of the helpdesk, who is not in its world yet."""
ADMIN: Json = {"name": "Ada Admin", "email": ADA, "role": "admin", "groups": ["Team leads"], "created_at": "-400d"}
LAST_FOUR = "0005"
"""Of the card that David paid with."""
LEAST: Mapping[str, int] = {"look": 2, "approve": 2, "decline": 1, "confirm": 1, "undo": 1, "take over": 1,
                            "give back": 1, "run": 1, "pause": 1, "resume": 1}
"""Every kind of press, and how often it must succeed."""
CONFIRMED = WORDS["en"][Stage.CONFIRMED]
TRIES = 5
"""Of a press on a state that a worker may change meanwhile."""
PATIENCE = 20


@dataclass(frozen=True)
class Pressable:
    """The tickets of which each waits for a press of its own, by number."""

    goodwill: int
    unfounded: int
    double: int
    contact: int
    person: int
    handed_over: int


@dataclass
class Presses:
    """Everything that can be pressed, once rightly: `taken` by kind, and `refused` of what was wrong on purpose.

    What a colleague or a customer types holds a card number wherever anything can be typed.
    """

    house: House
    taken: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    bearers: list[str] = field(default_factory=list)

    def all(self, on: Pressable, others: list[int]) -> None:
        """Each on a ticket where it is due."""
        self._goodwill(on.goodwill)
        self._decline(on.unfounded)
        self._double(on.double)
        self._undo(on.contact)
        self._on_state("run", self.seat(on.handed_over))
        self.whatever_waits(others)
        self._pause_and_resume(on.person)

    def whatever_waits(self, tickets: list[int]) -> None:
        """Each is looked at, and what waits there is approved."""
        for ticket in tickets:
            seat = self.seat(ticket)
            for card in self._look(seat).get("cards", []):
                self._approve(seat, card)

    def seat(self, ticket: int, who: str = LENA) -> Seat:
        seat: Seat = self.house.seat(who, ticket)
        self.bearers.append(seat.proof("GET", "", "")["Authorization"].removeprefix("Bearer "))
        return seat

    def _goodwill(self, ticket: int) -> None:
        """Taken over, given back, and approved."""
        seat = self.seat(ticket)
        self._card(seat)
        self._on_state("take over", seat)
        self._on_state("give back", seat)
        card = self._card(seat)
        if card is not None:
            self._approve(seat, card)

    def _approve(self, seat: Seat, card: Json) -> None:
        """First as no page does, with a reason."""
        right = {"digest": card["digest"], "amount": None}
        self._refused(seat, f"/api/approvals/{card['wait']}", {**right, "reason": f"because {self._typed()}"})
        self.press("approve", seat, f"/api/approvals/{card['wait']}", right)

    def _decline(self, ticket: int) -> None:
        """With a card and its code, and what a customer told of themselves."""
        seat = self.seat(ticket)
        card = self._card(seat)
        if card is None:
            return
        said = f"They gave {self.house.card('decline reason')} 12/27, cvv {CODE}, and said: {MARKS['decline words']}"
        path = f"/api/approvals/{card['wait']}/decline"
        self._refused(seat, path, {"digest": card["digest"], "amount": None, "reason": said})
        self._refused(seat, path, {"digest": self._typed(), "reason": said})
        self.press("decline", seat, path, {"digest": card["digest"], "reason": said})

    def _double(self, ticket: int) -> None:
        """A lead approves, and the customer opens the link of theirs: types their whole card first, then its end."""
        seat = self.seat(ticket)
        card, before = self._card(seat), {link.value for link in self.house.links()}
        if card is None:
            return
        self._approve(seat, card)
        for link in _until(lambda: {link.value for link in self.house.links()} - before or None) or ():
            self.house.asks("GET", f"/confirm/{link}")
            for typed in (self._typed(), f"{self._typed()}, cvv {CODE}"):
                self.refused += CONFIRMED not in self._confirmed(link, typed)
            self.taken["confirm"] += CONFIRMED in self._confirmed(link, LAST_FOUR)

    def _confirmed(self, link: str, typed: str) -> str:
        """The page that answers."""
        return str(self.house.asks("POST", f"/confirm/{link}", data={"typed": typed}).text)

    def _undo(self, ticket: int) -> None:
        seat = self.seat(ticket)
        done = _until(lambda: next((one for one in seat.state()["done"] if one["undo"]["possible"]), None))
        if done is not None:
            self._refused(seat, f"/api/operations/{done['operation']}/undo", {"digest": self._typed()})
            self.press("undo", seat, f"/api/operations/{done['operation']}/undo", {"digest": done["undo"]["digest"]})

    def _pause_and_resume(self, ticket: int) -> None:
        said = {"action": "all", "reason": f"Too many like {self.house.card('pause reason')}, security code {CODE}"}
        self._refused(self.seat(ticket), "/api/pause", said)
        admin = self.seat(ticket, ADA)
        self.press("pause", admin, "/api/pause", said)
        state = self._look(admin)
        self.house.asks("GET", "/api/waiting", headers=admin.proof("GET", "", ""))
        self._refused(admin, "/api/resume", {"digest": self._typed()})
        self.press("resume", admin, "/api/resume", {"digest": state.get("paused_digest")})

    def _on_state(self, kind: str, seat: Seat) -> None:
        for _ in range(TRIES):
            self.house.quiet()
            digest = self._look(seat).get("digest")
            if self.press(kind, seat, f"/api/ticket/{kind.replace(' ', '-')}", {"digest": digest}):
                return

    def _card(self, seat: Seat) -> Json | None:
        """What waits there; None when nothing does in time."""
        found = _until(lambda: next(iter(seat.state()["cards"]), None))
        self._look(seat)
        return found

    def _look(self, seat: Seat) -> Json:
        answered = self.house.asks("GET", "/api/ticket", headers=seat.proof("GET", "", ""))
        self.taken["look"] += answered.status_code == 200
        told: Json = answered.json()
        return told

    def press(self, kind: str, seat: Seat, path: str, said: Json) -> bool:
        answered = self.house.asks("POST", path, json=said, headers=seat.proof("POST", "", ""))
        self.taken[kind] += answered.status_code == 200
        return answered.status_code == 200

    def _refused(self, seat: Seat, path: str, said: Json) -> None:
        """A press that is wrong on purpose."""
        answered = self.house.asks("POST", path, json=said, headers=seat.proof("POST", "", ""))
        self.refused += 400 <= answered.status_code < 500

    def _typed(self) -> str:
        return self.house.card("what is typed")


def _until(look: Callable[[], Found | None]) -> Found | None:
    """What `look` finds, or None when it is not there in time: then that kind of press is missing in the figures."""
    try:
        return wait_for("what is pressed", look, PATIENCE, every=0.2)
    except TimeoutError:
        return None
