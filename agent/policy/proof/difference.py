"""What an edit changes, over all inputs: each change of a duty once, with one example that `decide` confirms.

Exact per action and duty: whatever the facts, how strict a decision is towards the customer, and towards colleagues,
changes only as one of the changes says. Edits of texts or of the order change nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from agent.policy.decide import Decision, decide
from agent.policy.duties import SCALES, Scale, duties, looser, rank
from agent.policy.facts import FactValue, known
from agent.policy.never import SOMEONE, Never, NeverEntry
from agent.policy.proof.boxes import Ruled, at_least, boxes_of, may_hold
from agent.policy.proof.covering import point, simplest, uncovered
from agent.policy.proof.prove import Demand, ProofBroken, demands
from agent.policy.proof.space import Box, Space, meet
from agent.policy.proof.words import ask_in_words
from agent.policy.table import EFFECTS, MODES, ActionRow, Policy


@dataclass(frozen=True, kw_only=True)
class Change:
    """One thing that would be otherwise, in words, with an example where facts make the difference."""

    action: str
    what: Literal["duty", "mode", "rollout", "action", "never"]
    was: str
    becomes: str
    example: str
    """What it is about: the ask it shows on, or the setting."""
    looser: bool
    """Something needs less than it did; then a second person must agree."""
    words: str
    facts: Mapping[str, FactValue] | None = None
    """None for a fact that is not known."""
    before: Decision | None = None
    after: Decision | None = None


def difference(old: Policy, new: Policy) -> tuple[Change, ...]:
    """Everything that the new policy does otherwise, what becomes looser first. Raises ProofBroken as `prove`."""
    changes: list[Change] = []
    for action in dict.fromkeys((*old.actions, *new.actions)):
        before, after = old.actions.get(action), new.actions.get(action)
        if before and after:
            changes += _duties(action, old, new)
            changes += _switched(action, before, after)
            changes += _drawn_anew(action, before, after, old.policy != new.policy)
        else:
            changes.append(_named(action, before, after))
    return tuple(sorted(changes, key=lambda change: not change.looser))


def _named(action: str, before: ActionRow | None, after: ActionRow | None) -> Change:
    """An action that the policy did not name, or names no longer; one that is not named is refused."""
    row = after or before
    assert row is not None, "one of the two names it"  # noqa: S101
    name = action.replace("_", " ")
    words = (f"{name}: is named now, in mode {row.mode}; it was refused before" if after else
             f"{name}: is no longer named, and so refused")
    return Change(action=action, what="action", example=name, was="named" if before else "not named",
                  becomes="named" if after else "not named", looser=after is not None, words=words)


def _switched(action: str, before: ActionRow, after: ActionRow) -> Iterator[Change]:
    name = action.replace("_", " ")
    if before.mode != after.mode:
        yield Change(action=action, what="mode", example=f"{name}: mode", was=before.mode, becomes=after.mode,
                     looser=MODES.index(after.mode) > MODES.index(before.mode),
                     words=f"{name}: the mode was {before.mode}, and would be {after.mode}")
    was, becomes = before.rollout_percent, after.rollout_percent
    if was != becomes:
        yield Change(action=action, what="rollout", example=f"{name}: customers in the rollout", was=f"{was} %",
                     becomes=f"{becomes} %", looser=becomes > was,
                     words=f"{name}: {was} % of the customers were in the rollout, and {becomes} % would be")


def _drawn_anew(action: str, before: ActionRow, after: ActionRow, renamed: bool) -> Iterator[Change]:
    """Who is in the rollout follows from the policy's name: under another one, customers get in who were not."""
    if renamed and after.rollout_percent and before.rollout_percent < 100:
        name = action.replace("_", " ")
        yield Change(action=action, what="rollout", example=f"{name}: customers in the rollout", was="chosen before",
                     becomes="chosen anew", looser=True,
                     words=f"{name}: the policy has another name, so other customers would be in the rollout")


def _duties(action: str, old: Policy, new: Policy) -> list[Change]:
    """One per pair of whole outcomes; together they show every change on either scale."""
    space = Space([old, new])
    sides = boxes_of(old, action, space), boxes_of(new, action, space)
    if set(map(_key, sides[0])) == set(map(_key, sides[1])):
        return []
    found: dict[tuple[str, str], Change] = {}
    for scale in SCALES:
        for box in _changed(scale, *sides, space):
            change = _confirmed(action, scale, point(box, action, space), old, new)
            found.setdefault((change.was, change.becomes), change)
    return list(found.values())


def _key(ruled: Ruled) -> tuple[frozenset[tuple[str, int]], str]:
    return frozenset(ruled.box.items()), ruled.effect.in_words()


def _changed(scale: Scale, old: Sequence[Ruled], new: Sequence[Ruled], space: Space) -> Iterator[Box]:
    """For each rank that becomes another one on this scale: a box where it does."""
    ranks = range(len(SCALES[scale]))
    for was in ranks:
        for becomes in ranks:
            box = _example(scale, (old, was), (new, becomes), space) if was != becomes else None
            if box is not None:
                yield box


