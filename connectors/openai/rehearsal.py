"""What this model shows of our unverified sentences, with one tiny question."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.contract import Surroundings
from connectors.openai.checks import asked
from connectors.openai.settings import OpenAISettings
from connectors.parts import House, Seen


class OpenAIRehearsal:
    """Implements the Rehearsal of connectors.parts."""

    def __init__(self, settings: OpenAISettings, around: Surroundings, house: House) -> None:
        self._settings = settings
        self._around = around

    def begin(self) -> str:
        return ""

    def end(self, made: str) -> None:
        """Nothing was made."""

    def look(self, made: str) -> Iterator[Seen]:
        said = asked(self._settings, self._around)
        yield Seen("max-completion-tokens", "true", f"the model {said.model} took max_completion_tokens")
        sent = bool(said.request_id)
        yield Seen("request-id", "true" if sent else "false",
                   f"its server sent {'an' if sent else 'no'} x-request-id")
