"""Triggers by which the database itself refuses to edit or delete events."""

from alembic import op

MESSAGE = "events are appended, never edited"


def guard(table: str, *columns: str) -> None:
    """Refuse DELETE on a table, and UPDATE of these columns (of every column when none is named)."""
    of = f" OF {', '.join(columns)}" if columns else ""
    if op.get_bind().dialect.name == "sqlite":
        for action, when in (("update", f"UPDATE{of}"), ("delete", "DELETE")):
            op.execute(
                f"CREATE TRIGGER guard_{table}_{action} BEFORE {when} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
            )
        return
    op.execute(
        f"CREATE TRIGGER guard_{table} BEFORE UPDATE{of} OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def make_refusal() -> None:
    """Make the function that PostgreSQL's triggers call; SQLite needs none."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{MESSAGE}'; END $$"
        )


def drop_refusal() -> None:
    """Drop what make_refusal made, with every trigger that still uses it."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change() CASCADE")
