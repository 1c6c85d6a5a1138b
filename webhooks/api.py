"""`/api`: what people on a ticket see and press. Every write names the digest of what was shown."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any, TypeVar

from flask import Blueprint, Response, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from sqlalchemy import select
from werkzeug.exceptions import HTTPException

from agent import switch
from agent.audit import reading
from agent.consent import approval, taking_over, undoing, waits
from agent.consent.approval import Colleague, NotAllowed, NotNow
from agent.consent.shown import State, Waiting
from agent.consent.state import Viewer, state_of, still_paused
from agent.consent.waiting import waiting
from agent.desk import Desk
from agent.switch import ALL
from agent.tables import decisions, tickets
from connectors.contract import Helpdesk, Money, Reach, VendorError, digest
from webhooks.catalogue import catalogue
from webhooks.guard import LARGEST_BODY, Guard
from webhooks.openapi import Route, document
from webhooks.problems import Problem, Refused, refused, respond
from webhooks.sessions import Session, other_ticket
from webhooks.translated import PAUSED, STATE, WAITING, Words, in_language, language_of, translated

log = logging.getLogger("deskhand.api")

Body = TypeVar("Body", bound=BaseModel)
LARGEST_ID = 2**63 - 1
"""Of a wait, as the database counts them."""
SWITCHES = {ALL: (ALL, "refund")}
"""What is let go on together: what the sidebar can pause."""


class Said(BaseModel):
    """What a press says; nothing else is taken."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_max_length=4_000)

    @field_validator("*")
    @classmethod
    def _can_be_kept(cls, said: object) -> object:
        """No database keeps a NUL character in a text."""
        if isinstance(said, str) and "\0" in said:
            raise ValueError("a NUL character cannot be kept")
        return said


class Bind(Said):
    """Which ticket the sidebar stands beside, by the helpdesk's number."""

    ticket: str = Field(pattern=r"^[1-9A-Za-z][0-9A-Za-z]{0,31}$")


class Approve(Said):
    digest: str
    amount: str | None = Field(None, description="Less than was asked for, in the currency's own units: 12.00.",
                               pattern=r"^[0-9]{1,12}(\.[0-9]{1,3})?$")


class Decline(Said):
    digest: str
    reason: str


class Seen(Said):
    """The digest of what was shown when it was pressed."""

    digest: str


class Pause(Said):
    """Never refused for its reason: of a long one the beginning is kept."""

    model_config = ConfigDict(str_max_length=None)

    action: str = Field(ALL, pattern=r"^(all|refund|contact_change|log_activity|ticket_update)$")
    reason: str = ""

    @field_validator("reason", mode="before")
    @classmethod
    def _on_one_line(cls, said: object) -> object:
        return " ".join(said.replace("\0", " ").split()) if isinstance(said, str) else said


class Resume(Said):
    """Lifts nothing that was not shown when it was pressed."""

    digest: str = Field(description="The state's `paused_digest`.")
    action: str = Field(ALL, pattern=r"^(all|refund|contact_change|log_activity|ticket_update)$",
                        description="all: what the sidebar can pause, which is everything, and refunds.")


class Paused(BaseModel):
    """What is held back now, in words."""

    paused: tuple[str, ...]


class Resumed(Paused):
    still: str = Field(description="What is held back yet, and how each is lifted; empty where nothing is.")


class Conflict(Problem):
    """Nothing was done; `state` is what stands now."""

    state: State


