"""How far was looked for what no event told, and of which moment of a ticket the last event told."""

from alembic import op

revision = "0010"
down_revision = "0009"

CHANGES = """
ALTER TABLE tickets ADD COLUMN heard_at TIMESTAMP WITH TIME ZONE;
COMMENT ON COLUMN tickets.heard_at IS 'the latest moment an event told of, by the helpdesk''s clock';
CREATE TABLE catchups (
    name TEXT NOT NULL,
    since TIMESTAMP WITH TIME ZONE NOT NULL,
    cursor TEXT,
    upto TIMESTAMP WITH TIME ZONE,
    due_at TIMESTAMP WITH TIME ZONE,
    ended_at TIMESTAMP WITH TIME ZONE,
    problem TEXT DEFAULT '' NOT NULL,
    CONSTRAINT catchups_pkey PRIMARY KEY (name)
);
COMMENT ON COLUMN catchups.name IS 'vendor:account, or one that a person asked for';
COMMENT ON COLUMN catchups.since IS 'nothing from before is taken up';
COMMENT ON COLUMN catchups.cursor IS 'the vendor''s own, up to where all was looked at';
COMMENT ON COLUMN catchups.upto IS 'when the last of what was looked at happened';
COMMENT ON COLUMN catchups.due_at IS 'when any worker may look again';
COMMENT ON COLUMN catchups.ended_at IS 'when there was last nothing more to look at';
COMMENT ON COLUMN catchups.problem IS 'why the last look ended early';
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(CHANGES)


def downgrade() -> None:
    op.get_bind().exec_driver_sql("DROP TABLE catchups; ALTER TABLE tickets DROP COLUMN heard_at")
