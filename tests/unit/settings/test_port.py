from consoleproxy.keystore.context import TlsPolicy
from consoleproxy.settings.port import PortSettings


def test_no_tls_and_no_load_balancer_unless_asked_for() -> None:
    settings = PortSettings()
    assert not settings.ssl_enabled
    assert settings.url_domain == ""
    assert settings.loadbalancer_networks == ""
    assert settings.loadbalancer_client_address == "none"
    assert settings.allowed_origins == ""


def test_the_admin_listener_is_on_loopback() -> None:
    assert PortSettings().admin_address == "127.0.0.1"


def test_policy_is_one_that_the_keystore_knows() -> None:
    assert TlsPolicy(PortSettings().tls_policy) is TlsPolicy.MODERN
