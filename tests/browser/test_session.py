"""The session's facts, in their panel: right for each way to a screen, and measured."""

import datetime
import uuid
from collections.abc import Callable
from pathlib import Path

from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from benchmarks.first_frame.relay import DelayingRelay
from consoleproxy.keystore.development import make_development_pki
from tests.browser.looks import inspect, prefer
from tests.browser.viewer_page import hasten, reached
from tests.integration.fixtures.cloud import Machine, running_cloud
from tests.integration.fixtures.pki import Pki
from tests.integration.fixtures.plain_keys import without_extended_keys
from tests.integration.fixtures.qemu import Encrypted, Qemu
from tests.integration.fixtures.standalone import Standalone
from tests.waiting import wait_for

Screenshot = Callable[[Chrome, str], Path]

_FIELD = """
const field = document.createElement("input");
document.body.append(field);
field.focus();
return field;
"""
# In place of a browser's own, which asks whether a page may.
_CLIPBOARD = """
Object.defineProperty(navigator, "clipboard", { configurable: true, value: arguments[0] && {
  writeText: async (text) => { window.written = text; },
} });
"""
_SEEN = """
const quality = document.getElementById("session-quality");
window.seen = [];
new MutationObserver(() => seen.push(quality.textContent)).observe(quality, { childList: true });
"""
# An older proxy does not know what the viewer asks for.
_OLDER = """
window.said = [];
const { send } = WebSocket.prototype;
WebSocket.prototype.send = function (data) {
  if (typeof data === "string") said.push(data);
  send.call(this, data);
};
window.WebSocket = new Proxy(WebSocket, {
  construct(target, [url, ...given]) {
    return new target(url.replace("&facts=1", ""), ...given);
  },
});
"""


def _open(driver: Chrome, url: str) -> None:
    """Open a console and its facts."""
    driver.get(url)
    reached(driver, "connected")
    driver.find_element(By.CSS_SELECTOR, "[data-tool=session]").click()
    wait_for(lambda: driver.find_elements(By.ID, "session-id"), "the session's facts")


def _fact(driver: Chrome, name: str) -> str:
    return driver.find_element(By.ID, f"session-{name}").text


def _seconds(driver: Chrome) -> int:
    minutes, seconds = _fact(driver, "length").split(":")
    return 60 * int(minutes) + int(seconds)


def _measured(driver: Chrome) -> None:
    """Wait for an echo; how long it takes is the business of the machine that tests run on."""
    wait_for(lambda: _fact(driver, "round-trip").endswith(" ms"), "an echo")


def _pasted(driver: Chrome) -> str:
    """Paste into a field of its own, and return what that was."""
    field = driver.execute_script(_FIELD)
    ActionChains(driver).key_down(Keys.CONTROL).send_keys("v").key_up(Keys.CONTROL).perform()
    pasted = str(wait_for(lambda: field.get_property("value"), "what is pasted"))
    driver.execute_script("arguments[0].remove()", field)
    return pasted


