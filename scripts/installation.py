"""An installation, opened for one command; what is missing or wrong is said with what to do, and no traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from agent.database import DatabaseError
from agent.vault import VaultError
from webhooks.app import Installation, install
from webhooks.config import ConfigUnusable
from webhooks.settings import SettingsUnusable

LEAST = """\
Run deskhand init, which asks for what is needed, or set variables in the environment or in a file named .env in this
folder. The least it needs:
  DESKHAND_SECRET_KEY      a secret of your own; make one with: openssl rand -base64 36
  DESKHAND_PUBLIC_URL      the https address at which vendors and people reach Deskhand
  ZENDESK_SUBDOMAIN        acme for acme.zendesk.com
  ZENDESK_OAUTH_CLIENT_ID, ZENDESK_OAUTH_CLIENT_SECRET
                           Deskhand's own login there; deskhand setup zendesk makes it
  ZENDESK_WEBHOOK_SECRET   the signing secret of the webhook that calls Deskhand
  SALESFORCE_DOMAIN        in place of Zendesk: acme for acme.my.salesforce.com; deskhand setup salesforce writes the
                           rest, SALESFORCE_ORG_ID among it, with which the org's cases are the tickets
  STRIPE_API_KEY           a restricted key, for refunds; without it a person refunds
README.md lists all of them. To see Deskhand work without any account: deskhand demo"""


@contextmanager
def opened() -> Iterator[Installation]:
    """The installation that the environment, `.env` and deskhand.toml describe. Raises click.ClickException."""
    with _said_in_words():
        installation = install()
    try:
        yield installation
    finally:
        installation.database.close()


@contextmanager
def _said_in_words() -> Iterator[None]:
    try:
        yield
    except SettingsUnusable as error:
        incomplete = "is missing" in str(error) or "is configured" in str(error)
        how = f"\n\n{LEAST}" if incomplete else ""
        raise click.ClickException(f"Settings are missing or wrong.\n{_indented(error)}{how}") from error
    except ConfigUnusable as error:
        raise click.ClickException(f"The configuration cannot be used.\n{_indented(error)}") from error
    except (DatabaseError, VaultError) as error:
        raise click.ClickException(str(error)) from error


def _indented(error: Exception) -> str:
    return "\n".join(f"  {line}" for line in str(error).splitlines())
