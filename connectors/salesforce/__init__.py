"""Salesforce: the CRM's contacts, accounts and activities, and the helpdesk's cases."""

from connectors.contract import Connector
from connectors.parts import AdminValue
from connectors.salesforce.checks import checks
from connectors.salesforce.helpdesk import connect_helpdesk
from connectors.salesforce.records import connect
from connectors.salesforce.rehearsal import SalesforceRehearsal
from connectors.salesforce.rotation import CertificateRotation
from connectors.salesforce.settings import HOSTS, SalesforceSettings
from connectors.salesforce.setup import SalesforceSetup

ADMIN = (AdminValue("SALESFORCE_ADMIN_TOKEN", "SALESFORCE_ADMIN_TOKEN", "An admin's access token, from the "
                    "Salesforce CLI: sf org login web -a setup, then sf org display --json -o setup"),)

CONNECTOR = Connector(name="salesforce", role="records", settings=SalesforceSettings, connect=connect,
                      also={"helpdesk": connect_helpdesk}, production_hosts=HOSTS, setup=SalesforceSetup,
                      admin=ADMIN, rotation=CertificateRotation, checks=checks, rehearsal=SalesforceRehearsal)
