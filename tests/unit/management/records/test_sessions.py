from tests.unit.management.contracts import SessionContract


class TestSessionRecordsOnSqlite(SessionContract):
    pass
