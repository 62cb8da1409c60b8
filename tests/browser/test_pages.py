"""The operator's pages in Chromium: by mouse, by keyboard, on a phone, in the dark."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from consoleproxy.management.pages.assets import NAVIGATION
from tests.browser.accessibility import violations
from tests.integration.fixtures.cloud import Cloud, Machine, running_cloud
from tests.waiting import free_port, wait_for

_KEY = "a page key with büro"
_PAGES = [path for path, _ in NAVIGATION]
_DESKTOP, _PHONE = (1280, 800), (360, 740)


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    machines = [
        Machine("büro 1", str(uuid.uuid4()), free_port()),
        Machine("a machine with a name as long as people give them", str(uuid.uuid4()), 1),
        Machine("stopped", str(uuid.uuid4()), 1, state="Stopped"),
    ]
    with running_cloud(tmp_path, machines, manage_page_key=_KEY) as running:
        yield running


def _url(cloud: Cloud, path: str = "/") -> str:
    return f"http://127.0.0.1:{cloud.management.port}{path}"


def _heading(driver: Chrome) -> str:
    return driver.find_element(By.TAG_NAME, "h1").text


def _log_in(driver: Chrome, cloud: Cloud, path: str = "/") -> None:
    driver.get(_url(cloud, path))
    driver.find_element(By.ID, "key").send_keys(_KEY, Keys.ENTER)
    wait_for(lambda: driver.current_url == _url(cloud, path), "the page that was asked for")


def _look(driver: Chrome, scheme: str, size: tuple[int, int]) -> None:
    """Have the browser be of that size, and prefer dark or light."""
    preference = {"name": "prefers-color-scheme", "value": scheme}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [preference]})
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size == _PHONE},
    )


def test_log_in_and_out(cloud: Cloud, open_browser: Callable[..., Chrome]) -> None:
    driver = open_browser()
    driver.get(_url(cloud, "/machines?q=stopped"))
    assert _heading(driver) == "Log in"
    driver.switch_to.active_element.send_keys("wrong", Keys.ENTER)
    alert = wait_for(lambda: driver.find_elements(By.CSS_SELECTOR, "[role=alert]"), "the refusal")
    assert alert[0].text == "This is not the page key."
    driver.switch_to.active_element.send_keys(_KEY, Keys.ENTER)
    wait_for(lambda: driver.current_url == _url(cloud, "/machines?q=stopped"), "the search")
    assert "1 virtual machine found" in driver.page_source
    (cookie,) = driver.get_cookies()
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["secure"]) == (True, "Strict", False)
    driver.find_element(By.XPATH, "//button[text()='Log out']").click()
    _arrived(driver, "Log in")
    assert driver.get_cookies() == []
    driver.get(_url(cloud))
    assert _heading(driver) == "Log in"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [_DESKTOP, _PHONE], ids=["desktop", "phone"])
def test_every_page_is_for_everybody(
    cloud: Cloud,
    open_browser: Callable[..., Chrome],
    screenshot: Callable[[Chrome, str], Path],
    scheme: str,
    size: tuple[int, int],
) -> None:
    driver = open_browser()
    _look(driver, scheme, size)
    driver.get(_url(cloud))
    assert violations(driver) == []
    _log_in(driver, cloud)
    for path in [*_PAGES, "/sessions?show=all", "/machines?q=nothing", "/nothing"]:
        driver.get(_url(cloud, path))
        assert violations(driver) == [], path
        assert driver.execute_script("return document.documentElement.scrollWidth") <= size[0], path
        name = path.strip("/").replace("?", "-") or "overview"
        screenshot(driver, f"page-{name}-{scheme}-{size[0]}")
    logged = [entry["message"] for entry in driver.get_log("browser")]  # type: ignore[no-untyped-call]
    assert [message for message in logged if "404" not in message] == []


def test_a_setting_is_changed_and_taken_back(
    cloud: Cloud, open_browser: Callable[..., Chrome]
) -> None:
    name = "consoleproxy.session.max"
    driver = open_browser()
    _log_in(driver, cloud, f"/settings/{name}")
    field = driver.find_element(By.ID, "value")
    field.clear()
    field.send_keys("many", Keys.ENTER)
    alert = wait_for(lambda: driver.find_elements(By.CSS_SELECTOR, "[role=alert]"), "the refusal")
    assert alert[0].text.startswith(f"{name}: ")
    assert violations(driver) == []
    field = driver.find_element(By.ID, "value")
    assert field.get_attribute("value") == "many"
    field.clear()
    field.send_keys("7", Keys.ENTER)
    _arrived(driver, "Settings")
    assert driver.find_element(By.CSS_SELECTOR, "[role=status]").text == f"Saved: {name}"
    row = driver.find_element(By.ID, name)
    assert row.find_element(By.CSS_SELECTOR, "[data-label=Value]").text == "7 changed"
    assert cloud.management.issuer.live.now.session_max == 7
    assert violations(driver) == []
    row.find_element(By.LINK_TEXT, "Change").click()
    _arrived(driver, name)
    driver.find_element(By.XPATH, "//button[text()='Reset']").click()
    _arrived(driver, "Settings")
    assert cloud.management.issuer.live.now.session_max == 50


def test_by_keyboard_from_the_login_to_a_list(
    cloud: Cloud, open_browser: Callable[..., Chrome]
) -> None:
    driver = open_browser()
    driver.get(_url(cloud))
    _press(driver, _KEY, Keys.ENTER)
    _arrived(driver, "Overview")
    _press(driver, Keys.TAB)
    assert driver.switch_to.active_element.accessible_name == "Skip to content"
    _press(driver, Keys.ENTER, Keys.TAB)
    assert driver.switch_to.active_element.accessible_name == "Refresh every 10 s"
    _tab_to(driver, "Sessions")
    _press(driver, Keys.ENTER)
    _arrived(driver, "Sessions")


def _arrived(driver: Chrome, heading: str) -> None:
    """Wait for the page with this heading, and all of it."""
    there = "return document.readyState === 'complete' && document.querySelector('h1').innerText"
    wait_for(lambda: driver.execute_script(there) == heading, f"the page {heading}")


def _press(driver: Chrome, *keys: str) -> None:
    ActionChains(driver).send_keys(*keys).perform()


def _tab_to(driver: Chrome, name: str) -> None:
    """Go to what has this name with the Tab key alone; what has the focus is always to be seen."""
    for _ in range(60):
        _press(driver, Keys.TAB)
        focused = driver.switch_to.active_element
        if focused.tag_name == "body":
            continue
        outline = focused.value_of_css_property("outline-style")
        assert outline != "none", focused.get_attribute("outerHTML")
        if focused.accessible_name == name:
            return
    raise AssertionError(f"the Tab key does not lead to {name}")
