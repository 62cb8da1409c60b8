from tests.unit.management.contracts import JobContract


class TestJobRecordsOnSqlite(JobContract):
    pass
