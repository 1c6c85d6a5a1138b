"""What loads and makes no sense: rules that can never matter, and limits that no one can reach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from agent.policy.duties import SCALES, rank
from agent.policy.proof.boxes import Ruled, at_least, boxes_of, surely_hold
from agent.policy.proof.covering import possible, uncovered
from agent.policy.proof.space import Box, Space
from agent.policy.table import ActionRow, Policy, Rule, Step


class Worry(NamedTuple):
    """One sentence with its line in policy.yaml and what to do; the policy can be used as it is."""

    line: int
    sentence: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.sentence}"


def worries(policy: Policy) -> tuple[Worry, ...]:
    """In the order of the lines; none for a policy of which every rule and limit can matter."""
    space = Space([policy])
    ruled = {action: boxes_of(policy, action, space) for action in policy.actions}
    found = [*_rules(policy, ruled, space)]
    for action, row in policy.actions.items():
        found += _limits(action, row, ruled[action], space)
    return tuple(sorted(found))


def _rules(policy: Policy, ruled: dict[str, tuple[Ruled, ...]], space: Space) -> Iterator[Worry]:
    """The later of two rules that make each other needless is the one that is told."""
    dead: set[str] = set()
    for rule in reversed(policy.rules):
        if not any(possible(box, space) for box in surely_hold(rule.when, space)):
            yield Worry(rule.line, f"the rule {rule.id} can never apply to facts that are known, for its tests "
                                   "exclude each other; mend its `when`, or remove the rule")
            continue
        alive = {action: [one for one in ruled[action] if one.id not in dead] for action in rule.actions}
        if all(_needless(rule, alive[action], space) for action in rule.actions):
            dead.add(rule.id)
            yield Worry(rule.line, f"the rule {rule.id} can never matter: wherever it applies, "
                                   f"{_names(_covering(rule, alive, space))} as much or more; remove it, or change its "
                                   "`when` or `then`")


def _needless(rule: Rule, ruled: Sequence[Ruled], space: Space) -> bool:
    """Others ask at least as much on every scale wherever it applies."""
    mine = [one for one in ruled if one.id == rule.id]
    others = [one for one in ruled if one.id != rule.id]
    return all(uncovered(one.box, at_least(others, scale, asked), space) is None
               for scale in SCALES if (asked := rank(rule.then, scale)) for one in mine)


def _covering(rule: Rule, alive: dict[str, list[Ruled]], space: Space) -> list[str]:
    """The others that it takes, none of them too many."""
    needed = list(dict.fromkeys(one.id for ruled in alive.values() for one in ruled if one.id != rule.id))
    for id in reversed(tuple(needed)):
        fewer = [other for other in needed if other != id]
        if all(_needless(rule, [one for one in ruled if one.id in (rule.id, *fewer)], space)
               for ruled in alive.values()):
            needed = fewer
    return needed


def _names(ids: Iterable[str]) -> str:
    """"vip asks", "vip and the limits ask"."""
    names = list(dict.fromkeys(_name(id) for id in ids))
    if len(names) == 1:
        return f"{names[0]} {'ask' if names[0] == 'the limits' else 'asks'}"
    return f"{', '.join(names[:-1])} and {names[-1]} ask"


def _name(id: str) -> str:
    return "the limits" if id.startswith("limit.") else "`allow`" if id.startswith("allow.") else id


def _limits(action: str, row: ActionRow, ruled: Sequence[Ruled], space: Space) -> Iterator[Worry]:
    currencies, amounts = space.dimensions["currency"], space.dimensions["amount"]
    for code, steps in (row.limits or {}).items():
        below, out_of_reach = 0, []
        for step in steps:
            within = amounts.above(below) & amounts.up_to(step.up_to.amount)
            box: Box = {"currency": currencies.bits([code]), "amount": within}
            if not within or uncovered(box, _stricter(step, ruled), space) is None:
                out_of_reach.append(step)
            below = step.up_to.amount
        if steps and len(out_of_reach) == len(steps):
            yield Worry(steps[0].line, f"no limit of {action} in {code} can be reached, for something stricter always "
                                       f"applies; remove {code}, or the rule that is in the way")
        else:
            yield from (Worry(step.line, _unreached(action, code, step)) for step in out_of_reach)


def _stricter(step: Step, ruled: Sequence[Ruled]) -> list[Box]:
    """Where more is asked than the step's last duty; of auto, where anything is."""
    effect = step.effect()
    if effect.approve_by:
        return at_least(ruled, "colleague", rank(effect, "colleague") + 1)
    customer = at_least(ruled, "customer", rank(effect, "customer") + 1)
    return customer if effect.confirm else [*customer, *at_least(ruled, "colleague", 1)]


def _unreached(action: str, code: str, step: Step) -> str:
    if step.up_to.amount == 0:
        return f"{step.name} up to {step.up_to} lets nothing through; raise it, or leave {step.name} away"
    never = "nothing is ever done without asking" if step.name == "auto" else f"`{step.name}` is never enough"
    return (f"the limit {step.name} {step.up_to} of {action} cannot be reached: {never} there, for something stricter "
            "always applies; remove it, or the rule that is in the way")
