from consoleproxy.management.configuration import Configuration, shown_configurations
from consoleproxy.settings import Settings


def test_settings_are_shown_as_cloudstack_writes_them() -> None:
    shown = {entry.name: entry for entry in shown_configurations(Settings(ssl_enabled=True))}
    ssl = shown["consoleproxy.sslEnabled"]
    assert (ssl.value, ssl.default, ssl.type) == ("true", "false", "Boolean")
    maximum = shown["consoleproxy.session.max"]
    assert (maximum.value, maximum.type) == ("50", "Number")
    assert shown["consoleproxy.url.domain"].type == "String"


def test_secrets_are_left_out() -> None:
    settings = Settings(management_secret="the secret", manage_page_key="the secret")
    shown = shown_configurations(settings)
    assert all(isinstance(entry, Configuration) for entry in shown)
    assert "the secret" not in repr(shown)
