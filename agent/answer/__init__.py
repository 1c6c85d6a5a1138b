"""What a customer's reply says to the question whether we may go ahead."""

from agent.answer.reading import Answer, read_answer

__all__ = ["Answer", "read_answer"]
