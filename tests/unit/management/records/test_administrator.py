from tests.unit.management.accounts_contract import AdministratorContract


class TestAdministratorRecordsOnSqlite(AdministratorContract):
    pass
