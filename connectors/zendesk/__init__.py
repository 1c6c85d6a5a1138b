"""Zendesk Support: reads tickets, writes notes and replies."""

from connectors.contract import Connector
from connectors.zendesk.helpdesk import ZendeskHelpdesk
from connectors.zendesk.settings import ZendeskSettings
from connectors.zendesk.setup import setup

CONNECTOR = Connector(name="zendesk", role="helpdesk", settings=ZendeskSettings, connect=ZendeskHelpdesk,
                      production_hosts=(".zendesk.com",), setup=setup)
