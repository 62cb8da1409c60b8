from tests.unit.management.contracts import ProxyContract


class TestProxyRecordsOnSqlite(ProxyContract):
    pass
