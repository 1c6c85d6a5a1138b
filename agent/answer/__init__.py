"""What a customer's reply says to the question whether we may go ahead."""

from agent.answer.ours import without_disclosure
from agent.answer.reading import Answer, only_no, only_thanks, read_answer

__all__ = ["Answer", "only_no", "only_thanks", "read_answer", "without_disclosure"]
