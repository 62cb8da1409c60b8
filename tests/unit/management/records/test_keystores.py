from tests.unit.management.contracts import KeystoreContract


class TestKeystoreRecordsOnSqlite(KeystoreContract):
    pass
