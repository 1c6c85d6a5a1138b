"""What `deskhand doctor` asks the model: one tiny question, whose answer must follow its schema."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from connectors.contract import Completion, ModelUnusable, Surroundings
from connectors.openai.model import OpenAIModel
from connectors.openai.settings import OpenAISettings
from connectors.parts import Finding, House

SCHEMA = {"type": "object",
          "properties": {"ready": {"type": "boolean"}, "colour": {"type": "string", "enum": ["blue"]}},
          "required": ["ready", "colour"], "additionalProperties": False}
"""With a value that no question suggests: who answers it keeps to the schema."""
TRIES_ANOTHER = ("Set OPENAI_MODEL to a model with structured output (JSON schema, strict); until then people get the "
                 "tickets it is asked about.")


def asked(settings: OpenAISettings, around: Surroundings) -> Completion:
    """One call of about a hundred tokens. Raises Unavailable or ModelUnusable."""
    return OpenAIModel(settings, around).complete("You are being tested. Answer in the given schema.", "Are you ready?",
                                                  schema=SCHEMA, title="test")


@dataclass(frozen=True)
class ModelCheck:
    settings: OpenAISettings
    around: Surroundings
    name: str = "model"

    def run(self) -> Iterator[Finding]:
        """Raises Unavailable."""
        try:
            said = asked(self.settings, self.around)
        except ModelUnusable as unusable:
            yield Finding("model", "red", f"The model {self.settings.model} was reached and cannot be used: {unusable}",
                          TRIES_ANOTHER, "knowledge")
            return
        cost = f"{said.tokens_in} tokens in and {said.tokens_out} out"
        if _follows(said.answer):
            yield Finding("model", "green", f"The model {said.model} answers in the schema it is given; asking took "
                          f"{cost}.", "",
                          "knowledge")
        else:
            yield Finding("model", "red", f"The model {said.model} answers, but not in the schema it is given; asking "
                          f"took {cost}.", TRIES_ANOTHER, "knowledge")


def _follows(answer: dict[str, object]) -> bool:
    return answer.keys() == {"ready", "colour"} and isinstance(answer["ready"], bool) and answer["colour"] == "blue"


def checks(settings: OpenAISettings, around: Surroundings, house: House) -> Sequence[ModelCheck]:
    return (ModelCheck(settings, around),)
