"""never.yaml loads whole or not at all, and each mistake is one sentence with its place and its mend."""

from __future__ import annotations

import pytest

from agent.policy import PolicyUnusable
from agent.policy.never import load_never, shipped_never_path

GOOD = """\
never:
  - id: disputed
    actions: [refund]
    when: {charge_state: {is: [disputed]}}
    at_least: refuse
    because: the bank decides
  - id: large
    actions: [refund]
    when: {amount: {over: {USD: 100}}}
    at_least: confirm and approve by lead
    because: the amount is large
  - {id: strangers, actions: all, at_least: someone, because: nobody is known}
"""


def mistakes(text: str) -> list[str]:
    with pytest.raises(PolicyUnusable) as caught:
        load_never(text)
    return [str(mistake) for mistake in caught.value.mistakes]


def test_a_good_never_file_loads_with_every_part() -> None:
    never = load_never(GOOD)
    assert [(entry.id, entry.actions, entry.at_least, len(entry.when), entry.line) for entry in never.entries] == [
        ("disputed", ("refund",), "refuse", 1, 2),
        ("large", ("refund",), "confirm and approve by lead", 1, 7),
        ("strangers", ("refund", "contact_change", "status_answer"), "someone", 0, 12),
    ]
    assert never.digest != load_never(GOOD + "# a comment\n").digest


def test_a_never_file_may_be_empty_on_purpose() -> None:
    assert load_never("never: []").entries == ()


def test_the_shipped_never_file_loads_and_explains_every_entry() -> None:
    entries = load_never(shipped_never_path().read_text()).entries
    assert len(entries) >= 15
    assert all(entry.because for entry in entries)


MISTAKES = {
    "misspelt fact": ("charge_state:", "charge_stat:",
        'line 4, column 12: "charge_stat" is not a fact; did you mean "charge_state"?'),
    "misspelt value": ("[disputed]", "[dispute]",
        'line 4, column 32: charge_state: "dispute" is not one of its values; did you mean "disputed"?'),
    "misspelt demand": ("at_least: refuse", "at_least: refse",
        'line 5, column 15: at_least: "refse" is not possible; did you mean "refuse"?'),
    "a demand that asks for nothing": ("at_least: refuse", "at_least: go ahead",
        'line 5, column 15: at_least: "go ahead" is not possible; write someone, confirm, approve by agent, confirm '
        "and approve by agent, approve by lead, confirm and approve by lead, approve by finance, confirm and approve "
        "by finance, refuse or escalate"),
    "misspelt action": ("id: disputed\n    actions: [refund]", "id: disputed\n    actions: [refnd]",
        'line 3, column 15: "refnd" is not an action Deskhand has; did you mean "refund"?'),
    "a fact the action does not have": ("id: disputed\n    actions: [refund]", "id: disputed\n    actions: all",
        "line 4, column 12: charge_state is not known for contact_change; write `actions: [refund, status_answer]`, or "
        "test another fact"),
    "double id": ("id: large", "id: disputed",
        'line 7, column 9: the never id "disputed" is used in line 2 already; rename one'),
    "double key": ("    at_least: refuse\n", "    at_least: refuse\n    at_least: confirm\n",
        'line 6, column 5: "at_least" is written twice, first in line 5; keep one of them'),
    "a policy's word for its demand": ("at_least: refuse", "then: refuse",
        'line 2, column 5: an entry has no at_least; add `at_least:`'),
    "tab": ("    because: the bank decides", "\tbecause: the bank decides", "line 6, column 1: a tab; use spaces"),
    "too fine an amount": ("USD: 100", "USD: 100.001",
        "line 9, column 33: USD cannot be 100.001, that is finer than its smallest unit; write 100"),
    "the policy's own limits": ("{over: {USD: 100}}", "{up_to: auto}",
        "line 9, column 28: amount: the word auto stands for a policy's own limits, which may change; write amounts "
        "here, as in `{up_to: {USD: 25}}`"),
    "no test": ("when: {charge_state: {is: [disputed]}}", "when: {}",
        "line 4, column 11: when holds no test; write at least one, as in `{evidence: {is: [E0]}}`"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_with_its_place_and_its_mend(name: str) -> None:
    old, new, sentence = MISTAKES[name]
    assert GOOD.count(old) == 1
    assert sentence in mistakes(GOOD.replace(old, new))


def test_an_empty_file_is_no_never_file() -> None:
    assert mistakes("# nothing yet\n") == ["line 1, column 1: the file is empty; write never"]


def test_a_policy_is_no_never_file() -> None:
    assert any("a never-file has no never" in one for one in mistakes("policy: deskhand\nactions: {}\nrules: []\n"))
