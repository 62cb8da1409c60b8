from tests.unit.management.rotation_contract import RotationContract


class TestRotationOnSqlite(RotationContract):
    pass
