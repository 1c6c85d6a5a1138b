"""A person's tickets are found without reading all tickets, and so is who was seen first."""

from alembic import op

revision = "0013"
down_revision = "0012"

INDEXES = """
CREATE INDEX tickets_person_id_idx ON tickets (person_id);
CREATE INDEX people_created_at_idx ON people (created_at) WHERE wrapped IS NOT NULL;
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(INDEXES)


def downgrade() -> None:
    op.get_bind().exec_driver_sql("DROP INDEX tickets_person_id_idx, people_created_at_idx")
