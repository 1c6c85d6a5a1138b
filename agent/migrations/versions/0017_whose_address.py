"""A plan knows for whose address it was made, so that who was only handed over is found by it when they are erased."""

from alembic import op

revision = "0017"
down_revision = "0016"

WHOSE_ADDRESS = """
ALTER TABLE proposals ADD COLUMN customer TEXT;
COMMENT ON COLUMN proposals.customer IS 'for whose address it was made, as a keyed hash';
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(WHOSE_ADDRESS)


def downgrade() -> None:
    op.get_bind().exec_driver_sql("ALTER TABLE proposals DROP COLUMN customer")
