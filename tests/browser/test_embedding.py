"""A console in a portal's page: the element, its messages, and who is not heard."""

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from consoleproxy import errors
from tests.browser.embedded import Embedded, keys_of
from tests.browser.portal import Portal
from tests.integration.fixtures.cloud import Machine, running_cloud
from tests.integration.fixtures.qemu import Qemu
from tests.integration.fixtures.xvnc import Xvnc
from tests.waiting import wait_for

Screenshot = Callable[[Chrome, str], Path]

_KEEP_STATES = """
window.states = [];
window.posted = [];
const viewer = document.querySelector("console-viewer");
viewer.addEventListener("state", ({ detail }) => states.push(detail));
addEventListener("message", ({ data }) => posted.push(JSON.stringify(data)));
"""
_SCREENSHOT = """
const done = arguments[arguments.length - 1];
document.querySelector("console-viewer").screenshot().then(
  async ({ image, width, height }) => {
    const bitmap = await createImageBitmap(image);
    done([image.type, width, height, bitmap.width, bitmap.height]);
  },
  (error) => done(String(error)),
);
"""
_TYPE_LONG = """
window.typed = null;
const viewer = document.querySelector("console-viewer");
viewer.sendText("x".repeat(5000)).then((answer) => (typed = answer));
"""
_KEEP_CLIPBOARD = """
window.copied = [];
const viewer = document.querySelector("console-viewer");
viewer.addEventListener("clipboard", ({ detail }) => copied.push(detail.text));
"""
# What is said behind the address counts as well.
_WANT = """
window.viewer = document.querySelector("console-viewer");
viewer.src = arguments[0];
viewer.viewOnly = true;
viewer.setAttribute("language", "de");
"""
_FRAME = "return document.querySelector('console-viewer').shadowRoot.querySelector('iframe')"
_SECOND = """
window.second = document.createElement("console-viewer");
second.src = arguments[0];
document.body.append(second);
"""


def test_the_example_shows_and_drives_a_console(
    embedded: Embedded, guest: Qemu, screenshot: Screenshot
) -> None:
    driver = embedded.driver
    driver.set_window_size(1024, 900)
    driver.get(embedded.portal.example(embedded.proxy))
    wait_for(lambda: embedded.state() is not None, "the element")
    driver.execute_script(_KEEP_STATES)
    url = embedded.link
    driver.find_element(By.ID, "link").send_keys(url)
    driver.find_element(By.CSS_SELECTOR, "#open button").click()
    embedded.reached("connected")
    status = driver.find_element(By.ID, "state")
    assert status.text == "connected: Connected"
    wait_for(lambda: driver.find_element(By.ID, "name").text == "web-1", "the machine's name")
    states = [state["state"] for state in driver.execute_script("return states")]
    assert (states[0], states[-1]) == ("loading", "connected")

    driver.find_element(By.CSS_SELECTOR, "[data-do=focus]").click()
    ActionChains(driver).send_keys("hello").perform()
    wait_for(lambda: keys_of(guest) == "hello", "the guest to receive the keys")
    driver.find_element(By.ID, "greet").click()
    wait_for(lambda: keys_of(guest)[5:] == "Hello, world!\r", "the guest to receive the greeting")
    driver.find_element(By.ID, "shoot").click()
    picture = driver.find_element(By.ID, "picture")
    wait_for(picture.is_displayed, "the picture")
    assert driver.execute_async_script(_SCREENSHOT) == ["image/png", 720, 400, 720, 400]
    screenshot(driver, "embedding-example")

    driver.find_element(By.CSS_SELECTOR, "[data-do=disconnect]").click()
    embedded.reached("ended")
    end = embedded.state()
    assert (end["key"], end["code"], end["retry"]) == ("closed-here", 1000, False)
    assert end["text"].startswith("The console was closed.")
    wait_for(lambda: guest.clients() == [], "the hypervisor to be let go")
    posted = "".join(driver.execute_script("return posted"))
    assert posted
    assert url.partition("token=")[2].partition("&")[0][:24] not in posted


def test_ctrl_alt_del_reaches_the_guest(embedded: Embedded, guest: Qemu) -> None:
    embedded.open(f'src="{embedded.link}"')
    embedded.reached("connected")
    assert guest.starts() == 1
    assert embedded.command("sendCtrlAltDel") == "done"
    wait_for(lambda: guest.starts() == 2, "the guest's firmware to start it anew")


