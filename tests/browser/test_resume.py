"""A console in a real browser: its link is gone at once, and the browser alone finds back."""

import uuid
from collections.abc import Callable
from pathlib import Path

from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By

from consoleproxy import errors
from tests.browser.test_reconnect import Network
from tests.browser.viewer_page import (
    GOES_OFFLINE,
    connections,
    count_connections,
    reached,
    state_of,
)
from tests.integration.fixtures.cloud import Cloud, Machine, running_cloud
from tests.integration.fixtures.qemu import Qemu
from tests.waiting import wait_for


def _type(driver: Chrome, guest: Qemu, text: str) -> None:
    """Type into the screen, and see it arrive."""
    before = len(guest.keys())
    ActionChains(driver).send_keys(text).perform()
    wait_for(lambda: len(guest.keys()) == before + len(text), "the keys")


def _ended(driver: Chrome) -> tuple[str, str]:
    reached(driver, "ended")
    reason = driver.find_element(By.ID, "reason").text
    return str(driver.execute_script("return document.documentElement.dataset.closeCode")), reason


def _open(driver: Chrome, url: str) -> None:
    driver.get(url)
    reached(driver, "connected")


def test_the_link_is_gone_at_once(
    cloud: Cloud, machine: Machine, open_browser: Callable[..., Chrome]
) -> None:
    url = cloud.console(machine, extra="extra-value") + "&language=de&show_dot=true"
    driver = open_browser()
    _open(driver, url)
    page, _, query = driver.current_url.partition("?")
    assert page == url.partition("?")[0]
    assert "token=" not in query
    assert "extra" not in query
    assert query.endswith("&language=de&show_dot=true")
    token = url.partition("token=")[2].partition("&")[0]
    for entry in driver.execute_cdp_cmd("Page.getNavigationHistory", {})["entries"]:
        assert token not in entry["url"], "the way back has it no more"
    kept = "return JSON.stringify([history.state, {...localStorage}, {...sessionStorage}, "
    known = driver.execute_script(kept + "document.cookie, [...consoleproxy.query]])")
    assert token not in known
    assert "extra-value" not in known


def test_a_reload_needs_no_new_link_as_often_as_one_likes(
    cloud: Cloud, machine: Machine, guest: Qemu, open_browser: Callable[..., Chrome]
) -> None:
    driver = open_browser()
    _open(driver, cloud.console(machine))
    for _ in range(4):
        driver.refresh()
        reached(driver, "connected")
        _type(driver, guest, "x")
    wait_for(lambda: cloud.reported() == 1, "one session in the books")
    driver.find_element(By.ID, "leave").click()
    reached(driver, "ended")
    driver.refresh()
    assert _ended(driver) == ("4401", errors.SessionOver.sentence)
    assert cloud.sessions() == 0


def test_an_old_link_in_another_browser_is_refused(
    cloud: Cloud, machine: Machine, guest: Qemu, open_browser: Callable[..., Chrome]
) -> None:
    url = cloud.console(machine)
    driver = open_browser()
    _open(driver, url)
    driver.get("about:blank")
    wait_for(lambda: cloud.sessions() == 0 and not guest.clients(), "all to be let go")
    other = open_browser()
    other.get(url)
    assert _ended(other) == ("4409", errors.SessionUsed.sentence)
    other.refresh()
    assert _ended(other) == ("4401", errors.SessionOver.sentence)
    driver.back()
    reached(driver, "connected")
    _type(driver, guest, "x")


def test_a_closed_tab_leaves_its_place_at_once(
    cloud: Cloud, machine: Machine, guest: Qemu, open_browser: Callable[..., Chrome]
) -> None:
    driver = open_browser()
    driver.switch_to.new_window("tab")
    _open(driver, cloud.console(machine))
    assert guest.clients()
    driver.close()
    wait_for(lambda: cloud.sessions() == 0 and not guest.clients(), "all to be let go")
    driver.switch_to.window(driver.window_handles[0])


