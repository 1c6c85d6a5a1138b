"""A plan knows for whom it was made: its ticket's requester may be changed later."""

from alembic import op

revision = "0014"
down_revision = "0013"

WHOSE = """
ALTER TABLE proposals ADD COLUMN person_id TEXT CONSTRAINT proposals_person_id_fkey REFERENCES people (id);
COMMENT ON COLUMN proposals.person_id IS 'for whom it was made, under whose key all of it is sealed';
UPDATE proposals SET person_id = tickets.person_id FROM tickets WHERE tickets.id = proposals.ticket_id;
CREATE INDEX proposals_person_id_idx ON proposals (person_id);
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(WHOSE)


def downgrade() -> None:
    op.get_bind().exec_driver_sql("ALTER TABLE proposals DROP COLUMN person_id")
