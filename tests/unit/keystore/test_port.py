from itertools import product

import pytest

from consoleproxy.keystore.port import ConsolePort, console_port


def test_all_three_give_tls() -> None:
    assert console_port(True, "*.console.test", True) == ConsolePort(8443, tls=True)


@pytest.mark.parametrize(
    ("ssl_enabled", "url_domain", "has_certificate"),
    list(product((True, False), ("*.a.test", " ", ""), (True, False)))[1:],
)
def test_anything_less_does_not_and_says_why(
    ssl_enabled: bool, url_domain: str, has_certificate: bool
) -> None:
    port = console_port(ssl_enabled, url_domain, has_certificate)
    assert (port.port, port.tls) == (8080, False)
    assert ("consoleproxy.sslEnabled is false" in port.reason) is not ssl_enabled
    assert ("consoleproxy.url.domain is not set" in port.reason) is (not url_domain.strip())
    assert ("no server certificate" in port.reason) is not has_certificate
