"""All open tickets of a person are found, whatever they are about."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("DROP INDEX tickets_money_idx; CREATE INDEX tickets_open_idx ON tickets (person_id) WHERE is_open;")


def downgrade() -> None:
    op.execute("DROP INDEX tickets_open_idx; "
               "CREATE INDEX tickets_money_idx ON tickets (person_id) WHERE about_money AND is_open;")
