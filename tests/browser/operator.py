"""What a person does with the operator's pages in Chromium."""

from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.integration.fixtures.cloud import Cloud
from tests.waiting import wait_for

KEY = "a page key with büro"
DESKTOP, PHONE = (1280, 800), (360, 740)


def url_of(cloud: Cloud, path: str = "/") -> str:
    """Return the address of a page."""
    return f"http://127.0.0.1:{cloud.management.port}{path}"


def heading(driver: Chrome) -> str:
    """Return what the page is called."""
    return driver.find_element(By.TAG_NAME, "h1").text


def log_in(driver: Chrome, cloud: Cloud, path: str = "/") -> None:
    """Open a page and give the key that it asks for."""
    driver.get(url_of(cloud, path))
    driver.find_element(By.ID, "key").send_keys(KEY, Keys.ENTER)
    came_to(driver, cloud, path)


def asks_for_the_key(driver: Chrome) -> None:
    """Wait until what is typed is the page key; a browser gives that the focus when it paints."""
    focused = "return document.activeElement.id === 'key' && document.hasFocus()"
    wait_for(lambda: driver.execute_script(focused), "the field for the page key")


def came_to(driver: Chrome, cloud: Cloud, path: str) -> None:
    """Wait for the page of this path, and all of it."""
    there = "return document.readyState === 'complete' && location.href"
    address = url_of(cloud, path)
    wait_for(lambda: driver.execute_script(there) == address, f"the page {path}")


def look(driver: Chrome, scheme: str, size: tuple[int, int]) -> None:
    """Have the browser be of that size, and prefer dark or light."""
    preference = {"name": "prefers-color-scheme", "value": scheme}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [preference]})
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size == PHONE},
    )


def arrived(driver: Chrome, name: str) -> None:
    """Wait for the page with this heading, and all of it."""
    there = "return document.readyState === 'complete' && document.querySelector('h1').innerText"
    wait_for(lambda: driver.execute_script(there) == name, f"the page {name}")


def press(driver: Chrome, *keys: str) -> None:
    """Press keys, whatever has the focus."""
    ActionChains(driver).send_keys(*keys).perform()


def tab_to(driver: Chrome, name: str) -> None:
    """Go to what has this name with the Tab key alone; what has the focus is always to be seen."""
    for _ in range(60):
        press(driver, Keys.TAB)
        focused = driver.switch_to.active_element
        if focused.tag_name == "body":
            continue
        outline = focused.value_of_css_property("outline-style")
        assert outline != "none", focused.get_attribute("outerHTML")
        if focused.accessible_name == name:
            return
    raise AssertionError(f"the Tab key does not lead to {name}")
