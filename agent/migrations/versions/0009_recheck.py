"""A refund says when it is to be looked at again: it may fail days after it was done."""

from alembic import op

revision = "0009"
down_revision = "0008"

CHANGES = """
ALTER TABLE operations ADD COLUMN recheck_at TIMESTAMP WITH TIME ZONE;
COMMENT ON COLUMN operations.recheck_at IS 'when to look whether it still stands';
CREATE INDEX operations_recheck_idx ON operations (recheck_at) WHERE recheck_at IS NOT NULL;
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(CHANGES)


def downgrade() -> None:
    op.get_bind().exec_driver_sql("DROP INDEX operations_recheck_idx; ALTER TABLE operations DROP COLUMN recheck_at")
