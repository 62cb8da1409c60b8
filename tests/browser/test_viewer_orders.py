"""What comes twice, too soon or in the wrong order: the viewer's page goes on as if it had not."""

from collections.abc import Callable
from typing import Any

from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from tests.browser.embedded import Embedded
from tests.browser.page_server import page_server
from tests.browser.test_reconnect import Network
from tests.browser.viewer_page import (
    is_whole,
    open_console,
    open_tool,
    opened_tool,
    reached,
    text_of,
)
from tests.integration.fixtures.cloud import Cloud, Machine
from tests.waiting import wait_for

# Sockets that connect never, and close when they are told to, and all that were made.
_HANGING = """
window.sockets = [];
window.WebSocket = class extends EventTarget {
  static CONNECTING = 0;
  static CLOSED = 3;
  readyState = 0;
  protocol = "";
  constructor(url) {
    super();
    sockets.push(new URL(url).host);
  }
  close() {
    setTimeout(() => this.dispatchEvent(new CloseEvent("close", { code: 1006 })));
  }
  send() {}
};
"""
# When each websocket was begun, and when the page was in which state.
_WATCH = """
window.seen = [];
window.WebSocket = new Proxy(WebSocket, {
  construct(target, given) {
    seen.push(["websocket", performance.now()]);
    return new target(...given);
  },
});
const root = document.documentElement;
new MutationObserver(() => seen.push([root.dataset.state, performance.now()]))
  .observe(root, { attributeFilter: ["data-state"] });
"""
_STILLS = "return document.querySelectorAll('.still').length"
_SAID_ALOUD = """
const status = document.getElementById("status");
window.aloud = [];
new MutationObserver(() => {
  if (status.getAttribute("aria-live") !== "off") aloud.push(status.textContent);
}).observe(status, { childList: true });
"""
_LANGUAGES = """
const viewer = document.querySelector("console-viewer");
const wishes = ["de", "en"].map((language) => viewer.setLanguage(language));
Promise.all(wishes).then(() => arguments[0](), arguments[0]);
"""


def _seen(driver: Chrome) -> list[tuple[str, float]]:
    return [(what, at) for what, at in driver.execute_script("return seen")]


def _back(driver: Chrome, times: int) -> None:
    def count() -> int:
        return [what for what, _ in _seen(driver)].count("connected")

    wait_for(lambda: count() == times, f"the console to be back {times} times")


