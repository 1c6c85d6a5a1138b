"""A wait names the charge it is about, so that what the payment provider tells of that charge reaches it."""

from alembic import op

revision = "0011"
down_revision = "0010"

CHANGES = """
ALTER TABLE waits ADD COLUMN target TEXT, ADD COLUMN stirred_at TIMESTAMP WITH TIME ZONE;
COMMENT ON COLUMN waits.target IS 'the charge it is about';
COMMENT ON COLUMN waits.stirred_at IS 'when the payment provider told of that charge; nobody has looked since';
CREATE INDEX waits_target_idx ON waits (target) WHERE state = 'open';
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(CHANGES)


def downgrade() -> None:
    op.get_bind().exec_driver_sql("ALTER TABLE waits DROP COLUMN target, DROP COLUMN stirred_at")
