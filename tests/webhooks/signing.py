"""Signs bodies as Zendesk does, for tests."""

from __future__ import annotations

import base64
import hmac
from datetime import UTC, datetime

SECRET = "QFofQx8saTT6E0Ej9nh2Ri0JBDmEt0+elTzRFkgPV3s="
NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


def signed(body: bytes, *, secret: str = SECRET, at: datetime = NOW, **more: str) -> dict[str, str]:
    """The headers of a delivery of this body; `more` takes further headers with _ for -."""
    stamp = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    signature = base64.b64encode(hmac.new(secret.encode(), stamp.encode() + body, "sha256").digest()).decode()
    return {"X-Zendesk-Webhook-Signature-Timestamp": stamp, "X-Zendesk-Webhook-Signature": signature,
            "Content-Type": "application/json; charset=utf-8",
            **{name.replace("_", "-"): value for name, value in more.items()}}
