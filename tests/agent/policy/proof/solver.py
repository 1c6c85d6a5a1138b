"""A second opinion: the meaning of policy.yaml and never.yaml as formulas for z3, written from the words of the files.

It knows nothing of boxes or of loaded policies: it takes the plain tables as they are written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import z3  # type: ignore[import-untyped]

from agent.policy import FACTS
from tests.agent.policy.proof.tables import STEPS, minor, texts

Verdict = tuple[str, str, str]
"""Entry, action, duty."""

ANOTHER = 99
"""Any text that is not mentioned."""


def ranks(words: str) -> dict[str, int]:
    """How strict these words are towards the customer's duty and the colleague's."""
    if words in ("refuse", "escalate"):
        top = int(words == "escalate")
        return {"customer": 2 + top, "colleague": 4 + top}
    role = next((n for n, role in enumerate(("agent", "lead", "finance"), 1) if words.endswith(f"by {role}")), 0)
    return {"customer": int(words.startswith("confirm")), "colleague": role}


def step_ranks(step: str) -> dict[str, int]:
    """Steps add up: every one above `auto` asks the customer as well."""
    return {"customer": int(step != "auto"), "colleague": max(0, STEPS.index(step) - 1)}


class SecondOpinion:
    """One solver for many policies; what is known about every fact is told to it once."""

    def __init__(self) -> None:
        self.known = {name: z3.Bool(f"{name}?") for name in FACTS}
        self.value = {name: z3.Bool(name) if fact.kind == "bool" else z3.Int(name)
                      for name, fact in FACTS.items() if fact.kind != "set"}
        self.has = {name: {one.casefold(): z3.Bool(f"{name} has {one.casefold()}") for one in texts(name)}
                    for name, fact in FACTS.items() if fact.kind == "set"}
        self.number = {name: {one: n for n, one in enumerate(sorted({self.folded(name, one) for one in texts(name)}))}
                       for name, fact in FACTS.items() if fact.kind == "enum"}
        self.solver = z3.Solver()
        self.solver.add(*self.possible())

    def folded(self, name: str, text: str) -> str:
        return text.casefold() if FACTS[name].domain is None else text

    def possible(self) -> list[Any]:
        """Every fact in its range, and no total smaller than what it includes."""
        found = []
        for name, fact in FACTS.items():
            if fact.kind in ("int", "money"):
                found.append(z3.And(self.value[name] >= fact.least, self.value[name] <= fact.most))
            elif fact.kind == "enum":
                rest = () if fact.domain == frozenset(texts(name)) else (ANOTHER,)
                found.append(z3.Or(*(self.value[name] == n for n in (*self.number[name].values(), *rest))))
        for small, large in (("amount", "customer_day_total"), ("amount", "customer_30d_total"),
                             ("amount", "desk_day_total"), ("customer_day_total", "customer_30d_total"),
                             ("customer_day_total", "desk_day_total"),
                             ("customer_day_refunds", "customer_30d_refunds")):
            found.append(z3.Implies(z3.And(self.known[small], self.known[large]),
                                    self.value[small] <= self.value[large]))
        return found

    def holds(self, when: Mapping[str, Any], auto: Mapping[str, int], surely: bool) -> Any:
        tests = [self.test(name, op, said, auto, surely)
                 for name, test in when.items()
                 for op, said in (test.items() if isinstance(test, dict) else [("", test)])]
        return z3.And(*tests)

    def test(self, name: str, op: str, said: Any, auto: Mapping[str, int], surely: bool) -> Any:
        known = [self.known[name]]
        if FACTS[name].kind == "set":
            true = z3.Or(*(self.has[name][one.casefold() if FACTS[name].domain is None else one] for one in said))
        elif FACTS[name].kind == "bool":
            true = self.value[name] if said else z3.Not(self.value[name])
        elif FACTS[name].kind == "enum":
            among = z3.Or(*(self.value[name] == self.number[name][self.folded(name, one)] for one in said))
            true = among if op == "is" else z3.Not(among)
        elif FACTS[name].kind == "int":
            true = self.value[name] > said if op == "over" else self.value[name] < said
        else:
            amounts = auto if said == "auto" else {one: minor(amount, one) for one, amount in said.items()}
            known += [self.known["currency"], z3.Or(*(self.currency(one) for one in amounts))]
            true = z3.And(*(z3.Implies(self.currency(one), self.value[name] > amount if op == "over"
                                       else self.value[name] <= amount) for one, amount in amounts.items()))
        return z3.And(*known, true) if surely else z3.Or(*(z3.Not(one) for one in known), true)

    def currency(self, code: str) -> Any:
        return self.value["currency"] == self.number["currency"][code]

    def granted(self, row: Mapping[str, Any], scale: str, least: int) -> Any:
        """Where `limits`, or `allow`, ask for at least this much."""
        refused = z3.BoolVal(ranks("refuse")[scale] >= least)
        if "allow" in row:
            return z3.BoolVal(ranks(row["allow"])[scale] >= least)
        told = [z3.And(refused, z3.Or(z3.Not(self.known["amount"]), z3.Not(self.known["currency"]),
                                      z3.Not(z3.Or(*(self.currency(one) for one in row["limits"])))))]
        usable = z3.And(self.known["amount"], self.known["currency"])
        for code, steps in row["limits"].items():
            enough, below = [], 0
            for step, amount in steps.items():
                inside = z3.And(self.value["amount"] > below, self.value["amount"] <= minor(amount, code))
                enough.append(z3.And(inside, z3.BoolVal(step_ranks(step)[scale] >= least)))
                below = minor(amount, code)
            enough.append(z3.And(refused, self.value["amount"] > below))
            told.append(z3.And(usable, self.currency(code), z3.Or(*enough)))
        return z3.Or(*told)

    def at_least(self, policy: Mapping[str, Any], action: str, scale: str, least: int) -> Any:
        auto = auto_limits(policy)
        rules = [self.holds(rule["when"], auto, surely=False) for rule in policy["rules"]
                 if action in rule["actions"] and ranks(rule["then"])[scale] >= least]
        return z3.Or(self.granted(policy["actions"][action], scale, least), *rules)

    def broken(self, policy: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], surely: bool) -> set[Verdict]:
        """The entries that some facts break; surely: facts on which the entry's tests are known to be true."""
        found = set()
        for entry in entries:
            there = self.holds(entry.get("when", {}), {}, surely)
            for action in entry["actions"]:
                for duty, enough in self.demanded(policy, action, entry["at_least"]).items():
                    if self.solver.check(z3.And(there, z3.Not(enough))) == z3.sat:
                        found.add((entry["id"], action, duty))
        return found

    def demanded(self, policy: Mapping[str, Any], action: str, at_least: str) -> dict[str, Any]:
        if at_least == "someone":
            return {"either": z3.Or(self.at_least(policy, action, "customer", 1),
                                    self.at_least(policy, action, "colleague", 1))}
        wanted = ranks(at_least)
        if at_least in ("refuse", "escalate"):
            return {"both": z3.And(*(self.at_least(policy, action, scale, least) for scale, least in wanted.items()))}
        return {scale: self.at_least(policy, action, scale, least) for scale, least in wanted.items() if least}


def auto_limits(policy: Mapping[str, Any]) -> dict[str, int]:
    limits = policy["actions"]["refund"]["limits"]
    return {code: minor(steps.get("auto", 0), code) for code, steps in limits.items()}
