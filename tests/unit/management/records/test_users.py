from tests.unit.management.accounts_contract import UserContract


class TestUserRecordsOnSqlite(UserContract):
    pass
