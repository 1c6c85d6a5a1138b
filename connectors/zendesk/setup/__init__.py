"""What `deskhand setup zendesk` makes: login, webhook, trigger, view, group and app, and what it warns of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

from connectors.contract import Surroundings
from connectors.parts import House, Notice, Part, Taken
from connectors.zendesk.settings import ZendeskSettings
from connectors.zendesk.setup import notices
from connectors.zendesk.setup.api import Api
from connectors.zendesk.setup.app import AppPart
from connectors.zendesk.setup.choices import Choices
from connectors.zendesk.setup.group import GroupPart
from connectors.zendesk.setup.login import ID, SECRET, LoginPart
from connectors.zendesk.setup.trigger import TriggerPart
from connectors.zendesk.setup.view import ViewPart
from connectors.zendesk.setup.webhook import WebhookPart


class ZendeskSetup:
    """Implements the Setup of connectors.parts, with an admin's login."""

    def __init__(self, settings: ZendeskSettings, around: Surroundings, house: House) -> None:
        self._settings = settings
        self._house = house
        self._choices = Choices.read(house)
        self._api = Api(settings, around)
        self._login = LoginPart(self._api, self._choices, house.settings.get(ID, ""),
                                house.settings.get(SECRET, ""))

    def account(self) -> str:
        """Raises Rejected for a login that is no admin's: nothing could be made with it."""
        me = self._api.admin()
        kind = "SANDBOX" if self._settings.sandbox else "PRODUCTION"
        return f"{self._settings.subdomain}.zendesk.com as {me['name']} ({me['email']}, {me['role']}), {kind}"

    def parts(self) -> Sequence[Part]:
        trigger = TriggerPart(self._api, self._choices, self._login)
        return [self._login, WebhookPart(self._api, self._house, self._choices, trigger), trigger,
                ViewPart(self._api, self._house), *GroupPart.chosen(self._api, self._choices),
                AppPart(self._api, self._house, self._choices)]

    def notices(self) -> Iterable[Notice]:
        with suppress(Taken):  # the plan says so
            self._login.look({})
        return notices.all_of(self._api, self._settings, self._house, self._choices, self._login)
