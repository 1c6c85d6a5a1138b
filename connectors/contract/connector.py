"""What a vendor's folder offers, and how it is found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel

from connectors.http import Surroundings
from connectors.parts import AdminValue, Check, House, Rehearsal, Rotation, Setup

Role = Literal["helpdesk", "payments", "records", "model"]


@dataclass(frozen=True)
class Connector:
    """What a vendor's folder offers; found by its entry point in the group `deskhand.connectors`.

    `settings` is a model whose fields carry environment variable names as aliases. With none of them set the vendor
    is off; `connect` turns settings into the connector and makes no call.
    """

    name: str
    role: Role
    settings: type[BaseModel]
    connect: Callable[[Any, Surroundings], Any]
    also: Mapping[Role, Callable[[Any, Surroundings], Any]] = field(default_factory=dict)
    """Further roles that the same account may play; None from one whose settings do not ask for it."""
    production_hosts: Sequence[str] = ()
    """Host names or ".suffix" the connector may speak to; loopback is allowed for stand-ins."""
    setup: Callable[[Any, Surroundings, House], Setup] | None = None
    """What `deskhand setup` makes there, from settings that hold an admin's login."""
    admin: Sequence[AdminValue] = ()
    """That login, where it is more than what running takes."""
    rotation: Callable[[Any, Surroundings, House], Rotation] | None = None
    """How its webhook gets a new signing secret; the same settings as `setup`."""
    checks: Callable[[Any, Surroundings, House], Sequence[Check]] | None = None
    """What `deskhand doctor` asks there."""
    rehearsal: Callable[[Any, Surroundings, House], Rehearsal] | None = None
    """Its part in `deskhand doctor --rehearse`."""

    def connected(self, settings: Any, around: Surroundings) -> dict[Role, Any]:
        """What plays each role with these settings. Makes no call."""
        made = {self.role: self.connect(settings, around),
                **{role: connect(settings, around) for role, connect in self.also.items()}}
        return {role: one for role, one in made.items() if one is not None}
