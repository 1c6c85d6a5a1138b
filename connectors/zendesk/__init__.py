"""Zendesk Support: reads tickets, writes notes and replies."""

from connectors.contract import Connector
from connectors.parts import AdminValue
from connectors.zendesk.checks import checks
from connectors.zendesk.helpdesk import ZendeskHelpdesk
from connectors.zendesk.rehearsal import ZendeskRehearsal
from connectors.zendesk.rotation import SecretRotation
from connectors.zendesk.settings import ZendeskSettings
from connectors.zendesk.setup import ZendeskSetup

ADMIN = (AdminValue("ZENDESK_ADMIN_EMAIL", "ZENDESK_EMAIL", "An admin's e-mail address (Enter: the OAuth client in "
                    ".env)", secret=False),
         AdminValue("ZENDESK_ADMIN_API_TOKEN", "ZENDESK_API_TOKEN", "An API token, from Admin Center, Apps and "
                    "integrations, APIs, API tokens"))

CONNECTOR = Connector(name="zendesk", role="helpdesk", settings=ZendeskSettings, connect=ZendeskHelpdesk,
                      production_hosts=(".zendesk.com",), setup=ZendeskSetup, checks=checks, admin=ADMIN,
                      rotation=SecretRotation, rehearsal=ZendeskRehearsal)