def test_a_tool_that_is_wanted_left_and_wanted_again_before_it_has_come_is_there_once(
    cloud: Cloud, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    driver = open_browser()
    open_console(driver, cloud.console(machine))
    button = driver.find_element(By.CSS_SELECTOR, "[data-tool=display]")
    driver.execute_script("for (let n = 0; n < 3; n++) arguments[0].click()", button)
    wait_for(lambda: opened_tool(driver) == "display", "the tool")
    open_tool(driver, "session")
    open_tool(driver, "display")
    assert len(driver.find_elements(By.ID, "fit")) == 1
    driver.find_element(By.CSS_SELECTOR, "[data-tool=display]").click()
    assert opened_tool(driver) == ""
    driver.execute_script("for (let n = 0; n < 3; n++) arguments[0].click()", button)
    wait_for(lambda: opened_tool(driver) == "display", "the tool")
    # What was opened once too often would stand there by the next turn of the page.
    driver.execute_async_script("setTimeout(arguments[0])")
    assert len(driver.find_elements(By.ID, "fit")) == 1


def test_who_cancels_while_the_first_port_is_asked_is_not_connected_at_the_second_one(
    cloud: Cloud, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    with page_server() as pages:
        driver = open_browser()
        driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": _HANGING})
        driver.get(cloud.console(machine).replace(f":{cloud.proxy.port}/", f":{pages}/"))
        wait_for(lambda: "Waiting for" in text_of(driver, "panel-detail"), "the panel")
        driver.find_element(By.ID, "cancel").click()
        reached(driver, "ended")
        driver.execute_async_script("setTimeout(arguments[0], 50)")
        assert driver.execute_script("return sockets") == [f"127.0.0.1:{pages}"]
    assert cloud.sessions() == 0


def test_a_console_that_drops_again_at_once_is_not_tried_at_once(
    cloud: Cloud, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    with Network(cloud) as network:
        driver = open_browser()
        url = cloud.console(machine).replace(str(cloud.proxy.port), str(network.port))
        open_console(driver, url)
        driver.execute_script(_WATCH)
        network.cut()
        network.mend()
        _back(driver, 1)
        network.cut()
        network.mend()
        _back(driver, 2)
        seen = _seen(driver)
        back, dropped = [at for what, at in seen if what in ("connected", "reconnecting")][1:3]
        tried = next(at for what, at in seen if what == "websocket" and at > back)
        if dropped - back < 5000:
            assert tried - dropped > 950


def test_of_two_languages_the_later_wish_counts(embedded: Embedded) -> None:
    embedded.open(f'src="{embedded.link}" language="fr"')
    wait_for(lambda: embedded.state()["text"] == "Connecté", "French")
    assert embedded.driver.execute_async_script(_LANGUAGES) is None
    assert embedded.state()["text"] == "Connected"


def test_a_state_is_not_read_out_again_behind_a_word_that_took_its_place(
    cloud: Cloud, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    driver = open_browser()
    open_console(driver, cloud.console(machine))
    open_tool(driver, "session")
    driver.execute_script(_SAID_ALOUD)
    driver.find_element(By.ID, "session-copy").click()
    status = driver.find_element(By.ID, "status")
    wait_for(lambda: status.text != "Connected", "a word on it")
    word = status.text
    wait_for(lambda: status.text == "Connected", "the state again")
    driver.find_element(By.ID, "leave").click()
    reached(driver, "ended")
    assert driver.execute_script("return aloud") == [word, "Ended"]


def test_what_did_not_come_behind_the_first_picture_comes_with_the_next_screen(
    cloud: Cloud, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    with Network(cloud) as network:
        driver = open_browser()
        driver.execute_cdp_cmd("Network.enable", {})
        driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*/behind-*"]})
        driver.get(cloud.console(machine).replace(str(cloud.proxy.port), str(network.port)))
        wait_for(lambda: _complaints(driver), "the browser to miss it")
        driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})
        network.cut()
        network.mend()
        is_whole(driver)


def _complaints(driver: Chrome) -> list[str]:
    lines: list[dict[str, str]] = driver.get_log("browser")  # type: ignore[no-untyped-call]
    return [line["message"] for line in lines if "behind-" in line["message"]]


def test_screens_that_are_gone_are_not_kept(
    cloud: Cloud, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    with Network(cloud) as network:
        driver = open_browser()
        open_console(
            driver, cloud.console(machine).replace(str(cloud.proxy.port), str(network.port))
        )
        first = _canvases(driver)
        driver.execute_script(_WATCH)
        for times in range(1, 4):
            network.cut()
            network.mend()
            _back(driver, times)
            # An element that a test asks for is held by its driver.
            wait_for(lambda: not driver.execute_script(_STILLS), "its picture")
        # Each has two, and the pointer's picture may have come late.
        wait_for(lambda: _canvases(driver) < first + 3, "the browser to forget the screens before")


def _canvases(driver: Chrome) -> int:
    """Count the pictures that the page holds on to, in the document or not."""
    group = {"objectGroup": "canvases"}
    found = driver.execute_cdp_cmd(
        "Runtime.evaluate", {"expression": "HTMLCanvasElement.prototype", **group}
    )
    kind = {"prototypeObjectId": found["result"]["objectId"]}
    objects = driver.execute_cdp_cmd("Runtime.queryObjects", {**kind, **group})["objects"]
    counted = driver.execute_cdp_cmd(
        "Runtime.callFunctionOn",
        {
            "objectId": objects["objectId"],
            "functionDeclaration": "function () { return this.length }",
        },
    )
    driver.execute_cdp_cmd("Runtime.releaseObjectGroup", group)
    return int(counted["result"]["value"])


def test_what_tools_have_made_goes_with_them(
    cloud: Cloud, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    driver = open_browser()
    open_console(driver, cloud.console(machine))
    names = ("keys", "paste", "display", "session")

    def use_all(times: int) -> dict[str, Any]:
        for name in names * times:
            open_tool(driver, name)
        driver.find_element(By.CSS_SELECTOR, f"[data-tool={names[-1]}]").click()
        driver.execute_cdp_cmd("HeapProfiler.collectGarbage", {})
        counted: dict[str, Any] = driver.execute_cdp_cmd("Memory.getDOMCounters", {})
        return counted

    before = use_all(2)
    after = use_all(6)
    # One that stays is some dozen elements, six times.
    assert after["nodes"] - before["nodes"] < 100
    assert after["jsEventListeners"] - before["jsEventListeners"] < 30
