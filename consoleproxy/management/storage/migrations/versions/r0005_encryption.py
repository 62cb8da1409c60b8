"""The table by which a database knows what its secrets are sealed under."""

from alembic import op
from sqlalchemy import TEXT, Column, Integer, String

revision = "0005"
down_revision = "0001"


def upgrade() -> None:
    """Make it; the secrets are sealed at start, by ``sealing_start``."""
    op.create_table(
        "encryption",
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column("canary", String(255).with_variant(TEXT(), "sqlite"), nullable=False),
        if_not_exists=True,
        sqlite_strict=True,
        mariadb_engine="InnoDB",
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
    )
