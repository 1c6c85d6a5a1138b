"""What people have done and written since something was sent: why it is not sent once more where it was lost."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from agent.act import FRESH
from agent.consent import answering
from agent.desk import Desk
from agent.ledger import Operation, TicketRow
from agent.scope import LATE, Look, person_since, written_since
from connectors.contract import Comment, Conversation


@dataclass(frozen=True)
class Since:
    """What one look at a ticket shows."""

    desk: Desk
    row: TicketRow
    conversation: Conversation
    look: Look
    asked: Collection[str]
    """The customer's comments that asked for what was sent."""
    hands_off: bool

    def stop(self, operation: Operation) -> str:
        """Why this is not sent once more; "" where nobody stops it, or a person who knew of it has released this."""
        if self._taken(operation):
            return "a person is on the ticket"
        return "the customer has called it off" if answering.calls_off(
            self.desk, self.conversation, self._written(operation)) else ""

    def _written(self, operation: Operation) -> list[Comment]:
        """What the ticket was not read with when this was sent, also where it answered something else since."""
        sent, new = operation.first_sent_at, self.look.new
        later = written_since(self.conversation, sent - FRESH) if sent else ()
        if operation.released:  # whoever released it may have known what is older, and nothing that no pass has read
            unread = written_since(self.conversation, sent - LATE) if sent else ()
            return [one for one in unread if one in new or one in later]
        return [one for one in self.conversation.comments()
                if one.id not in self.asked and (one in new or one in later)]

    def _taken(self, operation: Operation) -> bool:
        sent = operation.first_sent_at
        if operation.released and sent:
            return person_since(self.conversation, sent, self.row.given_back, self.row.taken_at)
        return self.hands_off
