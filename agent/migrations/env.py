"""Runs revisions on the connection it is given, inside that connection's transaction."""

from alembic import context

from agent.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
