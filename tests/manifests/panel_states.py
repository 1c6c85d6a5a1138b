"""The states that the Lightning component is tried on, checked by the API's own models: written as JSON for its tests.

`python -m tests.manifests.panel_states` writes them anew.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from agent.consent.shown import State, Waiting
from tests.browser.states import ADMIN, EARLIER, LATER, STATES, WAITS, card, money, state

AT = (Path(__file__).parents[2] / "manifests" / "salesforce" / "force-app" / "main" / "default" / "lwc"
      / "deskhandPanel" / "__tests__" / "data" / "states.json")
CASE = "500000000000001AAA"
ORG = "00D000000000001AAA"
ANOTHER = "500000000000002AAA"
MORE: dict[str, dict[str, Any]] = {
    "waiting_for_the_customer": state("waiting", "The customer was asked.", cards=[card(
        for_whom="customer", for_whom_words="The customer must say yes", may_i=False, may_decline=False,
        why_not="The customer is asked.", highest=None, lowest=None)]),
    "held": state("held", "Nobody knows yet whether the refund happened. Look at Stripe."),
    "idle": state(),
    "answered": state("answered", "The customer's question was answered."),
    "handed_over": state("handed_over", "A person goes on from here."),
    "refused": state("refused", "This is for a person to decide."),
    "paused": state("paused", "", paused="Everything is paused by Ana Admin: month's end."),
    "changed_since": state("waiting", WAITS, cards=[card(
        digest="e" * 64, title="Refund USD 40.00", amount=money(4000), highest=money(4000))], digest="t" * 64),
    "second_yes": state("waiting", WAITS, me=ADMIN, cards=[card(approved_by="Lea Lead", wrote_again=True)]),
}
ELSEWHERE = {
    "items": [
        {"what": "approval", "ticket": f"salesforce:{ORG}:{ANOTHER}", "title": "Refund USD 12.00", "may_i": True,
         "link": f"https://acme.lightning.force.com/lightning/r/Case/{ANOTHER}/view", "expires_at": LATER,
         "for_whom_words": "A colleague must approve it", "since": EARLIER},
        {"what": "held", "ticket": f"salesforce:{ORG}:{CASE}", "title": "Refund", "may_i": False, "expires_at": None,
         "link": f"https://acme.lightning.force.com/lightning/r/Case/{CASE}/view", "since": EARLIER,
         "for_whom_words": "Nobody knows yet whether it happened: look at the vendor"},
    ],
    "more": True,
}


def of_a_case(told: dict[str, Any]) -> dict[str, Any]:
    """The same state of a Salesforce case, as the API would write it."""
    link = f"https://acme.lightning.force.com/lightning/r/Case/{CASE}/view"
    return State.model_validate({**told, "ticket": f"salesforce:{ORG}:{CASE}", "link": link}).model_dump(mode="json")


def written() -> str:
    states = {name: of_a_case(told) for name, told in {**STATES, **MORE}.items()}
    return json.dumps({"caseId": CASE, "states": states,
                       "waiting": Waiting.model_validate(ELSEWHERE).model_dump(mode="json")}, indent=4,
                      ensure_ascii=False) + "\n"


if __name__ == "__main__":
    AT.parent.mkdir(parents=True, exist_ok=True)
    AT.write_text(written())
