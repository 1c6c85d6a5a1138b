"""`scripts/check-salesforce`: what holds of the Salesforce package before an org sees it, and what is deployed."""
