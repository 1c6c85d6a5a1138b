"""What people read later: who did what, on which facts, by which rule. Rows are added, chained, and never changed."""

from __future__ import annotations

from agent.audit.chain import START, canonical, content, head, link, record, seal_chain, verify

__all__ = ["START", "canonical", "content", "head", "link", "record", "seal_chain", "verify"]
