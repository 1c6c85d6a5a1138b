"""What a language model must offer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from connectors.contract.frozen import Frozen


class Completion(Frozen):
    answer: dict[str, Any]
    model: str
    tokens_in: int
    tokens_out: int
    request_id: str | None = None


class Model(Protocol):
    """A language model that answers in a given JSON schema."""

    vendor: str
    name: str

    def complete(self, instructions: str, text: str, *, schema: Mapping[str, Any], title: str) -> Completion:
        """One call. Raises Unavailable (timeout, 429, 5xx) or ModelUnusable (refusal, truncated, not JSON)."""
