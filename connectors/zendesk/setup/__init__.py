"""What `deskhand setup zendesk` makes: login, view, group, app, webhook and trigger, and what it warns of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cached_property

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
from connectors.zendesk.setup.unsaid import as_it_was
from connectors.zendesk.setup.view import ViewPart
from connectors.zendesk.setup.webhook import OTHER, FormerWebhook, WebhookPart


class ZendeskSetup:
    """Implements the Setup of connectors.parts, with an admin's login."""

    def __init__(self, settings: ZendeskSettings, around: Surroundings, house: House) -> None:
        self._settings = settings
        self._house = house
        self._chosen = Choices.read(house)
        self._api = Api(settings, around)

    @cached_property
    def _choices(self) -> Choices:
        return as_it_was(self._chosen, self._api, self._house.settings)

    @cached_property
    def _login(self) -> LoginPart:
        held = self._house.settings
        return LoginPart(self._api, self._choices, held.get(ID, ""), held.get(SECRET, ""))

    def account(self) -> str:
        """Raises Rejected for a login that is no admin's: nothing could be made with it."""
        me = self._api.admin()
        kind = "SANDBOX" if self._settings.sandbox else "PRODUCTION"
        return f"{self._settings.subdomain}.zendesk.com as {me['name']} ({me['email']}, {me['role']}), {kind}"

    def parts(self) -> Sequence[Part]:
        """The webhook after all that may be left out: a later run sees by it what was. What it replaces, last."""
        api, house, choices = self._api, self._house, self._choices
        trigger = TriggerPart(api, choices, self._login)
        return [self._login, ViewPart(api, house), *GroupPart.chosen(api, choices), AppPart(api, house, choices),
                WebhookPart(api, house, choices.events, trigger), trigger,
                FormerWebhook(api, house, OTHER[choices.events], trigger)]

    def notices(self) -> Iterable[Notice]:
        with suppress(Taken):  # the plan says so
            self._login.look({})
        return notices.all_of(self._api, self._settings, self._house, self._choices, self._login)
