from consoleproxy.rfb.policy import DEFAULT_ORDER, Encryption, parse_order
from consoleproxy.settings.hypervisor import HypervisorSettings


def test_security_types_are_the_strongest_first() -> None:
    assert parse_order(HypervisorSettings().hypervisor_security_types) == DEFAULT_ORDER


def test_certificates_are_checked_whole() -> None:
    settings = HypervisorSettings()
    assert settings.hypervisor_tls_verify == "full"
    assert Encryption(settings.hypervisor_encryption) is Encryption.PREFERRED
