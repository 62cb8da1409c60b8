from consoleproxy.settings import declared_settings
from consoleproxy.settings.elsewhere import FOREIGN


def test_they_are_no_settings_of_ours_and_say_why() -> None:
    names = [foreign.name for foreign in FOREIGN]
    assert len(set(names)) == len(names)
    assert set(names).isdisjoint(declared.setting.name for declared in declared_settings())
    for foreign in FOREIGN:
        assert len(foreign.why) > 20
        assert not foreign.why.endswith(".")