ROUTES = (
    Route("POST", "/api/sessions/bind", "Bind this session to a ticket", State, Bind, (401, 403, 503)),
    Route("GET", "/api/ticket", "The ticket at a glance; with If-None-Match 304 while nothing changed", State, None,
          (401, 403)),
    Route("POST", "/api/ticket/run", "Read and plan the customer's last request again", State, Seen, (401, 403, 409)),
    Route("POST", "/api/ticket/take-over", "Take the ticket over; Deskhand steps back", State, Seen, (401, 403, 409)),
    Route("POST", "/api/ticket/give-back", "Give the ticket back; Deskhand goes on where it was", State, Seen,
          (401, 403, 409, 503)),
    Route("POST", "/api/approvals/{wait}", "Approve exactly what was shown, or less of it", State, Approve,
          (400, 401, 403, 409)),
    Route("POST", "/api/approvals/{wait}/decline", "Decline it, with a reason", State, Decline, (400, 401, 403, 409)),
    Route("POST", "/api/operations/{id}/undo", "Take back what was done", State, Seen, (401, 403, 409)),
    Route("GET", "/api/waiting", "Approvals that are waited for, and operations a person must look at", Waiting, None,
          (401,)),
    Route("POST", "/api/pause", "Hold an action back, or everything; for admins of the helpdesk", Paused, Pause,
          (401, 403)),
    Route("POST", "/api/resume", "Let it go on; for admins of the helpdesk", Resumed, Resume, (401, 403, 409)),
)


def contract() -> dict[str, Any]:
    """The API's written contract (OpenAPI 3.1)."""
    return document(ROUTES, Conflict)


@dataclass(frozen=True)
class People:
    """What the routes need: the desk, whose helpdesks' colleagues look, and who stands before each route."""

    desk: Desk
    guard: Guard
    listed: set[tuple[int, date]] = field(default_factory=set)
    """Sessions that were shown today what is waited for; each is told of once in the trail."""

    def helpdesk(self, session: Session) -> Helpdesk:
        """Where this colleague works."""
        return next(one for one in self.desk.helpdesks.values() if one.account == session.account)

    def note_list(self, session: Session) -> None:
        now = self.desk.now()
        if (session.id, now.date()) not in self.listed:
            with self.desk.ledger.begin() as c:
                reading.of_list(c, session.account, session.user, now)
            self.listed.difference_update([one for one in list(self.listed) if one[1] != now.date()])
            self.listed.add((session.id, now.date()))

    def note_ticket(self, session: Session, ref: str) -> None:
        """Of a ticket that Deskhand has not heard of there is nothing to show, and nothing to tell."""
        with self.desk.ledger.begin() as c:
            ticket = c.execute(select(tickets.c.id).where(tickets.c.ref == ref)).scalar()
            if ticket is not None:
                reading.of_ticket(c, ticket, session.account, session.user, session.id, session.opened_at,
                                  self.desk.now())

    def state(self, session: Session) -> State:
        """How the bound ticket stands. That it is shown is in the trail before anybody has it."""
        held_back = self.held_back()  # before the rest: nothing is resumed that is not shown
        state = state_of(self.desk, _bound(session), _viewer(session))
        self.note_ticket(session, _bound(session))  # after it: a ticket that came meanwhile is told of, and not shown
        paused = switch.shown(held_back) if state.paused else None
        return state.model_copy(update={"paused_digest": paused, "digest": digest([state.digest, paused])})

    def press(self, act: Callable[[Session, Colleague], object]) -> Response:
        """Does what was pressed on the bound ticket and answers with what stands then."""
        session = self.guard.current(request)
        _bound(session)
        try:
            act(session, _viewer(session).colleague)
        except NotNow as no:
            raise self._refusal(session, no) from no
        return _shown(self.state(session))

    def on_state(self, act: Callable[[Desk, str, Colleague, taking_over.Taken], None]) -> Response:
        """A press that names the digest of the whole state it was made on."""
        def press(session: Session, by: Colleague) -> None:
            said = _said(Seen)
            taken = taking_over.taken(self.desk, _bound(session))  # before the rest: what is shown can only be newer
            if self.state(session).digest != said.digest:
                raise NotNow("changed", "Something has changed on this ticket. Look at it again.")
            act(self.desk, _bound(session), by, taken)
        return self.press(press)

    def wait_here(self, session: Session, wait_id: int) -> waits.Wait:
        """The wait, if it is of the bound ticket."""
        with self.desk.ledger.begin() as c:
            wait = waits.by_id(c, wait_id) if wait_id <= LARGEST_ID else None
            ref = c.execute(tickets.select().where(tickets.c.id == wait.ticket_id)).one().ref if wait else None
        if wait is None:
            raise NotNow("unknown", "This is not waited for.")
        if ref != _bound(session):
            raise other_ticket()
        return wait

    def minor(self, wait: waits.Wait, amount: str | None) -> int | None:
        """The amount in the currency of what was asked."""
        if amount is None:
            return None
        with self.desk.ledger.begin() as c:
            facts = c.execute(decisions.select().where(decisions.c.id == wait.decision_id)).one().facts
        try:
            return Money.of(amount, str(facts.get("currency"))).amount
        except ValueError:
            raise refused(400, "amount", "Write an amount as in 12.00.") from None

    def held_back(self) -> list[switch.Pause]:
        with self.desk.ledger.begin() as c:
            return [*switch.of_file(self.desk.stop_file), *switch.pauses(c)]

    def paused_anew(self, session: Session) -> Refused:
        """What somebody would resume is not what they saw; beside a ticket, with how it stands."""
        stands = {"state": self.state(session).model_dump(mode="json")} if session.ticket else {}
        return refused(409, "changed", "What is paused has changed. Read it again before you resume.", **stands)

    def admin(self) -> Session:
        session = self.guard.current(request)
        if not session.may_pause:
            raise refused(403, "admins-only", "Only an administrator of the helpdesk may pause and resume.")
        return session

    def sees(self, session: Session) -> Callable[[list[str]], set[str]]:
        """Which of these tickets the helpdesk lets this colleague see."""
        helpdesk = self.helpdesk(session)
        who = cache(lambda: helpdesk.agent(session.user))

        def among(refs: list[str]) -> set[str]:
            agent = who()
            if agent.reach is Reach.ALL:
                return set(refs)
            if agent.reach is Reach.SHARED:
                return helpdesk.seen_of(agent, refs)
            asked = self.desk.together([lambda ref=ref: helpdesk.may_see(agent, ref)  # type: ignore[misc]
                                        for ref in refs])
            return {ref for ref, seen in zip(refs, asked, strict=True) if seen}
        return among

    def _refusal(self, session: Session, no: NotNow) -> Refused:
        status = 403 if isinstance(no, NotAllowed) else 400 if no.name in INPUT else 409
        return refused(status, no.name, str(no), state=self.state(session).model_dump(mode="json"))


