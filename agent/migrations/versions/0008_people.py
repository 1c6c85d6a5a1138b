"""Waits keep exactly what is asked and the wrong tries on its page; a ticket says since when a colleague has it."""

from alembic import op

revision = "0008"
down_revision = "0007"

CHANGES = """
ALTER TABLE waits ADD COLUMN asked BYTEA;
ALTER TABLE waits ADD COLUMN tries INTEGER DEFAULT '0' NOT NULL;
COMMENT ON COLUMN waits.asked IS 'exactly what is waited for, under the requester''s key';
COMMENT ON COLUMN waits.tries IS 'wrong answers on the confirmation page';
CREATE UNIQUE INDEX waits_token_hash_idx ON waits (token_hash) WHERE token_hash IS NOT NULL;
ALTER TABLE tickets ADD COLUMN taken_at TIMESTAMP WITH TIME ZONE;
COMMENT ON COLUMN tickets.taken_at IS 'since when a colleague has it, by the button; nothing is begun meanwhile';
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(CHANGES)


def downgrade() -> None:
    op.get_bind().exec_driver_sql("""
        ALTER TABLE tickets DROP COLUMN taken_at;
        DROP INDEX waits_token_hash_idx;
        ALTER TABLE waits DROP COLUMN tries, DROP COLUMN asked""")
