"""Does never.yaml hold whatever the facts are? If not: one set of facts per entry, action and duty, told in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from agent.policy.decide import Decision, decide
from agent.policy.duties import SCALES, Scale, rank
from agent.policy.facts import FactValue, known
from agent.policy.never import SOMEONE, Never, NeverEntry
from agent.policy.proof.boxes import boxes_of, may_hold, surely_hold
from agent.policy.proof.covering import point, simplest, uncovered
from agent.policy.proof.space import Box, Space
from agent.policy.proof.words import ask_in_words, done_in_words
from agent.policy.table import EFFECTS, Amounts, Effect, Policy

Duty = Literal["customer", "colleague", "either", "both"]


@dataclass(frozen=True)
class Counterexample:
    """Facts on which the policy asks for less than never.yaml demands; `decide` says so too."""

    entry: str
    line: int
    """Of the entry in never.yaml."""
    action: str
    duty: Duty
    """Whose part is missing; "either" when anybody's would do, "both" when it should not be done at all."""
    at_least: str
    facts: dict[str, FactValue]
    """None where the fact is not known."""
    uncertain: bool
    """The entry's tests cannot be told on these facts, and count as a match."""
    decision: Decision
    words: str


class ProofBroken(RuntimeError):
    """The boxes and `decide` do not say the same: a fault in Deskhand, never in a policy."""


class Demand(NamedTuple):
    """What an entry demands of one duty."""

    duty: Duty
    least: Mapping[Scale, int]
    """The rank on each scale that is enough."""

    def met_by(self, strictness: Effect | Decision) -> bool:
        return any(rank(strictness, scale) >= least for scale, least in self.least.items())


def demands(at_least: str) -> tuple[Demand, ...]:
    """One for each duty, so that each is proven on its own scale."""
    if at_least == SOMEONE:
        return (Demand("either", {"customer": 1, "colleague": 1}),)
    effect = EFFECTS[at_least]
    if effect.outcome != "go_ahead":
        return (Demand("both", {"customer": SCALES["customer"].index(effect.outcome)}),)
    scales: tuple[Scale, ...] = ("customer", "colleague")
    return tuple(Demand(scale, {scale: least}) for scale in scales if (least := rank(effect, scale)))


def prove(policy: Policy, never: Never) -> tuple[Counterexample, ...]:
    """Empty: proven for all inputs, also where facts are missing. An action the policy does not name is never done.

    Raises ProofBroken when `decide` does not confirm a counterexample.
    """
    space = Space([policy], (test for entry in never.entries for test in entry.when))
    ruled = {action: boxes_of(policy, action, space) for action in policy.actions}
    found = []
    for entry in never.entries:
        sure, counted = surely_hold(entry.when, space), may_hold(entry.when, space)
        for action in (action for action in entry.actions if action in ruled):
            for demand in demands(entry.at_least):
                rules = [one.box for one in ruled[action] if demand.met_by(one.effect)]
                left = _left(sure, counted, rules, space)
                if left is not None:
                    facts = point(left, action, space)
                    found.append(_confirmed(entry, action, demand, facts, policy))
    return tuple(found)


def _left(sure: Iterable[Box], counted: Sequence[Box], rules: Sequence[Box], space: Space) -> Box | None:
    """Best where the entry's tests are known to be true, else where they only count as a match."""
    if all(uncovered(box, rules, space) is None for box in counted):
        return None
    return next(left for box in (*sure, *counted) if (left := simplest(box, rules, space)) is not None)


def _confirmed(entry: NeverEntry, action: str, demand: Demand, facts: dict[str, FactValue],
               policy: Policy) -> Counterexample:
    decision = decide(action, facts, policy)
    answers = [test.fires()(known(facts)) for test in entry.when]
    if demand.met_by(decision) or False in answers:
        raise ProofBroken(f"{entry.id}: the proof found {action} on {facts}, but deciding gives {decision.in_words()}; "
                          "please report this, nothing was published")
    words = (f"{ask_in_words(action, facts, _tested(entry))} {done_in_words(decision)}; "
             f"never.yaml ({entry.id}) wants at least: {_wanted(entry, facts)}")
    return Counterexample(entry=entry.id, line=entry.line, action=action, duty=demand.duty, at_least=entry.at_least,
                          facts=facts, uncertain=None in answers, decision=decision, words=words)


def _tested(entry: NeverEntry) -> list[str]:
    return [test.fact for test in entry.when]


def _wanted(entry: NeverEntry, facts: Mapping[str, FactValue]) -> str:
    """Says also why the entry counts when its tests cannot be told."""
    missing = dict.fromkeys(name.replace("_", " ")
                            for test in entry.when for name in test.reads() if facts[name] is None)
    strange = any(isinstance(test, Amounts) and facts["currency"] not in (None, *test.amounts) for test in entry.when)
    words = entry.at_least if entry.at_least != SOMEONE else "someone is asked"
    words += f", also when {' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not known" if missing else ""
    return words + (f", for it names no amount in {facts['currency']}" if strange else "")