INPUT = ("amount", "reason")
"""Names of refusals of what was typed."""


def _bound(session: Session) -> str:
    if session.ticket is None:
        raise refused(403, "no-ticket", "Say first which ticket this is: POST /api/sessions/bind.")
    return session.ticket


def _viewer(session: Session) -> Viewer:
    return Viewer(Colleague(session.user, session.name, session.role), session.may_pause)


def _said(model: type[Body]) -> Body:
    """What the body says. Raises Refused: 400 for anything but this model as JSON."""
    request.max_content_length = LARGEST_BODY
    try:
        return model.model_validate_json(request.get_data(cache=False) or b"{}")
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise refused(400, "not-readable", f"{where}: {first['msg']}" if where else first["msg"]) from None


def _json(model: BaseModel, words: Words) -> Response:
    """In the language of whoever asks; `words` says which texts of it are ours."""
    language = language_of(request)
    told = translated(model.model_dump(mode="json"), words, language)
    return Response(json.dumps(told), content_type="application/json",
                    headers={"Cache-Control": "private, no-cache", **in_language(language)})


def _shown(state: State) -> Response:
    """With its digest and its language as ETag, so that nobody reads twice what has not changed."""
    answer = _json(state, STATE)
    known = catalogue(language_of(request))
    answer.set_etag(f"{state.digest}-{known.tag}" if known else state.digest)
    return answer


def api(people: People) -> Blueprint:
    """The blueprint of `/api`."""
    page = Blueprint("api", __name__, url_prefix="/api")
    page.register_error_handler(Refused, respond)
    page.register_error_handler(VendorError, _away)
    page.app_errorhandler(HTTPException)(_plain)
    page.get("/openapi.json")(contract)
    _to_look(page, people)
    _on_the_ticket(page, people)
    _on_one_action(page, people)
    _on_the_switch(page, people)
    return page


