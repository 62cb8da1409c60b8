from tests.unit.management.settings_contract import SettingsContract


class TestSettingRecordsOnSqlite(SettingsContract):
    pass
