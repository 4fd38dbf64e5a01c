"""Alembic's way in: runs the migrations on the connection that `feedsvc.store.migrating` hands over."""

from __future__ import annotations

from alembic import context

from feedsvc.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite alters a table by making a new one.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
