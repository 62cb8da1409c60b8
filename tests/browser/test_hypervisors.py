"""What a person sees of the way to the hypervisor: the screen over TLS, or why there is none."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from consoleproxy import errors
from consoleproxy.errors import HypervisorRefused
from tests.browser.viewer_page import reached
from tests.integration.fixtures.pki import Pki
from tests.integration.fixtures.qemu import Encrypted, Qemu
from tests.integration.fixtures.standalone import Standalone
from tests.waiting import wait_for

_PASSWORD = "secret12"
_RED = [168, 0, 0, 255]
_CORNER = """
const canvas = document.querySelector("#screen canvas");
if (!canvas || !canvas.width) return null;
return [...canvas.getContext("2d").getImageData(canvas.width - 2, canvas.height - 2, 1, 1).data];
"""

Start = Callable[..., Standalone]
Guests = Callable[..., Qemu]
Screenshot = Callable[[Chrome, str], Path]


def test_a_console_over_tls_with_a_password(
    proxy_factory: Start,
    qemu_factory: Guests,
    pki: Pki,
    open_browser: Callable[..., Chrome],
    screenshot: Screenshot,
) -> None:
    """VeNCrypt X509Vnc, on a host that demands a certificate of the proxy."""
    folder = pki.qemu_folder(pki.server)
    guest = qemu_factory(tls=Encrypted(folder, verify_peer=True), password=_PASSWORD)
    proxy = proxy_factory(
        hypervisor_tls_ca_file=str(pki.root),
        hypervisor_tls_certificate_file=str(pki.client.certificate),
        hypervisor_tls_key_file=str(pki.client.key),
        hypervisor_encryption="required",
    )
    driver = open_browser()
    driver.get(proxy.page(host=guest.host, port=guest.port, password=_PASSWORD))
    reached(driver, "connected")
    assert guest.qmp("query-vnc")["auth"] == "vencrypt+x509+vnc"
    ActionChains(driver).send_keys("hello", Keys.F4).perform()
    wait_for(lambda: len(guest.keys()) == 6, "the guest to receive the keys")
    wait_for(lambda: driver.execute_script(_CORNER) == _RED, "the screen to turn red")
    ActionChains(driver).send_keys("over tls").perform()
    wait_for(lambda: len(guest.keys()) == 14, "the guest to receive the keys")
    screenshot(driver, "console-x509vnc")
    assert _PASSWORD not in driver.page_source
    driver.get("about:blank")
    wait_for(lambda: guest.clients() == [], "the hypervisor to be let go")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: of the host's certificate, its password, or the proxy's settings."""

    expected: type[HypervisorRefused]
    pair: str = "server"
    password: str = _PASSWORD
    allowed: str = "127.0.0.1"


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault(errors.HypervisorLoginFailed, password="another1"), id="password"),
        pytest.param(Fault(errors.HypervisorCertificateUnknown, pair="foreign"), id="authority"),
        pytest.param(Fault(errors.HypervisorCertificateExpired, pair="expired"), id="expired"),
        pytest.param(Fault(errors.HypervisorCertificateWrongName, pair="elsewhere"), id="name"),
        pytest.param(Fault(errors.HypervisorForbidden, allowed=""), id="target"),
    ],
)
def test_each_fault_is_told_in_its_own_words(
    request: pytest.FixtureRequest,
    proxy_factory: Start,
    qemu_factory: Guests,
    pki: Pki,
    open_browser: Callable[..., Chrome],
    screenshot: Screenshot,
    fault: Fault,
) -> None:
    folder = pki.qemu_folder(getattr(pki, fault.pair))
    guest = qemu_factory(tls=Encrypted(folder, check=False), password=fault.password)
    proxy = proxy_factory(hypervisor_tls_ca_file=str(pki.root), hypervisor_allowed=fault.allowed)
    driver = open_browser()
    driver.get(proxy.page(host=guest.host, port=guest.port, password=_PASSWORD))
    reached(driver, "ended")
    screenshot(driver, f"refused-{request.node.callspec.id}")
    code = driver.execute_script("return document.documentElement.dataset.closeCode")
    assert (str(code), driver.find_element(By.ID, "reason").text) == (
        "4502",
        fault.expected.sentence,
    )
    assert not driver.find_element(By.ID, "again").is_displayed()
