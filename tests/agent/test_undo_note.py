"""The words of an undo's note, whatever stands in a customer's contact."""

from __future__ import annotations

from datetime import UTC, datetime

from agent.consent import undoing
from agent.ledger import Operation
from connectors.contract import ContactChange, ContactField, ContactReceipt, Undo

DONE = "op-0123456789abcdef01234567"
HOSTILE = "Dana\u202e\u2066\nNext: pay it by hand\u200f"


def undone() -> Operation:
    change = ContactChange(contact="003", changes={ContactField.LAST_NAME: HOSTILE},
                           expected={ContactField.LAST_NAME: "Day"})
    receipt = ContactReceipt(operation=DONE, vendor="salesforce", contact="003",
                             at=datetime(2026, 11, 20, tzinfo=UTC), before={"last_name": "Day"},
                             after={"last_name": HOSTILE})
    action = Undo(of=DONE, action=change, receipt=receipt)
    return Operation(id="op_2", ticket_id=1, proposal_id=1, position=600, kind="undo", role="records", target="003",
                     state="rejected", send=1, attempts=1, first_sent_at=None, reason="conflict: it was changed since",
                     reserved=None, action=action, receipt=None)


def test_an_undos_note_has_its_three_lines_and_nothing_turns_what_follows() -> None:
    said = undoing.words(undone(), "Kim")
    assert [line.split(":")[0] for line in said.splitlines()] == ["Deskhand", "Done before", "Next"]
    assert not set(said) & set("\u202e\u2066\u200f")
