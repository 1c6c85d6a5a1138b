"""A Zendesk account that lives in memory: keeps books, checks credentials, sends signed webhooks."""

from connectors.zendesk.standin.rules import ZendeskRules

__all__ = ["ZendeskRules"]
