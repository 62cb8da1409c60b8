from consoleproxy.settings import Settings, declared_settings


def test_no_management_server_is_trusted_without_its_ca() -> None:
    assert Settings().agent_trust_anybody is False


def test_the_agent_goes_by_what_its_own_machine_says() -> None:
    mine = [
        one for one in declared_settings() if one.setting.name.startswith("consoleproxy.agent.")
    ]
    assert mine
    assert not any(one.setting.changeable for one in mine)
