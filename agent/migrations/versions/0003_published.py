"""Published policies only grow, and rollbacks name what they took up again; money is also counted by the hour."""

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

APPEND_ONLY = """
CREATE FUNCTION policies_only_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was published stays: % refused', lower(TG_OP) USING ERRCODE = 'insufficient_privilege';
END;
$$;
CREATE TRIGGER policies_only_grow BEFORE UPDATE OR DELETE ON policies
    FOR EACH ROW EXECUTE FUNCTION policies_only_grow();
CREATE TRIGGER policies_are_not_emptied BEFORE TRUNCATE ON policies
    FOR EACH STATEMENT EXECUTE FUNCTION policies_only_grow();
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(TABLES)
    op.get_bind().exec_driver_sql(APPEND_ONLY.replace("%", "%%"))


def downgrade() -> None:
    op.get_bind().exec_driver_sql(
        "DROP TRIGGER policies_are_not_emptied ON policies; DROP TRIGGER policies_only_grow ON policies; "
        "DROP FUNCTION policies_only_grow; DROP TABLE spending; ALTER TABLE policies DROP COLUMN rolled_back_to")
