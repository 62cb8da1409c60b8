from tests.unit.management.sealing_contract import SealingContract


class TestSealingAtStartOnSqlite(SealingContract):
    pass
