"""The policy as a typed table: limits grant, rules only add duties, refuse or escalate; no expression language.

`load` makes it from text (agent/policy/loading.py); here is what it holds once it is known to make sense.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field

from agent.policy.facts import Known
from connectors.contract import Money

ROLES = ("agent", "lead", "finance")
"""Who may approve, rising: a lead may approve what an agent may, finance what a lead may."""

OUTCOMES = ("go_ahead", "refuse", "escalate")
"""Rising in strictness. Refuse: a person answers, Deskhand never tells a customer no. Escalate: people take over."""

MODES = ("off", "shadow", "draft", "execute")
"""Rising in what is done without a person."""

Mode = Literal["off", "shadow", "draft", "execute"]
Outcome = Literal["go_ahead", "refuse", "escalate"]
Role = Literal["agent", "lead", "finance"]


class Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Effect(Strict):
    """What one limit step or rule asks for: two independent duties, or refuse, or escalate."""

    outcome: Outcome = "go_ahead"
    confirm: bool = False
    """The customer's yes."""
    approve_by: Role | None = None
    """A colleague's approval."""

    def in_words(self) -> str:
        """As the policy writes it: "confirm and approve by lead"."""
        if self.outcome != "go_ahead":
            return self.outcome
        duties = ["confirm"] if self.confirm else []
        duties += [f"approve by {self.approve_by}"] if self.approve_by else []
        return " and ".join(duties) or "go ahead"


EFFECTS: Mapping[str, Effect] = {effect.in_words(): effect for effect in (
    Effect(),
    Effect(confirm=True),
    *(Effect(confirm=confirm, approve_by=role) for role in ROLES for confirm in (False, True)),
    Effect(outcome="refuse"),
    Effect(outcome="escalate"),
)}
"""Every effect by the words an admin writes for it."""

STEPS: Mapping[str, Effect] = {
    "auto": Effect(),
    "confirm": Effect(confirm=True),
    **{f"approve by {role}": Effect(confirm=True, approve_by=role) for role in ROLES},
}
"""Limit steps, rising. They add up: what needs a colleague needs the customer's yes too."""


class Hit(Strict):
    """A rule or limit step that applies, with its reason and its effect in words."""

    id: str
    because: str
    effect: str


# Fires on what is known: True, False, or None when it cannot be told and so counts as a match.
Fires = Callable[[Known], bool | None]


class Among(Strict):
    """An enum that is one of these values, or is none of them; a set that holds any of them."""

    fact: str
    op: Literal["is", "is_not", "any_of"]
    values: frozenset[str]

    def reads(self) -> tuple[str, ...]:
        return (self.fact,)

    def fires(self) -> Fires:
        fact, values = self.fact, self.values

        def one_of(known: Known) -> bool | None:
            value = known.get(fact)
            return None if value is None else value in values

        def none_of(known: Known) -> bool | None:
            value = known.get(fact)
            return None if value is None else value not in values

        def any_of(known: Known) -> bool | None:
            value = known.get(fact)
            return None if value is None else not values.isdisjoint(value)

        return {"is": one_of, "is_not": none_of, "any_of": any_of}[self.op]


class Number(Strict):
    """A whole number over or under another."""

    fact: str
    op: Literal["over", "under"]
    number: int

    def reads(self) -> tuple[str, ...]:
        return (self.fact,)

    def fires(self) -> Fires:
        fact, number = self.fact, self.number

        def over(known: Known) -> bool | None:
            value = known.get(fact)
            return None if value is None else value > number

        def under(known: Known) -> bool | None:
            value = known.get(fact)
            return None if value is None else value < number

        return over if self.op == "over" else under


class Amounts(Strict):
    """Money over an amount, or up to and including it, in minor units per currency; another currency is a match."""

    fact: str
    op: Literal["over", "up_to"]
    amounts: dict[str, int]

    def reads(self) -> tuple[str, ...]:
        return (self.fact, "currency")

    def fires(self) -> Fires:
        fact, amounts = self.fact, dict(self.amounts)

        def over(known: Known) -> bool | None:
            value, amount = known.get(fact), amounts.get(known.get("currency", ""))
            return None if value is None or amount is None else value > amount

        def up_to(known: Known) -> bool | None:
            value, amount = known.get(fact), amounts.get(known.get("currency", ""))
            return None if value is None or amount is None else value <= amount

        return over if self.op == "over" else up_to


