"""Proves over all inputs what a policy can never do: its rules and the never-file as boxes, and whether they cover."""

from agent.policy.proof.prove import Counterexample, ProofBroken, prove

__all__ = ["Counterexample", "ProofBroken", "prove"]