def test_of_a_way_in_the_clear(
    tmp_path: Path,
    guest: Qemu,
    machine: Machine,
    open_browser: Callable[..., Chrome],
    screenshot: Screenshot,
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud:
        driver = open_browser()
        _open(driver, cloud.console(machine))
        (session,) = cloud.proxy.registry
        assert _fact(driver, "machine") == "web-1"
        assert _fact(driver, "id") == session.uuid
        assert (_fact(driver, "browser"), _fact(driver, "guest")) == (
            "Not encrypted",
            "Not encrypted",
        )
        _measured(driver)
        wait_for(lambda: _fact(driver, "bandwidth").endswith(" kb/s"), "a rate")
        before = _seconds(driver)
        wait_for(lambda: _seconds(driver) > before, "the session to get longer")
        assert _fact(driver, "reaction") == "Unknown"

        driver.find_element(By.ID, "screen").click()
        idle_since = session.last_activity
        ActionChains(driver).send_keys("a").perform()
        wait_for(guest.keys, "the guest to receive the key")
        wait_for(lambda: _fact(driver, "reaction").endswith(" ms"), "its picture")
        assert session.last_activity > idle_since
        assert driver.find_elements(By.CSS_SELECTOR, "#tool [aria-live]") == []
        assert inspect(driver, "session", screenshot) == []


def test_of_encrypted_ways(
    tmp_path: Path,
    qemu_factory: Callable[..., Qemu],
    pki: Pki,
    open_browser: Callable[..., Chrome],
    screenshot: Screenshot,
) -> None:
    guest = qemu_factory(tls=Encrypted(pki.qemu_folder(pki.server)), password="secret12")
    machine = Machine("web-1", str(uuid.uuid4()), guest.port, "secret12")
    now = datetime.datetime.now(datetime.UTC)
    root = make_development_pki("console.example.test", tmp_path / "certs", now).root
    with running_cloud(
        tmp_path,
        [machine],
        ssl_enabled=True,
        url_domain="*.console.example.test",
        keystore_path=str(root.parent),
        hypervisor_tls_ca_file=str(pki.root),
    ) as cloud:
        driver = open_browser(trusted_root=root)
        prefer(driver, "de")
        _open(driver, cloud.console(machine))
        wait_for(lambda: _fact(driver, "browser") == "Verschlüsselt", "the texts")
        assert _fact(driver, "guest") == "Verschlüsselt, TLS 1.3"
        _measured(driver)
        assert inspect(driver, "session-de", screenshot) == []


def test_the_machine_s_keyboard_is_known_to_the_tools(
    guest: Qemu, proxy_factory: Callable[..., Standalone], open_browser: Callable[..., Chrome]
) -> None:
    proxy = proxy_factory()
    driver = open_browser()
    layout = "return document.getElementById('screen').dataset.layout"
    with (
        without_extended_keys(guest.port) as port,
        DelayingRelay(proxy.port, round_trip=0) as relay,
    ):
        url = proxy.page(host=guest.host, port=port, locale="jp")
        _open(driver, url.replace(f":{proxy.port}/", f":{relay.port}/"))
        wait_for(lambda: driver.execute_script(layout) == "jp", "the layout of keys")
        driver.execute_script("delete document.getElementById('screen').dataset.layout")
        relay.forget()
        wait_for(lambda: driver.execute_script(layout) == "jp", "the layout on a new connection")
        driver.find_element(By.CSS_SELECTOR, "[data-tool=paste]").click()
        layouts = wait_for(lambda: driver.find_elements(By.ID, "paste-layout"), "the layouts")
        assert layouts[0].get_property("value") == "jp"


def test_its_id_is_copied(
    tmp_path: Path, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud:
        driver = open_browser()
        _open(driver, cloud.console(machine))
        (session,) = cloud.proxy.registry
        status = driver.find_element(By.ID, "status")
        # A page that came without https has none.
        driver.execute_script(_CLIPBOARD, False)
        driver.find_element(By.ID, "session-copy").click()
        wait_for(lambda: status.text == "Session ID copied", "the page to say so")
        assert _pasted(driver) == session.uuid
        driver.execute_script(_CLIPBOARD, True)
        driver.find_element(By.ID, "session-copy").click()
        wait_for(lambda: driver.execute_script("return window.written"), "the clipboard")
        assert driver.execute_script("return written") == session.uuid


def test_a_slow_connection_is_seen_in_the_bar(
    tmp_path: Path,
    machine: Machine,
    open_browser: Callable[..., Chrome],
    screenshot: Screenshot,
) -> None:
    with (
        running_cloud(tmp_path, [machine]) as cloud,
        DelayingRelay(cloud.proxy.port, round_trip=0.3) as relay,
    ):
        driver = open_browser()
        hasten(driver)
        url = cloud.console(machine)
        driver.get(url.replace(f":{cloud.proxy.port}/", f":{relay.port}/"))
        button = driver.find_element(By.CSS_SELECTOR, "[data-tool=session]")
        wait_for(lambda: button.text == "Slow connection", "the sign")
        button.click()
        wait_for(lambda: driver.find_elements(By.ID, "session-id"), "the session's facts")
        wait_for(lambda: _fact(driver, "quality") == "Poor", "the word for it")
        round_trip = int(_fact(driver, "round-trip").removesuffix(" ms"))
        assert round_trip >= 300
        assert inspect(driver, "session-slow", screenshot) == []


def test_a_screen_that_comes_back_is_of_the_same_session(
    tmp_path: Path,
    guest: Qemu,
    machine: Machine,
    qemu_factory: Callable[..., Qemu],
    open_browser: Callable[..., Chrome],
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud:
        driver = open_browser()
        _open(driver, cloud.console(machine))
        wait_for(lambda: _seconds(driver) >= 2, "some time")
        session = _fact(driver, "id")
        guest.stop()
        state = "return document.documentElement.dataset.state"
        wait_for(lambda: driver.execute_script(state) == "reconnecting", "the page to notice")
        qemu_factory(vnc=f"127.0.0.1:{guest.port - 5900}")
        wait_for(lambda: driver.execute_script(state) == "connected", "the screen")
        _measured(driver)
        assert _fact(driver, "id") == session
        assert _seconds(driver) >= 2
        ActionChains(driver).send_keys("a").perform()
        wait_for(lambda: _fact(driver, "pictures") != "0 per second", "pictures of the new screen")


def test_a_connection_that_comes_back_is_measured_anew(
    tmp_path: Path, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    with (
        running_cloud(tmp_path, [machine]) as cloud,
        DelayingRelay(cloud.proxy.port, round_trip=0) as relay,
    ):
        driver = open_browser()
        url = cloud.console(machine)
        _open(driver, url.replace(f":{cloud.proxy.port}/", f":{relay.port}/"))
        _measured(driver)
        session = _fact(driver, "id")
        wait_for(lambda: _seconds(driver) >= 2, "some time")
        driver.execute_script(_SEEN)
        relay.forget()
        wait_for(lambda: "Unknown" in driver.execute_script("return seen"), "a new start")
        _measured(driver)
        assert _fact(driver, "id") == session
        assert _seconds(driver) >= 2


def test_a_page_that_is_loaded_again_is_of_the_same_session(
    tmp_path: Path, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud:
        driver = open_browser()
        _open(driver, cloud.console(machine))
        session = _fact(driver, "id")
        wait_for(lambda: _seconds(driver) >= 2, "some time")
        _open(driver, driver.current_url)
        assert _fact(driver, "id") == session
        assert _seconds(driver) >= 2


def test_an_older_proxy_is_asked_for_nothing(
    tmp_path: Path, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud:
        driver = open_browser()
        driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": _OLDER})
        _open(driver, cloud.console(machine))
        wait_for(lambda: _fact(driver, "bandwidth") != "Unknown", "what the page knows itself")
        unknown = {"id", "length", "guest", "round-trip", "quality"}
        assert {_fact(driver, name) for name in unknown} == {"Unknown"}
        assert not driver.find_element(By.ID, "session-copy").is_displayed()
        assert driver.execute_script("return said") == []
