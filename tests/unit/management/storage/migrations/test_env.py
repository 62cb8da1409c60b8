from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, inspect

from consoleproxy.management.storage.migrations import REVISIONS


def test_revisions_run_in_the_transaction_of_the_caller(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'test.db'}")
    config = Config()
    config.set_main_option("script_location", "consoleproxy.management.storage:migrations")
    with engine.connect() as db:
        db.exec_driver_sql("BEGIN")
        config.attributes["connection"] = db
        command.upgrade(config, REVISIONS[-1])
        assert inspect(db).get_table_names()
        db.rollback()
        assert inspect(db).get_table_names() == []
    engine.dispose()
