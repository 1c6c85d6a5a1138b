"""An operation keeps why its vendor refused it in the vendor's own words, sealed: they may quote what was asked for."""

from alembic import op

revision = "0015"
down_revision = "0014"

SAID = """
ALTER TABLE operations ADD COLUMN said BYTEA;
COMMENT ON COLUMN operations.said IS 'the reason in the vendor''s own words, under the requester''s key';
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(SAID)


def downgrade() -> None:
    op.get_bind().exec_driver_sql("ALTER TABLE operations DROP COLUMN said")
