"""What is not chosen at a later run: as it was."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.zendesk.setup import app, login
from connectors.zendesk.setup.api import Api
from connectors.zendesk.setup.choices import Choices
from connectors.zendesk.setup.webhook import connection, standing


def as_it_was(chosen: Choices, api: Api, settings: Mapping[str, str]) -> Choices:
    """With what `settings` hold and the account shows in place of the defaults. The webhook is made after login and
    app: where it stands, and neither side knows of one of them, that one was not wanted."""
    webhook = standing(api)
    if webhook is None:
        return chosen
    was: dict[str, str] = {"events": connection(webhook)}
    if settings.get("ZENDESK_API_TOKEN") and not settings.get(login.ID) and not login.made(api):
        was["login"] = "token"
    if not any(settings.get(name) for name in (app.URL, app.KEY, app.INSTALLATION)) and not app.made(api):
        was["app"] = "no"
    unsaid = {name: value for name, value in was.items() if name not in chosen.model_fields_set}
    return chosen.model_copy(update=unsaid)
