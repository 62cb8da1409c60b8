from tests.unit.management.contracts import AccountContract


class TestAccountRecordsOnSqlite(AccountContract):
    pass
