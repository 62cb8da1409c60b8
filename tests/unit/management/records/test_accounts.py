from tests.unit.management.accounts_contract import AccountContract


class TestAccountRecordsOnSqlite(AccountContract):
    pass
