"""What the admin may choose: `deskhand setup zendesk --set NAME=VALUE`."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors.contract import Rejected
from connectors.parts import House
from connectors.zendesk.settings import VENDOR

Events = Literal["subscription", "trigger"]


class Choices(BaseModel):
    """Each with its default, which counts at the first run: later, what is not chosen is as it was (`unsaid`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    events: Events = "subscription"
    """A subscription names what happened and when, needs no guard against loops, and stands outside the order of the
    admin's triggers. A trigger is for accounts that know no subscriptions for tickets."""
    login: Literal["oauth", "token"] = "oauth"
    """`token`: an API token that is there already goes on being used; Zendesk makes no new ones."""
    user: str | None = Field(None, pattern=r"^[^@\s]+@[^@\s]+$")
    """Address of the team member Deskhand is to speak as. None: the admin who runs the setup."""
    app: Literal["yes", "no"] = "yes"
    handoff_group: str | None = Field(None, min_length=1, max_length=100)

    @classmethod
    def read(cls, house: House) -> Self:
        """Raises Rejected, naming each choice that is none."""
        try:
            return cls.model_validate(dict(house.choices))
        except ValidationError as error:
            wrong = [f"{one['loc'][0]}: {_said(one['type'], one['msg'])}" for one in error.errors()]
            raise Rejected("; ".join(wrong), vendor=VENDOR, reason="choice") from error


def _said(kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return f"is no choice of Zendesk's setup; there are {', '.join(Choices.model_fields)}"
    return {"string_pattern_mismatch": "write an e-mail address"}.get(kind, message.lower())
