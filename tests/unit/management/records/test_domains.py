from tests.unit.management.accounts_contract import DomainContract


class TestDomainRecordsOnSqlite(DomainContract):
    pass
