"""A person's way: the console's page in Chromium, a real guest behind it."""

import datetime
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from consoleproxy import errors
from consoleproxy.keystore.development import make_development_pki
from tests.browser.page_server import page_server
from tests.browser.viewer_page import reached, state_of
from tests.integration.fixtures.cloud import Cloud, Machine, running_cloud
from tests.integration.fixtures.qemu import Qemu
from tests.waiting import wait_for

_PASSWORD = "secret12"
_BLUE, _RED = (0, 0, 168), (168, 0, 0)
_CORNER = """
const canvas = document.querySelector("#screen canvas");
if (!canvas) return null;
const pixel = canvas.getContext("2d").getImageData(canvas.width - 2, canvas.height - 2, 1, 1);
return [canvas.width, canvas.height, ...pixel.data.slice(0, 3)];
"""
_PICTURE = "return document.querySelector('#screen canvas').toDataURL()"

Screenshot = Callable[[Chrome, str], Path]


@pytest.fixture
def guest(qemu_factory: Callable[..., Qemu]) -> Qemu:
    return qemu_factory(password=_PASSWORD)


@pytest.fixture
def machine(guest: Qemu) -> Machine:
    return Machine("büro 1", str(uuid.uuid4()), guest.port, _PASSWORD)


def _corner(driver: Chrome) -> Any:
    return driver.execute_script(_CORNER)


def _type_into_the_guest(driver: Chrome, guest: Qemu) -> None:
    reached(driver, "connected")
    wait_for(lambda: _corner(driver) == [720, 400, 0, 0, 0], "the guest's screen")
    before = driver.execute_script(_PICTURE)
    ActionChains(driver).send_keys("hello").perform()
    wait_for(lambda: len(guest.keys()) == 5, "the guest to receive the keys")
    assert [chr(int(key[:2], 16)) for key in guest.keys()] == list("hello")
    wait_for(
        lambda: driver.execute_script(_PICTURE) != before,
        "the guest's screen to change",
    )
    ActionChains(driver).send_keys(Keys.F4).perform()
    wait_for(lambda: _corner(driver) == [720, 400, *_RED], "the guest to turn red")


def _assert_nothing_was_logged(driver: Chrome) -> None:
    """Nothing but Chromium's advice on how this test reads pixels."""
    entries = driver.get_log("browser")  # type: ignore[no-untyped-call]
    assert [entry for entry in entries if entry["source"] != "rendering"] == []


def test_a_console_over_ws(
    tmp_path: Path,
    guest: Qemu,
    machine: Machine,
    open_browser: Callable[..., Chrome],
    screenshot: Screenshot,
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud:
        driver = open_browser()
        driver.get(cloud.console(machine, extra="a+b"))
        _type_into_the_guest(driver, guest)
        assert driver.title == "büro 1"
        screenshot(driver, "console-ws")
        _assert_nothing_was_logged(driver)
        driver.find_element(By.ID, "leave").click()
        reached(driver, "ended")
        assert driver.find_element(By.ID, "reason").text == "The console was closed."
        wait_for(lambda: guest.clients() == [], "the hypervisor to be let go")


def test_a_console_over_wss(
    tmp_path: Path,
    guest: Qemu,
    machine: Machine,
    open_browser: Callable[..., Chrome],
    screenshot: Screenshot,
) -> None:
    certs = tmp_path / "certs"
    pki = make_development_pki("console.example.test", certs, datetime.datetime.now(datetime.UTC))
    with running_cloud(
        tmp_path,
        [machine],
        ssl_enabled=True,
        url_domain="*.console.example.test",
        keystore_path=str(certs),
    ) as cloud:
        driver = open_browser(trusted_root=pki.root)
        url = cloud.console(machine)
        assert url.startswith("https://127-0-0-1.console.example.test:")
        driver.get(url)
        _type_into_the_guest(driver, guest)
        screenshot(driver, "console-wss")
        assert driver.find_element(By.ID, "status").text == "Connected, encrypted"
        _assert_nothing_was_logged(driver)


def _told(driver: Chrome) -> tuple[str, str]:
    reached(driver, "ended")
    code = driver.execute_script("return document.documentElement.dataset.closeCode")
    return str(code), driver.find_element(By.ID, "reason").text


def test_refusals_are_told_in_the_page(
    tmp_path: Path,
    machine: Machine,
    open_browser: Callable[..., Chrome],
    screenshot: Screenshot,
) -> None:
    wrong = Machine("wrong", str(uuid.uuid4()), machine.port, "another1")
    with running_cloud(tmp_path, [machine, wrong]) as cloud:
        used = cloud.console(machine)
        first = open_browser()
        first.get(used)
        reached(first, "connected")
        first.get("about:blank")
        wait_for(lambda: cloud.sessions() == 0, "the session to end")
        driver = open_browser(size=(420, 720))
        for url, expected in (
            (used, errors.SessionUsed),
            (cloud.console(wrong), errors.HypervisorLoginFailed),
            (used.replace("token=", "token=x"), errors.TokenInvalid),
        ):
            driver.get("about:blank")
            driver.get(url)
            assert _told(driver) == (str(expected.close_code), expected.sentence)
            screenshot(driver, f"refused-{expected.__name__}")


def test_the_older_viewer_is_told_that_it_was_replaced(
    tmp_path: Path, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud:
        first, second = open_browser(), open_browser()
        first.get(cloud.console(machine))
        wait_for(lambda: state_of(first) == "connected", "the first console")
        second.get(cloud.console(machine))
        assert _told(first) == ("4409", errors.SessionReplaced.sentence)
        wait_for(lambda: state_of(second) == "connected", "the second console")
        assert cloud.sessions() == 1


def test_a_page_from_elsewhere_finds_the_port_that_its_link_names(
    tmp_path: Path, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud, page_server() as port:
        driver = open_browser()
        driver.get(cloud.console(machine).replace(f":{cloud.proxy.port}/", f":{port}/"))
        reached(driver, "connected")


def test_a_proxy_that_cannot_be_reached_is_named(
    tmp_path: Path,
    machine: Machine,
    open_browser: Callable[..., Chrome],
    unused_port: int,
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud, page_server() as port:
        driver = open_browser()
        url = cloud.console(machine).replace(str(cloud.proxy.port), str(unused_port))
        driver.get(url.replace(f":{unused_port}/", f":{port}/"))
        code, reason = _told(driver)
        assert code == "1006"
        assert f"127.0.0.1:{unused_port}" in reason


def test_the_inventory_page_opens_a_console(
    tmp_path: Path,
    machine: Machine,
    open_browser: Callable[..., Chrome],
    screenshot: Screenshot,
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud:
        driver = open_browser()
        driver.get(f"http://127.0.0.1:{cloud.management.port}/")
        screenshot(driver, "inventory")
        driver.find_element(By.CSS_SELECTOR, "form[action^='/console/'] button").click()
        wait_for(lambda: len(driver.window_handles) == 2, "a new tab")
        driver.switch_to.window(driver.window_handles[1])
        reached(driver, "connected")


def test_no_request_goes_to_third_parties(
    tmp_path: Path, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud:
        driver = open_browser()
        driver.get(cloud.console(machine))
        reached(driver, "connected")
        names = driver.execute_script(
            "return performance.getEntriesByType('resource').map(entry => entry.name)"
        )
        assert [name for name in names if not name.startswith(_origin(cloud))] == []
        assert names


def _origin(cloud: Cloud) -> str:
    return f"http://127.0.0.1:{cloud.proxy.port}/"
