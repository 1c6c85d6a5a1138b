"""Waits say whose answer came, and what is to be said to whom while they are open."""

from alembic import op

revision = "0007"
down_revision = "0006"

CHANGES = """
ALTER TABLE waits ADD COLUMN position INTEGER DEFAULT '0' NOT NULL;
ALTER TABLE waits ADD COLUMN amount BIGINT;
ALTER TABLE waits ADD COLUMN currency TEXT;
ALTER TABLE waits ADD COLUMN to_say TEXT;
ALTER TABLE waits ADD COLUMN said INTEGER DEFAULT '0' NOT NULL;
ALTER TABLE waits ADD COLUMN said_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE waits ADD COLUMN remind_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE waits ADD COLUMN by TEXT;
ALTER TABLE waits ADD COLUMN role TEXT;
ALTER TABLE waits ADD COLUMN answered_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE waits ADD COLUMN sealed BYTEA;
COMMENT ON COLUMN waits.position IS 'of the item in its plan';
COMMENT ON COLUMN waits.amount IS 'less than was asked for, as a colleague approved it; minor units';
COMMENT ON COLUMN waits.to_say IS 'question, clarify or remind: what the next pass says';
COMMENT ON COLUMN waits.said IS 'how often the customer was asked';
COMMENT ON COLUMN waits.by IS 'who answered: customer, or the colleague''s id in the helpdesk';
COMMENT ON COLUMN waits.role IS 'the colleague''s role when they answered';
COMMENT ON COLUMN waits.sealed IS 'name and reason of who answered, under the requester''s key';
DROP INDEX waits_open_idx;
CREATE INDEX waits_ticket_idx ON waits (ticket_id, id);
CREATE INDEX waits_open_idx ON waits (LEAST(expires_at, remind_at)) WHERE state = 'open';
CREATE INDEX waits_proposal_idx ON waits (proposal_id);
ALTER TABLE tickets ADD COLUMN given_back TEXT;
COMMENT ON COLUMN tickets.given_back IS 'what people did up to this record no longer keeps Deskhand off';
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(CHANGES)


def downgrade() -> None:
    op.get_bind().exec_driver_sql("""
        ALTER TABLE tickets DROP COLUMN given_back;
        DROP INDEX waits_proposal_idx; DROP INDEX waits_open_idx; DROP INDEX waits_ticket_idx;
        ALTER TABLE waits DROP COLUMN position, DROP COLUMN amount, DROP COLUMN currency, DROP COLUMN to_say,
            DROP COLUMN said, DROP COLUMN said_at, DROP COLUMN remind_at, DROP COLUMN by, DROP COLUMN role,
            DROP COLUMN answered_at, DROP COLUMN sealed;
        CREATE INDEX waits_open_idx ON waits (ticket_id) WHERE state = 'open'""")