def test_attributes_are_the_page_s_parameters(embedded: Embedded, guest: Qemu) -> None:
    driver = embedded.driver
    embedded.open(f'src="{embedded.link}" language="de" autoconnect="no"')
    embedded.reached("waiting")
    wait_for(lambda: embedded.state()["text"] == "Nicht verbunden", "German")
    assert guest.clients() == []
    assert embedded.command("connect") == "done"
    embedded.reached("connected")
    wait_for(lambda: embedded.state()["text"] == "Verbunden", "German")
    driver.execute_script("document.querySelector('console-viewer').setAttribute('language', 'fr')")
    wait_for(lambda: embedded.state()["text"] == "Connecté", "French")
    assert embedded.command("setLanguage", "en") == "done"
    wait_for(lambda: embedded.state()["text"] == "Connected", "English")


def test_a_portal_may_let_its_person_look_on_only(embedded: Embedded, guest: Qemu) -> None:
    driver = embedded.driver
    embedded.open(f'src="{embedded.link}" view-only resize="off"')
    embedded.reached("connected")
    for name, given in (("sendCtrlAltDel", []), ("sendKey", [120]), ("sendText", ["x"])):
        assert embedded.command(name, *given) == "view-only"
    driver.execute_script("document.querySelector('console-viewer').viewOnly = false")
    assert embedded.command("sendKey", 121) == "done"
    typed = embedded.command("sendText", "ä漢z", {"layout": "de"})
    assert typed == {"typed": 2, "missing": ["漢"], "why": "done"}
    wait_for(lambda: len(guest.keys()) == 3, "the guest to receive the keys")
    assert keys_of(guest)[::2] == "yy", "z of a German keyboard is where y is on an English one"
    assert embedded.command("setClipboard", "for the machine") == "done"


def test_what_a_portal_wants_holds_before_the_console_is_there_and_after_its_reload(
    embedded: Embedded, guest: Qemu
) -> None:
    driver = embedded.driver
    embedded.open("")
    wait_for(lambda: embedded.state() is not None, "the element")
    driver.execute_script(_WANT, embedded.link)
    embedded.reached("connected")
    assert embedded.command("sendKey", 120) == "view-only"
    wait_for(lambda: embedded.state()["text"] == "Verbunden", "German")
    driver.execute_script("window.readies = 0; viewer.addEventListener('ready', () => readies++)")
    driver.switch_to.frame(driver.execute_script(_FRAME))
    driver.execute_script("location.reload()")
    driver.switch_to.default_content()
    wait_for(lambda: driver.execute_script("return readies"), "the page in the frame")
    # Until it is connected, that is the reason.
    wait_for(lambda: embedded.command("sendKey", 120) == "view-only", "no key to go through")
    wait_for(lambda: embedded.state()["text"] == "Verbunden", "German")


def test_tools_of_the_viewer_open_without_its_bar(
    embedded: Embedded, guest: Qemu, screenshot: Screenshot
) -> None:
    driver = embedded.driver
    embedded.open(f'src="{embedded.link}" no-bar')
    embedded.reached("connected")
    assert embedded.command("openTool", "keys") == "done"
    driver.switch_to.frame(driver.execute_script(_FRAME))
    cad = (By.ID, "cad")
    wait_for(lambda: driver.find_elements(*cad), "the tool")
    screenshot(driver, "embedding-tool")
    driver.find_element(*cad).send_keys(Keys.ESCAPE)
    assert driver.find_elements(*cad) == []
    ActionChains(driver).send_keys("x").perform()
    wait_for(lambda: keys_of(guest) == "x", "the keys to be the machine's again")
    driver.switch_to.default_content()
    assert embedded.command("openTool", "none") == "arguments"


def test_a_long_text_can_be_stopped(embedded: Embedded, guest: Qemu) -> None:
    driver = embedded.driver
    embedded.open(f'src="{embedded.link}"')
    embedded.reached("connected")
    driver.execute_script(_TYPE_LONG)
    wait_for(lambda: len(guest.keys()) > 5, "the first keys")
    assert embedded.command("stopText") == "done"
    wait_for(lambda: driver.execute_script("return typed") is not None, "the end of it")
    typed = driver.execute_script("return typed")
    assert typed["why"] == "stopped"
    assert 3 < typed["typed"] < 5000
    assert embedded.command("sendText", "y")["why"] == "done"
    wait_for(lambda: keys_of(guest).endswith("y"), "the guest to have all of it")
    assert keys_of(guest).count("x") == typed["typed"]


