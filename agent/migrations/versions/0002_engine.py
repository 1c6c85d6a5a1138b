"""The job engine's own tables and functions, from its package, and the indexes our use of it needs."""

from alembic import op

from agent import engine

revision = "0002"
down_revision = "0001"

# Lock: the engine looks for older jobs of a ticket at each fetch. Due: 100,000 parked tickets cost no scan at each
# poll. Ended: the sweep clears what failed or was cancelled; what succeeded is deleted at once.
INDEXES = """
CREATE INDEX deskhand_jobs_lock_idx ON procrastinate_jobs (lock) WHERE status IN ('todo', 'doing');
CREATE INDEX deskhand_jobs_due_idx ON procrastinate_jobs (scheduled_at) WHERE status = 'todo';
CREATE INDEX deskhand_jobs_ended_idx ON procrastinate_jobs (id)
    WHERE status IN ('succeeded', 'failed', 'cancelled', 'aborted');
"""

REMOVE = """
DROP TABLE procrastinate_events, procrastinate_periodic_defers, procrastinate_jobs, procrastinate_workers CASCADE;
DO $$
DECLARE made record;
BEGIN
    FOR made IN SELECT p.oid::regprocedure AS name FROM pg_proc p
                 WHERE p.proname LIKE 'procrastinate\\_%' AND p.pronamespace = current_schema()::regnamespace
    LOOP
        EXECUTE 'DROP FUNCTION ' || made.name;
    END LOOP;
END;
$$;
DROP TYPE procrastinate_job_to_defer_v1, procrastinate_job_event_type, procrastinate_job_status;
"""


def upgrade() -> None:
    _run(engine.schema())
    _run(INDEXES)
    # A later revision that follows a newer engine reads here which of the engine's migrations are still to come.
    _run(f"COMMENT ON TABLE procrastinate_jobs IS 'procrastinate {engine.schema_version()}'")


def downgrade() -> None:
    _run(REMOVE)


def _run(sql: str) -> None:
    op.get_bind().exec_driver_sql(sql.replace("%", "%%"))
