"""Which tickets changed: Zendesk's incremental export by cursor.

For admins only, 10 calls a minute, without what changed in the minute before the call (docs, "Incremental Exports",
"Using the incremental export API"). zenpy's own generator goes from page to page by itself, so this asks through the
tamed session.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pydantic import ValidationError

from connectors.contract import Changes, Unavailable
from connectors.zendesk import conversation
from connectors.zendesk.client import Client
from connectors.zendesk.settings import VENDOR
from connectors.zendesk.wire import Exported

LARGEST_PAGE = 1000
DELETED = "deleted"
TOO_RECENT = timedelta(minutes=2)
"""A start time within the last minute is refused, by Zendesk's clock."""


def changes(client: Client, account: str, since: datetime, after: str | None, most: int) -> Changes:
    """One page, from the cursor `after` on, or of what changed at `since` or later.

    What is compared is `generated_timestamp`: a ticket whose `updated_at` is older may be among them.
    """
    latest_start = client.around.now() - TOO_RECENT
    begin = {"cursor": after} if after else {"start_time": str(int(min(since, latest_start).timestamp()))}
    page = _read(client.get("incremental/tickets/cursor", per_page=str(min(most, LARGEST_PAGE)), **begin))
    if not page.end_of_stream and page.after_cursor in (None, after):
        raise Unavailable("Zendesk's export does not go on", vendor=VENDOR, reason="unreadable")
    latest = max((one.generated_timestamp for one in page.tickets), default=0)
    return Changes(tickets=tuple(conversation.ticket(account, one) for one in page.tickets),
                   after=page.after_cursor or after, last=page.end_of_stream,
                   upto=datetime.fromtimestamp(latest, UTC) if latest else None)


def _read(given: object) -> Exported:
    try:
        return Exported.model_validate(given)
    except ValidationError as error:
        raise Unavailable(f"Zendesk's export is not as documented: {error.error_count()} problems", vendor=VENDOR,
                          reason="unreadable") from error
