"""A person's way through a load balancer: page and websocket come by its port, not the proxy's."""

from collections.abc import Callable
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from consoleproxy import errors
from tests.browser.viewer_page import reached
from tests.integration.fixtures.balancers import (
    BALANCER,
    HAPROXY_OFFLOAD,
    HAPROXY_PASSTHROUGH,
    NGINX_OFFLOAD_FORWARDED,
    NGINX_PASSTHROUGH,
    PROXY_NAMES,
    Keystore,
    Setup,
)
from tests.integration.fixtures.qemu import Qemu
from tests.integration.fixtures.standalone import Door, Standalone
from tests.integration.fixtures.viewer import Entry
from tests.waiting import wait_for

_RED = [168, 0, 0, 255]
_CORNER = """
const canvas = document.querySelector("#screen canvas");
if (!canvas || !canvas.width) return null;
return [...canvas.getContext("2d").getImageData(canvas.width - 2, canvas.height - 2, 1, 1).data];
"""
# A page of another site that has got hold of a console's link.
_STOLEN = """
const done = arguments[arguments.length - 1];
const socket = new WebSocket(arguments[0], ["binary"]);
socket.onclose = (event) => done([event.code, event.reason]);
"""


@pytest.fixture
def keystore(tmp_path: Path) -> Keystore:
    return Keystore(tmp_path)


def _text(driver: Chrome, name: str) -> str:
    return "".join(found.text for found in driver.find_elements(By.ID, name))


@pytest.mark.parametrize(
    "setup",
    [HAPROXY_PASSTHROUGH, HAPROXY_OFFLOAD, NGINX_PASSTHROUGH, NGINX_OFFLOAD_FORWARDED],
    ids=str,
)
def test_a_console_through_a_load_balancer(
    setup: Setup,
    keystore: Keystore,
    proxy_factory: Callable[..., Standalone],
    qemu_factory: Callable[..., Qemu],
    open_browser: Callable[..., Chrome],
    screenshot: Callable[[Chrome, str], Path],
) -> None:
    guest = qemu_factory()
    proxy = proxy_factory(source_ip_check=True, **setup.settings(keystore))
    way = {"host": "127.0.0.1", "port": guest.port, "source_ip": BALANCER}
    driver = open_browser(trusted_root=keystore.root)
    with setup.running((proxy, proxy), keystore) as balancer:
        door = Door(port=balancer.port, host=PROXY_NAMES[0], entry=Entry(tls=keystore.trust))
        page = proxy.page(door, **way)
        # As CloudStack makes its links: the proxy's own port, whatever the page's is.
        driver.get(page.replace(f"port={balancer.port}", f"port={proxy.port}"))
        reached(driver, "connected")
        assert driver.find_element(By.ID, "status").text == "Connected, encrypted"
        facts = driver.find_element(By.CSS_SELECTOR, "[data-tool=session]")
        facts.click()
        encrypted = "Encrypted up to a load balancer" if setup.offload else "Encrypted"
        wait_for(lambda: _text(driver, "session-browser") == encrypted, "how far it is encrypted")
        facts.click()
        ActionChains(driver).send_keys("hello", Keys.F4).perform()
        wait_for(lambda: len(guest.keys()) == 6, "the guest to receive the keys")
        wait_for(lambda: driver.execute_script(_CORNER) == _RED, "the screen to turn red")
        screenshot(driver, f"console-{setup.title.replace(', ', '-').replace(' ', '-')}")
        driver.find_element(By.ID, "leave").click()
        reached(driver, "ended")


def test_a_page_of_another_site_opens_no_console(
    keystore: Keystore,
    proxy_factory: Callable[..., Standalone],
    qemu_factory: Callable[..., Qemu],
    open_browser: Callable[..., Chrome],
) -> None:
    guest = qemu_factory()
    setup = HAPROXY_OFFLOAD
    proxy = proxy_factory(**setup.settings(keystore))
    driver = open_browser(trusted_root=keystore.root)
    with setup.running((proxy, proxy), keystore) as balancer:
        page = proxy.page(Door(port=balancer.port), host="127.0.0.1", port=guest.port)
        query = page.partition("?")[2]
        driver.get(f"https://{PROXY_NAMES[1]}:{balancer.port}/healthz")
        told = driver.execute_async_script(
            _STOLEN, f"wss://{PROXY_NAMES[0]}:{balancer.port}/websockify?{query}"
        )
        assert told == [errors.OriginRefused.close_code, errors.OriginRefused.sentence]
        assert guest.clients() == []
