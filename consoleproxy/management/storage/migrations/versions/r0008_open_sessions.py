"""An index that finds the open sessions among all that are over."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the index if it is not there."""
    op.create_index(
        "console_session_open", "console_session", ["removed", "acquired"], if_not_exists=True
    )
