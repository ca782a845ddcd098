"""Alembic's entry: runs the steps on the connection that the command handed over."""

from alembic import context

import lms.tables  # noqa: F401  (every table must be known)
from lms.db import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=False,
    compare_type=True,
    user_module_prefix="types.",
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
