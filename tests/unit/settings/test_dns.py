from consoleproxy.settings import declared_settings
from consoleproxy.settings.dns import DnsSettings


def test_no_address_is_answered_for_unless_it_is_named() -> None:
    assert DnsSettings().dns_networks == ""


def test_its_settings_do_not_come_from_a_management_server() -> None:
    mine = [one for one in declared_settings() if one.group == "DNS responder"]
    assert len(mine) == 6
    assert not any(one.setting.changeable for one in mine)
