"""A new signing secret for the webhook that Deskhand's setup made (Zendesk docs, "Webhooks": signing secret).

Zendesk signs with the new secret alone from the moment it is made, but shows it whenever it is asked: a rotation that
was killed in the middle is taken up where it was.
"""

from __future__ import annotations

from collections.abc import Sequence

from connectors.contract import OutcomeUnknown, Rejected, Surroundings
from connectors.parts import House
from connectors.zendesk.settings import VENDOR, ZendeskSettings
from connectors.zendesk.setup import ZendeskSetup
from connectors.zendesk.setup.api import Api
from connectors.zendesk.setup.webhook import SECRET, WebhookPart


class SecretRotation:
    """The Rotation of connectors.parts."""

    variable = SECRET
    at_once = True

    def __init__(self, settings: ZendeskSettings, around: Surroundings, house: House) -> None:
        self._api = Api(settings, around)
        self._webhook = next(one for one in ZendeskSetup(settings, around, house).parts()
                             if isinstance(one, WebhookPart))

    def begin(self, known: Sequence[str]) -> str:
        now = self._shown()
        if now not in known:
            return now
        try:
            self._api.post(self._place(), {})
        except OutcomeUnknown:
            if self._shown() in known:
                raise
        return self._shown()

    def finish(self, newest: str) -> None:
        if self._shown() != newest:
            raise Rejected(f"Zendesk signs with another secret than the newest value of {SECRET}: run deskhand rotate "
                           "zendesk again.", vendor=VENDOR, reason="other secret")

    def _shown(self) -> str:
        return str(self._api.get(self._place())["signing_secret"]["secret"])

    def _place(self) -> str:
        found = self._webhook.look({})
        if found is None:
            raise Rejected("There is no webhook of Deskhand's yet: run deskhand setup zendesk.", vendor=VENDOR,
                           reason="not set up")
        return f"webhooks/{found.id}/signing_secret"
