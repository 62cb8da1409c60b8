"""A certificate is renewed while a console is open over wss."""

import uuid
from collections.abc import Callable
from pathlib import Path

from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains

from tests.browser.viewer_page import reached, state_of
from tests.integration.fixtures.cloud import Machine, running_cloud
from tests.integration.fixtures.pki import Pki
from tests.integration.fixtures.qemu import Qemu
from tests.integration.test_renewal import install, served
from tests.waiting import wait_for


def test_an_open_session_still_types_and_a_new_connection_sees_the_new_serial(
    tmp_path: Path,
    pki: Pki,
    qemu_factory: Callable[..., Qemu],
    open_browser: Callable[..., Chrome],
    screenshot: Callable[[Chrome, str], Path],
) -> None:
    guest = qemu_factory()
    machine = Machine("web-1", str(uuid.uuid4()), guest.port)
    folder = tmp_path / "certs"
    old = install(pki, pki.server, folder)
    with running_cloud(
        tmp_path,
        [machine],
        ssl_enabled=True,
        url_domain="127.0.0.1",
        keystore_path=str(folder),
        session_policy="share",
    ) as cloud:
        driver = open_browser(trusted_root=pki.root)
        url = cloud.console(machine)
        assert url.startswith("https://127.0.0.1:")
        driver.get(url)
        reached(driver, "connected")
        ActionChains(driver).send_keys("before").perform()
        wait_for(lambda: len(guest.keys()) == 6, "the keys before the change")
        assert served(cloud.proxy.port) == old

        new = install(pki, pki.renewed, folder)
        wait_for(lambda: served(cloud.proxy.port) == new, "the new certificate")
        ActionChains(driver).send_keys("after").perform()
        wait_for(lambda: len(guest.keys()) == 11, "the keys after the change")
        assert state_of(driver) == "connected"
        (session,) = cloud.proxy.registry
        assert session.number == 1, "the session is the same"
        screenshot(driver, "renewed")

        other = open_browser(trusted_root=pki.root)
        other.get(cloud.console(machine))
        wait_for(lambda: state_of(other) == "connected", "a console under the new certificate")
