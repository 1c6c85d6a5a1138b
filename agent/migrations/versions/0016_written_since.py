"""A colleague who is asked is shown that the customer has written since, and a press from before does not count."""

from alembic import op

revision = "0016"
down_revision = "0015"

WROTE = """
ALTER TABLE waits ADD COLUMN wrote TEXT;
COMMENT ON COLUMN waits.wrote IS 'the customer''s last comment while a colleague was asked, which asked for nothing';
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(WROTE)


def downgrade() -> None:
    op.get_bind().exec_driver_sql("ALTER TABLE waits DROP COLUMN wrote")
