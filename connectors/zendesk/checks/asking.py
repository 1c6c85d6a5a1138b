"""One question of the doctor to Zendesk, with the running login and with what an admin may see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from connectors.contract import Surroundings, Unavailable
from connectors.parts import Finding, House
from connectors.zendesk.client import Client
from connectors.zendesk.settings import ZendeskSettings
from connectors.zendesk.setup.api import Api

SETUP = "deskhand setup zendesk"
WATCHING = ("read", "webhooks:write")
"""What the doctor's own token may do: read, and have Zendesk send a webhook's test call."""
NOT_SEEN = "Run deskhand doctor with an admin's ZENDESK_OAUTH_TOKEN in the environment."


class Doctor:
    """What all checks share. Nothing is asked before the first check runs."""

    def __init__(self, settings: ZendeskSettings, around: Surroundings, house: House) -> None:
        self.settings = settings
        self.around = around
        self.house = house
        self.running = Client(settings, around)
        self.admin = Api(settings, around, WATCHING)

    def user(self) -> str:
        """Whom the running login speaks for."""
        return str((self.running.get("users/me").get("user") or {}).get("id"))


Ask = Callable[[Doctor], Iterable[Finding]]


@dataclass(frozen=True)
class Asked:
    """Implements the Check of connectors.parts."""

    doctor: Doctor
    name: str
    ask: Ask

    def run(self) -> Iterator[Finding]:
        """What this login may not see is yellow, and said; a login that is refused is red."""
        try:
            yield from self.ask(self.doctor)
        except Unavailable as error:
            if error.reason == "permission":
                yield Finding(self.name, "yellow", f"this login may not look ({error})", NOT_SEEN)
            elif error.reason == "credentials":
                yield Finding(self.name, "red", str(error), f"Run {SETUP} with an admin's login: it makes a new one.",
                              "CRM access")
            else:
                raise
