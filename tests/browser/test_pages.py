"""The operator's pages in Chromium: by mouse, by keyboard, on a phone, in the dark."""

import base64
import datetime
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from consoleproxy.keystore.development import development_keystore
from consoleproxy.management.pages.assets import NAVIGATION
from tests.browser.accessibility import violations
from tests.browser.operator import (
    DESKTOP,
    KEY,
    PHONE,
    arrived,
    asks_for_the_key,
    came_to,
    heading,
    log_in,
    look,
    press,
    tab_to,
    url_of,
)
from tests.integration.fixtures.cloud import Cloud, Machine, running_cloud
from tests.unit.management.world import chain_of, pem_of
from tests.waiting import free_port, wait_for

_PAGES = [path for path, _ in NAVIGATION]


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    machines = [
        Machine("büro 1", str(uuid.uuid4()), free_port()),
        Machine("a machine with a name as long as people give them", str(uuid.uuid4()), 1),
        Machine("stopped", str(uuid.uuid4()), 1, state="Stopped"),
    ]
    with running_cloud(tmp_path, machines, manage_page_key=KEY) as running:
        _upload_certificate(running)
        yield running


def _upload_certificate(cloud: Cloud) -> None:
    """Have a chain that is about to expire served, so that there is something to warn of."""
    made = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=380)
    keystore = development_keystore("console.example.org", made)
    parts = {
        "certificate": pem_of(keystore.certificate),
        "key": keystore.key_pem().decode(),
        "chain": chain_of(keystore),
    }
    credentials = base64.b64encode(f":{KEY}".encode()).decode()
    answer = requests.post(
        url_of(cloud, "/certificates"),
        files={name: (None, text) for name, text in parts.items()},
        headers={"Origin": url_of(cloud, ""), "Authorization": f"Basic {credentials}"},
        timeout=10,
    )
    assert answer.status_code == 200, answer.text


def test_log_in_and_out(cloud: Cloud, open_browser: Callable[..., Chrome]) -> None:
    driver = open_browser()
    driver.get(url_of(cloud, "/machines?q=stopped"))
    assert heading(driver) == "Log in"
    asks_for_the_key(driver)
    press(driver, "wrong", Keys.ENTER)
    alert = wait_for(lambda: driver.find_elements(By.CSS_SELECTOR, "[role=alert]"), "the refusal")
    assert alert[0].text == "This is not the page key."
    asks_for_the_key(driver)
    press(driver, KEY, Keys.ENTER)
    came_to(driver, cloud, "/machines?q=stopped")
    assert "1 virtual machine found" in driver.page_source
    (cookie,) = driver.get_cookies()
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["secure"]) == (True, "Strict", False)
    driver.find_element(By.XPATH, "//button[text()='Log out']").click()
    arrived(driver, "Log in")
    assert driver.get_cookies() == []
    driver.get(url_of(cloud))
    assert heading(driver) == "Log in"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_page_is_for_everybody(
    cloud: Cloud,
    open_browser: Callable[..., Chrome],
    screenshot: Callable[[Chrome, str], Path],
    scheme: str,
    size: tuple[int, int],
) -> None:
    driver = open_browser()
    look(driver, scheme, size)
    driver.get(url_of(cloud))
    assert violations(driver) == []
    log_in(driver, cloud)
    assert "expires soon" in driver.page_source
    for path in [*_PAGES, "/sessions?show=all", "/machines?q=nothing", "/nothing"]:
        driver.get(url_of(cloud, path))
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
    log_in(driver, cloud, f"/settings/{name}")
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
    arrived(driver, "Settings")
    assert driver.find_element(By.CSS_SELECTOR, "[role=status]").text == f"Saved: {name}"
    row = driver.find_element(By.ID, name)
    assert row.find_element(By.CSS_SELECTOR, "[data-label=Value]").text == "7 changed"
    assert cloud.management.issuer.live.now.session_max == 7
    assert violations(driver) == []
    row.find_element(By.LINK_TEXT, "Change").click()
    arrived(driver, name)
    driver.find_element(By.XPATH, "//button[text()='Reset']").click()
    arrived(driver, "Settings")
    assert cloud.management.issuer.live.now.session_max == 50


def test_a_proxy_that_goes_by_a_setting_only_when_started_anew(
    cloud: Cloud, open_browser: Callable[..., Chrome]
) -> None:
    driver = open_browser()
    log_in(driver, cloud)
    alert = "1 console proxy goes by consoleproxy.workers only when started anew: v-1-VM."
    assert alert not in driver.page_source
    cloud.api.updateConfiguration(name="consoleproxy.workers", value="3")
    wait_for(lambda: _overview_has(driver, cloud, alert), "the alert")
    assert violations(driver) == []
    cloud.api.resetConfiguration(name="consoleproxy.workers")
    wait_for(lambda: not _overview_has(driver, cloud, alert), "the end of the alert")


def _overview_has(driver: Chrome, cloud: Cloud, text: str) -> bool:
    driver.get(url_of(cloud))
    return text in driver.page_source


def _notice(driver: Chrome) -> Any:
    return driver.execute_script("return document.querySelector('[role=status]')?.innerText")


def test_maintenance_begins_and_ends(cloud: Cloud, open_browser: Callable[..., Chrome]) -> None:
    driver = open_browser()
    log_in(driver, cloud, "/proxies")
    for button, state in (("Maintenance", "Maintenance"), ("End maintenance", "Up")):
        driver.find_element(By.XPATH, f"//button[text()='{button}']").click()
        wait_for(lambda: _notice(driver) == f"v-1-VM: {state}.", f"the state {state}")  # noqa: B023
        assert violations(driver) == []
        (proxy,) = cloud.api.listSystemVms()["systemvm"]
        assert proxy["resourcestate"] == ("Enabled" if state == "Up" else "Maintenance")


def test_by_keyboard_from_the_login_to_a_list(
    cloud: Cloud, open_browser: Callable[..., Chrome]
) -> None:
    driver = open_browser()
    driver.get(url_of(cloud))
    asks_for_the_key(driver)
    press(driver, KEY, Keys.ENTER)
    arrived(driver, "Overview")
    press(driver, Keys.TAB)
    assert driver.switch_to.active_element.accessible_name == "Skip to content"
    press(driver, Keys.ENTER)
    wait_for(lambda: "#" in driver.current_url, "the content to be gone to")
    press(driver, Keys.TAB)
    assert driver.switch_to.active_element.accessible_name == "Refresh every 10 s"
    tab_to(driver, "Sessions")
    press(driver, Keys.ENTER)
    arrived(driver, "Sessions")