def test_clipboards_go_both_ways(
    tmp_path: Path,
    xvnc_factory: Callable[..., Xvnc],
    portal: Portal,
    open_browser: Callable[..., Chrome],
) -> None:
    server = xvnc_factory("None")
    machine = Machine("desktop", str(uuid.uuid4()), server.port)
    with running_cloud(tmp_path, [machine], frame_ancestors=portal.origin) as cloud:
        embedded = Embedded(open_browser(), portal, cloud, machine)
        driver = embedded.driver
        embedded.open(f'src="{embedded.link}" clipboard')
        embedded.reached("connected")
        driver.execute_script(_KEEP_CLIPBOARD)
        with server.copied("Grüße, 世界"):
            wait_for(lambda: driver.execute_script("return copied") == ["Grüße, 世界"], "the text")
        assert embedded.command("setClipboard", "für 世界") == "done"
        wait_for(lambda: server.clipboard() == "für 世界", "the X clipboard")
        assert embedded.command("setClipboard", "x" * 250_001) == "arguments"


def test_a_console_does_not_take_the_keys_from_who_writes_in_the_portal(
    embedded: Embedded, guest: Qemu
) -> None:
    driver = embedded.driver
    embedded.open(f'src="{embedded.link}" autoconnect="no"')
    embedded.reached("waiting")
    field = driver.find_element(By.ID, "field")
    field.send_keys("to")
    assert embedded.command("connect") == "done"
    embedded.reached("connected")
    ActionChains(driver).send_keys("day").perform()
    wait_for(lambda: field.get_attribute("value") == "today", "the field")
    driver.execute_script("document.querySelector('console-viewer').focus()")
    ActionChains(driver).send_keys("x").perform()
    wait_for(lambda: keys_of(guest) == "x", "the guest to receive the key")
    assert field.get_attribute("value") == "today"


def test_consoles_in_one_page_are_each_their_own_and_end_with_their_elements(
    tmp_path: Path,
    qemu_factory: Callable[..., Qemu],
    portal: Portal,
    open_browser: Callable[..., Chrome],
) -> None:
    guests = [qemu_factory(), qemu_factory()]
    machines = [
        Machine(f"web-{number}", str(uuid.uuid4()), guest.port)
        for number, guest in enumerate(guests)
    ]
    with running_cloud(tmp_path, machines, frame_ancestors=portal.origin) as cloud:
        embedded = Embedded(open_browser(), portal, cloud, machines[0])
        driver = embedded.driver
        embedded.open(f'src="{embedded.link}"')
        embedded.reached("connected")
        driver.execute_script(_SECOND, cloud.console(machines[1]))
        wait_for(lambda: driver.execute_script("return second.state.state") == "connected", "both")
        wait_for(lambda: driver.execute_script("return second.name") == "web-1", "its name")
        assert embedded.state()["state"] == "connected"
        driver.execute_script("second.sendKey(121)")
        assert embedded.command("sendKey", 120) == "done"
        wait_for(lambda: [keys_of(guest) for guest in guests] == ["x", "y"], "each its key")

        driver.execute_script("second.remove()")
        wait_for(lambda: guests[1].clients() == [], "its hypervisor to be let go")
        asked = "second.focus(); second.disconnect().catch(({ fault }) => arguments[0](fault))"
        assert driver.execute_async_script(asked) == "gone"
        # Another link in an element that has one.
        script = "document.querySelector('console-viewer').src = arguments[0]"
        driver.execute_script(script, cloud.console(machines[1]))
        wait_for(lambda: guests[0].clients() == [], "its hypervisor to be let go")
        wait_for(lambda: _name(driver) == "web-1", "the other machine")


def _name(driver: Chrome) -> Any:
    return driver.execute_script("return document.querySelector('console-viewer').name")


def test_commands_that_cannot_be_done_say_why(embedded: Embedded) -> None:
    driver = embedded.driver
    embedded.open("")
    assert embedded.command("disconnect") == "gone", "there is no console yet"
    url = embedded.link.replace("token=", "token=x")
    driver.execute_script("document.querySelector('console-viewer').src = arguments[0]", url)
    embedded.reached("ended")
    assert embedded.state()["text"] == errors.TokenInvalid.sentence
    assert embedded.state()["key"] == errors.TokenInvalid.key
    assert embedded.command("sendCtrlAltDel") == "state"
    assert embedded.command("connect") == "state"
    assert embedded.command("screenshot") == "state"
    assert embedded.command("sendKey", "x") == "arguments"
    assert embedded.command("sendText", 7) == "arguments"
    script = "document.querySelector('console-viewer').src = 'javascript:window.done=1'"
    driver.execute_script(script)
    assert embedded.command("disconnect") == "gone", "a script is no console"