def _to_look(page: Blueprint, people: People) -> None:
    guard = people.guard

    @page.post("/sessions/bind")
    def bind() -> Response:
        session = guard.current(request)
        helpdesk = people.helpdesk(session)
        ref = f"{helpdesk.vendor}:{helpdesk.account}:{_said(Bind).ticket}"
        return _shown(people.state(guard.bind(session, ref)))

    @page.get("/ticket")
    def ticket() -> Response:
        answer = _shown(people.state(guard.current(request)))
        answer.make_conditional(request)
        return answer

    @page.get("/waiting")
    def all_waiting() -> Response:
        session = guard.current(request)
        people.note_list(session)
        found = waiting(people.desk, people.helpdesk(session), _viewer(session).colleague, people.sees(session))
        return _json(found, WAITING)


def _on_the_ticket(page: Blueprint, people: People) -> None:
    @page.post("/ticket/run")
    def run() -> Response:
        return people.on_state(taking_over.run_again)

    @page.post("/ticket/take-over")
    def take_over() -> Response:
        return people.on_state(taking_over.take_over)

    @page.post("/ticket/give-back")
    def give_back() -> Response:
        return people.on_state(taking_over.give_back)


def _on_one_action(page: Blueprint, people: People) -> None:
    desk = people.desk

    @page.post("/approvals/<int:wait>")
    def approve(wait: int) -> Response:
        def press(session: Session, by: Colleague) -> None:
            said = _said(Approve)
            here = people.wait_here(session, wait)
            approval.approve(desk, here.id, said.digest, by, people.minor(here, said.amount))
        return people.press(press)

    @page.post("/approvals/<int:wait>/decline")
    def decline(wait: int) -> Response:
        def press(session: Session, by: Colleague) -> None:
            said = _said(Decline)
            approval.decline(desk, people.wait_here(session, wait).id, said.digest, by, said.reason)
        return people.press(press)

    @page.post("/operations/<id>/undo")
    def undo(id: str) -> Response:
        def press(session: Session, by: Colleague) -> None:
            said = _said(Seen)
            if id not in {one.operation for one in people.state(session).done}:
                raise NotNow("unknown", "This was not done on this ticket.")
            undoing.undo(desk, id, said.digest, by)
        return people.press(press)


def _on_the_switch(page: Blueprint, people: People) -> None:
    desk = people.desk

    @page.post("/pause")
    def pause() -> Response:
        session, said = people.admin(), _said(Pause)
        with desk.ledger.begin() as c:
            switch.pause(c, said.action, said.reason, session.name, desk.now())
        return _json(Paused(paused=_in_words(people.held_back())), PAUSED)

    @page.post("/resume")
    def resume() -> Response:
        session, said = people.admin(), _said(Resume)
        seen = people.held_back()
        if said.digest != switch.shown(seen):
            raise people.paused_anew(session)
        for one in seen:
            if one.at and one.action in SWITCHES.get(said.action, (said.action,)):
                switch.resume(desk.ledger.engine, one.action, session.name, desk.now(), only=one)
        found = people.held_back()
        return _json(Resumed(paused=_in_words(found), still=still_paused(found)), PAUSED)


def _in_words(found: list[switch.Pause]) -> tuple[str, ...]:
    return tuple(one.in_words() for one in found)


def _away(error: VendorError) -> Response:
    log.warning("%s: %s", request.path, error.reason or type(error).__name__)
    return respond(refused(503, "vendor-away", "The helpdesk does not answer. Try again in a moment.",
                           {"Retry-After": "5"}))


NAMES = {404: "not-found", 413: "too-big", 500: "broken"}


def _plain(error: HTTPException) -> Response | HTTPException:
    """A wrong address or method, said as everything else here; of other pages' errors nothing is changed."""
    if not request.path.startswith("/api/"):
        return error
    code = error.code or 500
    return respond(refused(code, NAMES.get(code, "not-possible"), error.description or ""))
