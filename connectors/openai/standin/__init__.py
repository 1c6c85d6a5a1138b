"""The model API's stand-in: answers that were queued, or a fixed keyword reading of what it was sent."""

from connectors.openai.standin.rules import OpenAIRules

__all__ = ["OpenAIRules"]
