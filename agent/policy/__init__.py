"""The written policy: facts in, a decision out, with the rules that made it."""

from agent.policy.decide import WHY_PRESSED, Decision, decide, in_rollout
from agent.policy.facts import ACTIONS, FACTS, ContactDetail, Fact, FactValue, contact_detail
from agent.policy.loading import load, load_file, read_text, shipped_policy_path
from agent.policy.mistakes import Mistake, Place, PolicyUnusable
from agent.policy.table import ROLES, Effect, Hit, Mode, Policy, Role, Rule

__all__ = [
    "ACTIONS", "FACTS", "ROLES", "WHY_PRESSED", "ContactDetail", "Decision", "Effect", "Fact", "FactValue", "Hit",
    "Mistake", "Mode", "Place", "Policy", "PolicyUnusable", "Role", "Rule", "contact_detail", "decide", "in_rollout",
    "load", "load_file", "read_text", "shipped_policy_path",
]
