"""A stateful Salesforce org without Salesforce: pure rules over its own books."""

from connectors.salesforce.standin.rules import SalesforceRules

__all__ = ["SalesforceRules"]
