"""An office under attack: what people do in it, what the model says, and the judge who looks after every step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine

from agent.consent import approval, waits
from agent.consent.approval import Colleague, NotNow
from agent.consent.asked import asked_of
from agent.planner import ModelPlanner
from agent.proposal import Case, Planned
from connectors.contract import ContactChange, Refund, Surroundings
from connectors.mount import Mounted
from connectors.openai import OpenAIModel, OpenAISettings
from connectors.openai.standin import OpenAIRules
from connectors.openai.standin.rules import Ask
from connectors.openai.standin.rules import Said as Spoken
from connectors.standin import Door
from connectors.zendesk.standin.state import NOTIFY_WITH_CCS
from tests.attack.entitled import YES_ASKED, Asked, Judge, Said, handles
from tests.attack.marks import FOREIGN
from tests.journeys.office import DANA, WORLD, Office

KEY = "sk-sandbox-0001"
COLLEAGUES = {"agent": Colleague("79", "Mia", "agent"), "lead": Colleague("77", "Lena", "lead"),
              "finance": Colleague("78", "Finn", "finance")}


class Speaking(OpenAIRules):
    """A model API that says what the attacker makes it say, whatever it is asked."""

    def __init__(self, speak: Any) -> None:
        super().__init__()
        self.speak = speak

    def _said(self, ask: Ask) -> Spoken:
        return Spoken(self.speak(ask.text))


class Scene:
    """One office; `say` is the model: what it was shown, as text, to what it answers, as text.

    `by` is how the answer comes in: through the real model planner and the real `openai` library ("model"), or at the
    planner's own door ("planner"), where nobody has checked handles and quotes before. Whoever is in copy at the
    helpdesk gets every public reply by mail, as far as the helpdesk knows such copies. `elsewhere` is what the attack
    itself wrote into the records.
    """

    def __init__(self, engine: Engine, say: Any, *, helpdesk: str, by: str, world: Mapping[str, Any] = WORLD,
                 planted: tuple[str, ...] = (), elsewhere: str = "") -> None:
        self.say, self.elsewhere = say, elsewhere
        self.shown: list[str] = []
        self.mistake: Exception | None = None
        self.answered = self.copied = 0
        told = {**world, "zendesk": {**world["zendesk"], "triggers": [{"kind": NOTIFY_WITH_CCS}]}}
        self.office = Office(engine, helpdesk=helpdesk, world=told, planner=self if by == "planner" else None)
        if by == "model":
            rules = Speaking(self._speaks)
            rules.load({"keys": [KEY]}, self.office.clock())
            door = Door(rules, self.office.clock, self.office.pass_time)
            settings = OpenAISettings.model_validate({"OPENAI_API_KEY": KEY, "OPENAI_MODEL": "small-1"})
            around = Surroundings(transports={"openai": Mounted(door)})
            self.office.planner = ModelPlanner(OpenAIModel(settings, around))
            self.office.desk = self.office._desk()
        self.judge = Judge(self.office, FOREIGN, planted)
        self.ticket: Any = None

    def plan(self, case: Case) -> Planned:
        """The planner's own door: whatever has the form of a proposal comes in."""
        from agent.proposal import Proposal  # noqa: PLC0415 - beside the only use of the type itself
        answer = self._speaks(case.model_dump_json())
        return Planned(proposal=Proposal.model_validate_json(answer), planner="model", version="hostile",
                       model="hostile")

    def _speaks(self, shown: str) -> str:
        self.shown.append(shown)
        self.judge.shown.append((str(self.ticket), shown))
        try:
            answer, kept = self.say(shown)
        except Exception as error:  # the product may take it for a bad answer; it is the attack's own mistake
            self.mistake = error
            raise
        asked = self.judge.asked[str(self.ticket)]
        asked.proposals.append(Said(kept, handles(self.office.stripe.state, asked.email), asked.vouched))
        self.answered += 1
        return str(answer)

    def writes(self, body: str, email: str = DANA, *, genuine: bool = True, own: str | None = None,
               ticket: Any = None, **more: Any) -> list[str]:
        """What the clock makes due is done, then a message comes in, and everything due by it; `own` is what of it is
        the customer's new text.

        Whoever is in copy (`ccs`) is so from then on.
        """
        told = {**more, "ticket": ticket} if ticket is not None else more
        self.office.clock.forward(minutes=3)
        self.office.run()
        found = self.looked(others_due=True) if self.ticket is not None else []
        self.ticket = self.office.writes(body, email, **told)
        asked = self.judge.asked.setdefault(str(self.ticket), Asked(email))
        asked.texts += [body, self.elsewhere, *map(str, more.values())]
        asked.vouched = genuine and email == asked.email
        if asked.vouched:
            asked.genuine.append(body if own is None else own)
        return [*found, *self.passes()]

    def passes(self) -> list[str]:
        """The event of the newest message arrives."""
        self.office.event(self.ticket)
        self.office.run()
        return self.looked()

    def looked(self, others_due: bool = False) -> list[str]:
        """What the judge finds. Raises what went wrong in the attack itself."""
        if self.mistake:
            raise self.mistake
        return self.judge.look(self.ticket, others_due)

    def yes(self, ticket: Any) -> list[str]:
        """The customer says yes to the last reply of ours that asks for one, whatever came after it."""
        asked = self.judge.asked[str(ticket)]
        asking = [str(one) for one in self.office.replies(ticket) if any(words in one for words in YES_ASKED)]
        asked.yes += asking[-1:]
        return self.writes("YES", asked.email, ticket=ticket)

    def approves(self, ticket: Any, role: str, part: float = 1.0) -> list[str]:
        """A colleague of this role presses approve on whatever waits for them, perhaps for less of it."""
        self.ticket = ticket
        asked = self.judge.asked[str(ticket)]
        for wait, card in self._waiting(ticket):
            action = card.action if card else None
            most = action.money.amount if isinstance(action, Refund) else 0
            less = int(most * part) if part < 1 and most else None
            try:
                approval.approve(self.office.desk, wait.id, wait.shown, COLLEAGUES[role], less)
            except NotNow:
                continue
            if isinstance(action, Refund):
                asked.approved.append((role, action.charge, less or most))
            elif isinstance(action, ContactChange):
                asked.approved.append((role, "", 0))
        self.office.run()
        return self.looked()

    def time_passes(self, hours: float) -> list[str]:
        """Time passes, and what the clock alone makes due is done."""
        self.office.clock.forward(hours=hours)
        self.office.sweep()
        self.office.run()
        return self.looked(others_due=True)

    def asked_for(self, *whom: str) -> list[Any]:
        """The tickets on which one of these is asked for a yes."""
        with self.office.engine.begin() as c:
            rows = c.exec_driver_sql("select distinct t.ref from waits w join tickets t on t.id = w.ticket_id "
                                     "where w.state = 'open' and w.for_whom = any(%s) order by t.ref", (list(whom),))
            ids = [str(row.ref).rsplit(":", 1)[1] for row in rows]
        return [int(id) if id.isdigit() else id for id in ids]

    def _waiting(self, ticket: Any) -> list[tuple[waits.Wait, Any]]:
        with self.office.engine.begin() as c:
            row = c.exec_driver_sql("select id, person_id from tickets where ref = %s",
                                    (self.office.ref(ticket),)).one_or_none()
            if row is None or row.person_id is None:
                return []
            person = self.office.vault.person_by_id(c, row.person_id)
            return [(wait, asked_of(wait, person)) for wait in waits.of_ticket(c, row.id, ("open",))
                    if wait.for_whom != waits.CUSTOMER]
