"""Proves over all inputs what a policy can never do: its rules and the never-file as boxes, and whether they cover."""

from agent.policy.proof.difference import Change, difference, never_difference
from agent.policy.proof.prove import Counterexample, ProofBroken, prove
from agent.policy.proof.worries import Worry, worries

__all__ = [
    "Change", "Counterexample", "ProofBroken", "Worry", "difference", "never_difference", "prove", "worries",
]
