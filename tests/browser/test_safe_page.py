"""The viewer's page under its own rules, and in frames, in a real browser."""

import datetime
from collections.abc import Callable
from pathlib import Path

from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By

from consoleproxy.keystore.development import make_development_pki
from tests.browser.portal import Portal, running_portal
from tests.browser.viewer_page import reached, state_of
from tests.integration.fixtures.cloud import Cloud, Machine, running_cloud
from tests.integration.fixtures.qemu import Qemu
from tests.waiting import wait_for

# Each is a way for a script to become one of another's making.
_SINKS = """
const made = [];
const attempts = {
  innerHTML: () => { document.createElement("div").innerHTML = "<b>x</b>"; },
  script: () => { document.createElement("script").src = "data:,window.evil=1"; },
  text: () => { document.createElement("script").text = "window.evil=1"; },
  timer: () => setTimeout("window.evil=1", 0),
  policy: () => trustedTypes.createPolicy("mine", {}),
};
for (const [name, attempt] of Object.entries(attempts)) {
  try { attempt(); made.push(name); } catch {}
}
return made;
"""
_INLINE = """
const script = document.createElement("script");
script.append("window.evil = 1");
try { document.head.append(script); } catch {}
return window.evil ?? null;
"""
# The driver's own scripts may; what the page does by itself later may not.
_EVAL = """
const done = arguments[arguments.length - 1];
setTimeout(() => {
  try { done(eval("'evaluated'")); } catch (error) { done(error.name); }
});
"""


def _complaints(driver: Chrome) -> list[str]:
    """Return what the browser wrote into its log since the last time."""
    entries = driver.get_log("browser")  # type: ignore[no-untyped-call]
    return [entry["message"] for entry in entries if "favicon.ico" not in entry["message"]]


def test_a_console_with_all_its_tools_breaks_no_rule_of_its_page(
    tmp_path: Path, machine: Machine, guest: Qemu, open_browser: Callable[..., Chrome]
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud:
        driver = open_browser()
        driver.get(cloud.console(machine) + "&language=de")
        reached(driver, "connected")
        ActionChains(driver).send_keys("x").perform()
        wait_for(lambda: guest.keys(), "the key")
        names = driver.execute_script(
            "return [...document.querySelectorAll('[data-tool]')].map((tool) => tool.dataset.tool)"
        )
        for name in names:
            opener = f"document.querySelector('[data-tool={name}]').click()"
            driver.execute_script(opener)
            wait_for(lambda: driver.find_element(By.ID, "tool").is_displayed(), name)
            driver.execute_script(opener)
        driver.refresh()
        reached(driver, "connected")
        assert _complaints(driver) == []
        asked = "return performance.getEntriesByType('resource').map(({ name }) => name)"
        own = f"http://127.0.0.1:{cloud.proxy.port}/"
        assert [name for name in driver.execute_script(asked) if not name.startswith(own)] == []


def test_no_script_comes_in(
    tmp_path: Path, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    with running_cloud(tmp_path, [machine]) as cloud:
        driver = open_browser()
        driver.get(cloud.console(machine))
        reached(driver, "connected")
        assert driver.execute_script(_SINKS) == []
        assert driver.execute_script(_INLINE) is None
        assert driver.execute_async_script(_EVAL) == "EvalError"
        connect = "try { new WebSocket(arguments[0]) } catch {}"
        for place in ("ws://evil.example.org/", "wss://evil.example.org/"):
            driver.execute_script(connect, place)
        driver.execute_script("fetch('http://evil.example.org/').catch(() => {})")
        refused: list[str] = []

        def all_refused() -> bool:
            refused.extend(one for one in _complaints(driver) if "connect-src" in one)
            return len(refused) >= 3

        wait_for(all_refused, "the browser to complain")
        assert state_of(driver) == "connected"


def _embed(portal: Portal, console: str) -> None:
    frame = f'<iframe src="{console}" width=800 height=600></iframe>'.replace("&", "&amp;")
    portal.pages["/console"] = f"<!doctype html><title>portal</title>{frame}"


def _enter(driver: Chrome, address: str) -> None:
    driver.get(address)
    driver.switch_to.frame(0)


def test_a_frame_is_for_sites_that_the_operator_allows(
    tmp_path: Path, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    with running_portal() as portal:
        with running_cloud(tmp_path, [machine], frame_ancestors=portal.other_origin) as cloud:
            driver = open_browser()
            _embed(portal, cloud.console(machine))
            _enter(driver, f"{portal.other_origin}/console")
            reached(driver, "connected")
            assert _complaints(driver) == []
            driver.get("about:blank")
            wait_for(lambda: cloud.sessions() == 0, "the console to be let go")
            _embed(portal, cloud.console(machine))
            _enter(driver, f"{portal.origin}/console")
            wait_for(lambda: "frame-ancestors" in "".join(_complaints(driver)), "a refusal")
            assert cloud.sessions() == 0


def _numbers(cloud: Cloud) -> list[int]:
    """Return how often each open session was opened."""
    return [session.number for session in cloud.proxy.registry]


def test_in_another_site_s_frame_the_secret_is_that_frame_s(
    tmp_path: Path, machine: Machine, guest: Qemu, open_browser: Callable[..., Chrome]
) -> None:
    certs = tmp_path / "certs"
    pki = make_development_pki("console.example.test", certs, datetime.datetime.now(datetime.UTC))
    with (
        running_portal() as portal,
        running_cloud(
            tmp_path,
            [machine],
            ssl_enabled=True,
            url_domain="*.console.example.test",
            keystore_path=str(certs),
            frame_ancestors=portal.origin,
        ) as cloud,
    ):
        driver = open_browser(trusted_root=pki.root)
        _embed(portal, cloud.console(machine))
        _enter(driver, f"{portal.origin}/console")
        reached(driver, "connected")
        for number in (2, 3):
            driver.execute_script("location.reload()")
            wait_for(lambda: _numbers(cloud) == [number], "it to come back")  # noqa: B023
            wait_for(lambda: len(guest.clients()) == 1, "one viewer")
            reached(driver, "connected")
        (cookie,) = driver.execute_cdp_cmd("Storage.getCookies", {})["cookies"]
        assert (cookie["sameSite"], cookie["secure"], cookie["httpOnly"]) == ("None", True, True)
        assert "127.0.0.1" in str(cookie["partitionKey"])
        # The portal's page loaded anew asks for the old link, and its browser shows the secret.
        _enter(driver, f"{portal.origin}/console")
        reached(driver, "connected")
