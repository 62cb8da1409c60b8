"""Which settings a proxy goes by only once it is started anew."""

from alembic import op
from sqlalchemy import Column, Text, inspect

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the column if it is not there."""
    there = {column["name"] for column in inspect(op.get_bind()).get_columns("console_proxy")}
    if "waiting_settings" not in there:
        op.add_column("console_proxy", Column("waiting_settings", Text))
