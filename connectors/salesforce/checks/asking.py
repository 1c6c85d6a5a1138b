"""One question of the doctor to the org, with the running login and, where it is there, an admin's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from connectors.contract import Rejected, Surroundings
from connectors.parts import Finding, House
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.setup.api import Api, opened
from connectors.salesforce.setup.certificate import VARIABLE
from connectors.salesforce.tokens import Grant, Tokens

SETUP = "deskhand setup salesforce"
GRANTS = "the permission set Deskhand Integration (Setup, Permission Sets)"


class Doctor:
    """What all checks share. Nothing is asked before the first check runs."""

    def __init__(self, settings: SalesforceSettings, around: Surroundings, house: House) -> None:
        self.settings = settings
        self.around = around
        self.house = house
        self._tokens = Tokens(settings, lambda: opened(settings, around), around.now, around.now)
        self.running = Api(settings, around, lambda: self.grant().access_token)

    def grant(self) -> Grant:
        return self._tokens.current()

    def calls_us(self) -> bool:
        """Whether the org's Apex signs calls to Deskhand; else it sends outbound messages."""
        return bool(self.certificate())

    def certificate(self) -> str:
        return self.house.settings.get(VARIABLE, "").strip()


Ask = Callable[[Doctor], Iterable[Finding]]


@dataclass(frozen=True)
class Asked:
    """Implements the Check of connectors.parts."""

    doctor: Doctor
    name: str
    ask: Ask

    def run(self) -> Iterator[Finding]:
        """What this login may not see is yellow, and said."""
        try:
            yield from self.ask(self.doctor)
        except Rejected as error:
            yield Finding(self.name, "yellow", f"The run-as user may not look ({error}).",
                          f"Run {SETUP}: it gives {GRANTS} all it needs.")
