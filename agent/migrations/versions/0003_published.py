"""Rollbacks of the policy name what they took up again; money is also counted by the hour."""

from alembic import op

revision = "0003"
down_revision = "0002"

TABLES = """
ALTER TABLE policies ADD COLUMN rolled_back_to INTEGER;
COMMENT ON COLUMN policies.rolled_back_to IS 'the earlier version whose text it took up again';

CREATE TABLE spending (
    action TEXT NOT NULL,
    hour TIMESTAMP WITH TIME ZONE NOT NULL,
    currency TEXT NOT NULL,
    amount BIGINT DEFAULT '0' NOT NULL,
    count INTEGER DEFAULT '0' NOT NULL,
    CONSTRAINT spending_pkey PRIMARY KEY (action, hour, currency),
    CONSTRAINT spending_not_negative_check CHECK (amount >= 0 and count >= 0)
);
COMMENT ON COLUMN spending.hour IS 'its beginning';
COMMENT ON COLUMN spending.amount IS 'attended or not';
"""


def upgrade() -> None:
    op.execute(TABLES)


def downgrade() -> None:
    op.execute("DROP TABLE spending; ALTER TABLE policies DROP COLUMN rolled_back_to;")
