"""Salesforce: the CRM's contacts, accounts and activities, and the helpdesk's cases."""

from connectors.contract import Connector
from connectors.salesforce.checks import checks
from connectors.salesforce.helpdesk import connect_helpdesk
from connectors.salesforce.records import connect
from connectors.salesforce.rehearsal import SalesforceRehearsal
from connectors.salesforce.settings import HOSTS, SalesforceSettings

CONNECTOR = Connector(name="salesforce", role="records", settings=SalesforceSettings, connect=connect,
                      also={"helpdesk": connect_helpdesk}, production_hosts=HOSTS, checks=checks,
                      rehearsal=SalesforceRehearsal)
