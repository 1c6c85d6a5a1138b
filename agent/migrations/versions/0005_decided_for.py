"""Decisions say for whose totals they count, so that they can be replayed."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("ALTER TABLE decisions ADD COLUMN customer TEXT DEFAULT '' NOT NULL; "
               "COMMENT ON COLUMN decisions.customer IS 'whose totals it counts for, as a keyed hash';")


def downgrade() -> None:
    op.execute("ALTER TABLE decisions DROP COLUMN customer")
