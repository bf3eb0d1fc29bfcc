"""How Alembic reaches the database: `activities.db.migrate` hands the connection in."""

from alembic import context

from activities.db.schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
