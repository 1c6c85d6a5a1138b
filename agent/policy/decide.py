"""Facts in, decision out: no clock, network, model or database.

Limits grant, rules add. The strictest wins for each of the two duties; escalate is above refuse, refuse above any duty.
A missing fact counts as a match. Whatever goes wrong in here escalates.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Literal

from agent.policy.facts import FactValue, Known, NotThisFact, known
from agent.policy.table import EFFECTS, ROLES, Hit, Mode, Policy, Ready, Role, Strict, Weighed, weigh


class Decision(Strict):
    """How much supervision one action needs, by which rules. What a mode or a rollout makes of it comes afterwards."""

    outcome: Literal["go_ahead", "refuse", "escalate"]
    confirm: bool
    """The customer's yes is needed. Only with go_ahead."""
    approve_by: Role | None
    """A colleague of this role, or above, must approve. Only with go_ahead."""
    mode: Mode
    by: tuple[Hit, ...]
    """The rules and limit steps that decided."""
    also: tuple[Hit, ...] = ()
    """What applied as well and asked for less."""
    missing: tuple[str, ...] = ()
    """Facts that were not known and counted as a match."""
    policy: str
    version: int
    digest: str

    @property
    def unattended(self) -> bool:
        """Nobody needs to be asked."""
        return self.outcome == "go_ahead" and not self.confirm and self.approve_by is None

    def in_words(self, *, pressed: bool = False, watched: bool = False) -> str:
        """One line for a note: "Needs the customer's yes: above USD 25.00, up to USD 100.00 (rule limit…)".

        `pressed`: a colleague is asked whatever the rules say, in draft or outside the rollout. `watched`: nothing of
        it is done, in shadow.
        """
        reasons = "; ".join(f"{hit.because} (rule {hit.id})" for hit in self.by)
        words = f"{(pressed and self._pressed()) or self._what(watched=watched)}: {reasons}"
        if self.missing:
            words += f"; not known, so counted as a match: {', '.join(self.missing)}"
        return f"{words}; policy version {self.version}" if self.version else words

    def _what(self, *, watched: bool) -> str:
        if self.outcome == "refuse":
            return "Would not be done, a person would answer" if watched else "Not done, a person answers"
        if self.outcome == "escalate":
            return "Would be handed to a person" if watched else "Handed to a person"
        if self.unattended:
            return "Would be done without asking" if watched else "Done without asking"
        return f"{'Would need' if watched else 'Needs'} {self.asked()}"

    def _pressed(self) -> str:
        """Why a colleague is asked; empty where a rule asks one anyway, or nothing goes ahead."""
        why = WHY_PRESSED.get(self.mode)
        if why is None or self.outcome != "go_ahead" or self.approve_by is not None:
            return ""
        return f"{f'Needs {self.asked()}, and' if self.confirm else 'Would need nobody, but'} {why}, so a colleague " \
               "approves it"

    def asked(self) -> str:
        """Whose agreement is needed: "the customer's yes and a lead's approval"; empty for nobody's."""
        duties = ["the customer's yes"] if self.confirm else []
        duties += [f"{APPROVER[self.approve_by]} approval"] if self.approve_by else []
        return " and ".join(duties)


WHY_PRESSED: Mapping[Mode, str] = {"draft": "this action is in draft",
                                   "execute": "this customer is outside the rollout"}
"""Why a colleague is asked whom no rule asks for, by the action's mode."""
APPROVER = {"agent": "a colleague's", "lead": "a lead's", "finance": "finance's"}
NO_POLICY = weigh("engine.no_policy", "no policy is in force", EFFECTS["escalate"])
NO_ACTION = weigh("engine.no_action", "the policy does not name this action", EFFECTS["refuse"])
NO_AMOUNT = weigh("limit.amount", "the amount or its currency is not known", EFFECTS["refuse"])
NO_CURRENCY = weigh("limit.currency", "no limits are set for this currency", EFFECTS["refuse"])


def decide(action: str, facts: Mapping[str, FactValue], policy: Policy | None) -> Decision:
    """Never raises: an unusable fact or any error in here is a decision to escalate, `by` engine.error."""
    if policy is None:
        return _decision([NO_POLICY], [], None, "off")
    try:
        ready = policy.ready.get(action)
        if ready is None:
            return _decision([NO_ACTION], [], policy, "off")
        return _decide(ready, known(facts), policy)
    except NotThisFact as error:
        return _error(action, str(error), policy)
    except Exception as error:  # noqa: BLE001  an error in a decision must end with a person, whatever it is
        return _error(action, f"deciding failed with {type(error).__name__}", policy)


def _decide(ready: Ready, known: Known, policy: Policy) -> Decision:
    missing: list[str] = []
    hits = [_granted(ready, known, missing)]
    for tests, reads, weighed in ready.rules:
        unsure = False
        for fires in tests:
            answer = fires(known)
            if answer is False:
                break
            if answer is None:
                unsure = True
        else:
            hits.append(weighed)
            if unsure:
                missing += [fact for fact in reads if fact not in known]
    return _decision(hits, missing, policy, ready.mode)


def _granted(ready: Ready, known: Known, missing: list[str]) -> Weighed:
    """What the limits, or `allow`, ask for; without a limit to go by: refuse."""
    if ready.steps is None:
        return ready.allow or NO_ACTION
    amount, currency = known.get("amount"), known.get("currency")
    if amount is None or currency is None:
        missing += [fact for fact in ("amount", "currency") if fact not in known]
        return NO_AMOUNT
    steps = ready.steps.get(currency)
    if steps is None:
        return NO_CURRENCY
    for step in steps:
        if amount <= step.up_to:
            return step.proven if known.get("claim_proven") is True else step.weighed
    return ready.above[currency]


def _decision(hits: list[Weighed], missing: list[str], policy: Policy | None, mode: Mode) -> Decision:
    """The strictest of each kind; every hit is kept, in `by` when it decided, else in `also`."""
    outcome = max(hit.outcome for hit in hits)
    going = outcome == 0
    confirm = going and any(hit.confirm for hit in hits)
    role = max(hit.role for hit in hits) if going else 0
    if not going:
        deciding = [hit.outcome == outcome for hit in hits]
    elif confirm or role:
        deciding = [(confirm and hit.confirm) or 0 < hit.role == role for hit in hits]
    else:
        deciding = [True] * len(hits)
    return Decision(
        outcome=("go_ahead", "refuse", "escalate")[outcome],
        confirm=confirm,
        approve_by=ROLES[role - 1] if role else None,
        mode=mode,
        by=tuple(hit.hit for hit, decided in zip(hits, deciding, strict=True) if decided),
        also=tuple(hit.hit for hit, decided in zip(hits, deciding, strict=True) if not decided),
        missing=tuple(dict.fromkeys(missing)),
        policy=policy.policy if policy else "",
        version=policy.version if policy else 0,
        digest=policy.digest if policy else "",
    )


def _error(action: str, because: str, policy: Policy) -> Decision:
    row = policy.actions.get(action) if isinstance(action, str) else None
    return _decision([weigh("engine.error", because, EFFECTS["escalate"])], [], policy, row.mode if row else "off")


def in_rollout(policy: Policy, action: str, customer: str) -> bool:
    """Whether this customer's actions are carried out already; a customer keeps their side from version to version.

    Outside, a go-ahead becomes a draft. Without a customer, or an action the policy does not name: outside.
    """
    row = policy.actions.get(action)
    if row is None or not customer:
        return False
    name = f"{policy.policy}:{action}:{customer}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.sha256(name).digest()) % 100 < row.rollout_percent
