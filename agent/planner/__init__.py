"""Who reads a ticket and proposes actions: a model where one is set up, rules where none is."""

from agent.planner.model import PROMPT_VERSION, ModelPlanner
from agent.planner.rules import RULES_VERSION, RulesPlanner

__all__ = ["PROMPT_VERSION", "RULES_VERSION", "ModelPlanner", "RulesPlanner"]