def _example(scale: Scale, old: tuple[Sequence[Ruled], int], new: tuple[Sequence[Ruled], int],
             space: Space) -> Box | None:
    """Where the old rules come to exactly one rank and the new ones to another; best with nothing on the other scale.

    The stricter of the two must come from a rule that the other side has not.
    """
    strict, weak = (old, new) if old[1] > new[1] else (new, old)
    also = {frozenset(one.box.items()) for one in weak[0] if rank(one.effect, scale) >= strict[1]}
    only = [box for box in _exactly(*strict, scale) if frozenset(box.items()) not in also]
    starts = [both for box in only for other in (_exactly(*weak, scale) if weak[1] else [{}])
              if (both := meet(box, other)) is not None]
    above = [box for rules, most in (old, new) for box in at_least(rules, scale, most + 1)]
    other: Scale = "colleague" if scale == "customer" else "customer"
    plain = [*above, *(box for rules, _ in (old, new) for box in _duties_alone(rules, other))]
    return _first(starts, plain, space) or _first(starts, above, space)


def _exactly(rules: Iterable[Ruled], rank_: int, scale: Scale) -> list[Box]:
    return [one.box for one in rules if rank(one.effect, scale) == rank_]


def _duties_alone(rules: Iterable[Ruled], scale: Scale) -> list[Box]:
    """Where this scale has a duty; a refusal stands on both scales and is left to the other one."""
    return [one.box for one in rules if one.effect.outcome == "go_ahead" and rank(one.effect, scale)]


def _first(starts: Iterable[Box], rules: Sequence[Box], space: Space) -> Box | None:
    left = next((box for box in starts if uncovered(box, rules, space) is not None), None)
    return None if left is None else simplest(left, rules, space)


def _confirmed(action: str, scale: Scale, facts: dict[str, FactValue], old: Policy, new: Policy) -> Change:
    before, after = decide(action, facts, old), decide(action, facts, new)
    if rank(before, scale) == rank(after, scale):
        raise ProofBroken(f"the comparison found {action} on {facts}, but deciding gives {duties(before)} both times; "
                          "please report this")
    ask = ask_in_words(action, facts, ["claim_proven"] if "claim_proven" in facts else []).rstrip(",")
    return Change(action=action, what="duty", example=ask, was=duties(before), becomes=duties(after),
                  looser=looser(after, before), words=f"{ask}: {_was(before)}, {_would(after)}", facts=facts,
                  before=before, after=after)


def _was(decision: Decision) -> str:
    if decision.unattended:
        return "was done without anyone"
    return f"needed {duties(decision)}" if decision.outcome == "go_ahead" else f"was {duties(decision)}"


def _would(decision: Decision) -> str:
    if decision.unattended:
        return "would be done without anyone"
    return f"would need {duties(decision)}" if decision.outcome == "go_ahead" else f"would be {duties(decision)}"


def never_difference(old: Never, new: Never) -> tuple[Change, ...]:
    """What never.yaml no longer demands, first, and what it demands anew; per entry and action, with an example."""
    space = Space([], [test for never in (old, new) for entry in never.entries for test in entry.when])
    gone = [change for entry in old.entries for change in _undemanded(entry, old, new, space)]
    come = [change for entry in new.entries for change in _undemanded(entry, new, old, space, demanded_now=True)]
    return (*gone, *come)


def _undemanded(entry: NeverEntry, having: Never, other: Never, space: Space, *,
                demanded_now: bool = False) -> Iterator[Change]:
    """Where the other file does not demand what this entry of `having` does."""
    for action in entry.actions:
        facts = _not_implied(entry, action, other, space)
        if facts is None:
            continue
        with_it, without = _demanded(having, action, facts), _demanded(other, action, facts)
        was, becomes = (without, with_it) if demanded_now else (with_it, without)
        ask = ask_in_words(action, facts).rstrip(",")
        yield Change(action=action, what="never", example=f"{ask} (never.yaml, {entry.id})", was=was, becomes=becomes,
                     looser=not demanded_now, facts=facts,
                     words=f"{ask}: never.yaml wanted {was}, and would want {becomes} ({entry.id})")


def _not_implied(entry: NeverEntry, action: str, other: Never, space: Space) -> dict[str, FactValue] | None:
    for demand in demands(entry.at_least):
        implied = [box for one in other.entries if action in one.actions and _implies(one.at_least, demand)
                   for box in may_hold(one.when, space)]
        left = _first(may_hold(entry.when, space), implied, space)
        if left is not None:
            return point(left, action, space)
    return None


def _implies(at_least: str, demand: Demand) -> bool:
    return demand.duty == "either" if at_least == SOMEONE else demand.met_by(EFFECTS[at_least])


def _demanded(never: Never, action: str, facts: dict[str, FactValue]) -> str:
    """What the file demands on these facts, without what the rest contains: "at least refuse"."""
    found = known(facts)
    wanted = list(dict.fromkeys(entry.at_least for entry in never.entries if action in entry.actions
                                and all(test.fires()(found) is not False for test in entry.when)))
    strongest = [one for one in wanted if not any(_contains(other, one) for other in wanted if other != one)]
    words = ["someone to be asked" if one == SOMEONE else f"at least {one}" for one in strongest]
    return " as well as ".join(words) or "nothing"


def _contains(at_least: str, other: str) -> bool:
    """Whether one demand fulfils all of another."""
    return all(_implies(at_least, demand) for demand in demands(other))
