"""Whose yes an action needs, how it is asked for, and what an answer allows: exactly that, once."""