class Truth(Strict):
    """A fact that is true, or is false."""

    fact: str
    op: Literal["true", "false"]

    def reads(self) -> tuple[str, ...]:
        return (self.fact,)

    def fires(self) -> Fires:
        fact, wanted = self.fact, self.op == "true"

        def holds(known: Known) -> bool | None:
            value = known.get(fact)
            return None if value is None else value is wanted

        return holds


Test = Among | Number | Amounts | Truth


class Step(Strict):
    """Up to and including this much, this is asked for."""

    name: str
    up_to: Money
    line: int = 0

    def effect(self) -> Effect:
        return STEPS[self.name]


class ActionRow(Strict):
    """How much supervision an action needs before any rule adds to it."""

    mode: Mode
    rollout_percent: int = Field(default=100, ge=0, le=100)
    limits: dict[str, tuple[Step, ...]] | None = None
    """Rising steps per currency; above the last one: refuse."""
    allow: Effect | None = None
    """For an action without an amount."""
    line: int = 0


class Rule(Strict):
    """Where all of its tests hold, or cannot be told, its effect is added. It never takes anything away."""

    id: str
    actions: tuple[str, ...]
    when: tuple[Test, ...]
    then: Effect
    because: str
    line: int = 0


class Weighed(NamedTuple):
    """A hit with its effect as numbers, ready to be compared."""

    hit: Hit
    outcome: int
    confirm: bool
    role: int
    """0 for nobody, then ROLES from 1."""


def weigh(id: str, because: str, effect: Effect) -> Weighed:
    role = 0 if effect.approve_by is None else ROLES.index(effect.approve_by) + 1
    hit = Hit(id=id, because=because, effect=effect.in_words())
    return Weighed(hit, OUTCOMES.index(effect.outcome), effect.confirm, role)


class ReadyRule(NamedTuple):
    tests: tuple[Fires, ...]
    reads: tuple[str, ...]
    weighed: Weighed


class ReadyStep(NamedTuple):
    up_to: int
    weighed: Weighed
    proven: Weighed
    """The same, saying that the claim is proven."""


class Ready(NamedTuple):
    """One action of a policy, made ready for deciding."""

    mode: Mode
    allow: Weighed | None
    steps: Mapping[str, tuple[ReadyStep, ...]] | None
    above: Mapping[str, Weighed]
    """Per currency, what happens above the last step."""
    rules: tuple[ReadyRule, ...]


class Policy(Strict):
    """One version of the policy, complete and checked."""

    policy: str
    version: int
    """Given by publishing it; 0 for a draft."""
    actions: dict[str, ActionRow]
    rules: tuple[Rule, ...]
    digest: str
    """SHA-256 of the text it was loaded from."""

    @cached_property
    def ready(self) -> Mapping[str, Ready]:
        """Its actions made ready for deciding, once."""
        return {name: _ready(name, row, self.rules) for name, row in self.actions.items()}

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy is checked and made ready anew, so that it never decides by the rules of the original."""
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self)(**{**fields, **(update or {})})


def _ready(action: str, row: ActionRow, rules: tuple[Rule, ...]) -> Ready:
    limits = row.limits
    return Ready(
        mode=row.mode,
        allow=None if row.allow is None else weigh(f"allow.{action}", f"set for every {_words(action)}", row.allow),
        steps=None if limits is None else {currency: _steps(action, steps) for currency, steps in limits.items()},
        above={currency: weigh(f"limit.{action}.above", f"above {steps[-1].up_to}, the highest limit",
                               EFFECTS["refuse"]) for currency, steps in (limits or {}).items()},
        rules=tuple(ReadyRule(tuple(test.fires() for test in rule.when),
                              tuple(fact for test in rule.when for fact in test.reads()),
                              weigh(rule.id, rule.because, rule.then))
                    for rule in rules if action in rule.actions),
    )


def _steps(action: str, steps: tuple[Step, ...]) -> tuple[ReadyStep, ...]:
    ready = []
    below = ""
    for step in steps:
        name = step.name.removeprefix("approve by ")
        because = f"{below}up to {step.up_to}"
        ready.append(ReadyStep(step.up_to.amount, *(
            weigh(f"limit.{action}.{name}", reason, step.effect())
            for reason in (because, f"{because}, the claim is proven"))))
        below = f"above {step.up_to}, "
    return tuple(ready)


def _words(action: str) -> str:
    return action.replace("_", " ")