def test_a_network_that_changed_costs_a_moment(
    cloud: Cloud, machine: Machine, guest: Qemu, open_browser: Callable[..., Chrome]
) -> None:
    with Network(cloud) as network:
        driver = open_browser()
        count_connections(driver)
        _open(driver, cloud.console(machine).replace(str(cloud.proxy.port), str(network.port)))
        network.source = "127.0.0.9"
        # The proxy has not noticed: the connection over the old network is as it was.
        assert driver.execute_script(GOES_OFFLINE) == "reconnecting"
        reached(driver, "connected")
        assert connections(driver) == 2, "the first attempt was let in"
        _type(driver, guest, "x")
        (session,) = cloud.proxy.registry
        assert session.client_address == "127.0.0.9"
        network.cut()
        reached(driver, "reconnecting")
        network.source = "127.0.0.10"
        network.mend()
        reached(driver, "connected")
        _type(driver, guest, "x")
        wait_for(lambda: cloud.reported() == 1, "one session in the books")


def test_a_duplicated_tab_takes_over_and_the_first_one_does_not_fight_back(
    cloud: Cloud, machine: Machine, guest: Qemu, open_browser: Callable[..., Chrome]
) -> None:
    driver = open_browser()
    _open(driver, cloud.console(machine))
    first, address = driver.current_window_handle, driver.current_url
    state = driver.execute_script("return history.state")
    driver.switch_to.new_window("tab")
    driver.get(address)
    # What duplicating a tab copies.
    driver.execute_script("history.replaceState(arguments[0], '')", state)
    driver.refresh()
    reached(driver, "connected")
    _type(driver, guest, "x")
    second = driver.current_window_handle
    driver.switch_to.window(first)
    assert _ended(driver) == ("4409", errors.SessionReplaced.sentence)
    driver.switch_to.window(second)
    assert state_of(driver) == "connected"
    driver.switch_to.window(first)
    driver.refresh()
    reached(driver, "connected")
    driver.switch_to.window(second)
    assert _ended(driver) == ("4409", errors.SessionReplaced.sentence)


def test_a_browser_without_cookies_survives_a_lost_connection(
    cloud: Cloud, machine: Machine, guest: Qemu, open_browser: Callable[..., Chrome]
) -> None:
    with Network(cloud) as network:
        driver = open_browser()
        driver.execute_cdp_cmd("Network.enable", {})
        driver.execute_cdp_cmd("Emulation.setDocumentCookieDisabled", {"disabled": True})
        _open(driver, cloud.console(machine).replace(str(cloud.proxy.port), str(network.port)))
        driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
        network.cut()
        reached(driver, "reconnecting")
        network.mend()
        reached(driver, "connected")
        _type(driver, guest, "x")
        driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
        driver.refresh()
        assert _ended(driver) == ("4401", errors.SessionOver.sentence)


def test_a_link_that_was_refused_for_what_may_pass_is_tried_again_in_the_page_or_by_a_reload(
    tmp_path: Path,
    unused_port: int,
    qemu_factory: Callable[..., Qemu],
    open_browser: Callable[..., Chrome],
) -> None:
    away = Machine("web-2", str(uuid.uuid4()), unused_port)
    with running_cloud(tmp_path, [away]) as cloud:
        driver = open_browser()
        driver.get(cloud.console(away))
        refused = ("4502", errors.HypervisorUnreachable.sentence)
        assert _ended(driver) == refused
        driver.refresh()
        assert _ended(driver) == refused
        guest = qemu_factory(port=unused_port)
        driver.execute_script("window.same = true")
        driver.find_element(By.ID, "again").click()
        reached(driver, "connected")
        assert driver.execute_script("return window.same"), "without loading the page again"
        assert not driver.find_element(By.ID, "ended").is_displayed()
        _type(driver, guest, "x")


def test_a_page_that_was_put_to_sleep_or_kept_for_the_way_back_goes_on(
    cloud: Cloud, machine: Machine, guest: Qemu, open_browser: Callable[..., Chrome]
) -> None:
    driver = open_browser()
    _open(driver, cloud.console(machine))
    driver.execute_cdp_cmd("Page.enable", {})
    for state in ("frozen", "active"):
        driver.execute_cdp_cmd("Page.setWebLifecycleState", {"state": state})
    wait_for(
        lambda: [session.number for session in cloud.proxy.registry] == [2],
        "the browser to wake, and the console to come back",
    )
    reached(driver, "connected")
    _type(driver, guest, "x")
    for _ in range(2):
        driver.get("about:blank")
        wait_for(lambda: cloud.sessions() == 0, "the session to end")
        driver.back()
        reached(driver, "connected")
        _type(driver, guest, "x")
