"""What Alembic runs: the revisions that are missing, in the transaction that it was given."""

from __future__ import annotations

from alembic import context

# SQLite undoes changes of tables too, when nothing commits in between.
context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
