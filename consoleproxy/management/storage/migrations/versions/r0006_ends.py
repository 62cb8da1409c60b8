"""Why sessions ended and which are to end; maintenance, draining and restarts of proxies."""

from alembic import op
from sqlalchemy import REAL, TEXT, Column, Double, String, inspect

revision = "0006"
down_revision = "0005"

_moment: Double[float] = Double().with_variant(REAL(), "sqlite")


def _text(letters: int) -> String:
    return String(letters).with_variant(TEXT(), "sqlite")


def upgrade() -> None:
    """Add the columns that are not there."""
    _add(
        "console_proxy",
        Column("instance", _text(64)),
        Column("maintenance", _moment),
        Column("draining", _moment),
    )
    _add("console_session", Column("end_reason", _text(64)), Column("end_requested", _moment))
    op.create_index(
        "console_session_end_requested", "console_session", ["end_requested"], if_not_exists=True
    )


def _add(table: str, *columns: Column[object]) -> None:
    there = {column["name"] for column in inspect(op.get_bind()).get_columns(table)}
    for column in columns:
        if column.name not in there:
            op.add_column(table, column)
