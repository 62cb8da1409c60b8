from tests.unit.management.accounts_contract import SignatureContract


class TestSignatureRecordsOnSqlite(SignatureContract):
    pass
