"""A console in a portal's page: the element, its messages, and who is not heard."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from consoleproxy import errors
from tests.browser.portal import Portal, running_portal
from tests.integration.fixtures.cloud import Cloud, Machine, running_cloud
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
_COMMAND = """
const [name, given, done] = arguments;
const viewer = document.querySelector("console-viewer");
viewer[name](...given).then(
  (value) => done(value ?? "done"),
  (error) => done(error.fault ?? String(error)),
);
"""
_ELEMENT_PAGE = """<!doctype html><html lang="en"><title>Portal</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src {proxy};
frame-src {proxy}; require-trusted-types-for 'script'; trusted-types 'none'">
<script type="module" src="{proxy}/resource/noVNC/console-viewer.js"></script>
<input id="field"><console-viewer {attributes}></console-viewer></html>"""
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
_SECOND = """
window.second = document.createElement("console-viewer");
second.src = arguments[0];
document.body.append(second);
"""
# Commands by hand, as a portal without the element gives them.
_BARE_PAGE = """<!doctype html><html lang="en"><title>Portal</title>
<iframe id="console" src="{url}" width="800" height="600"></iframe>
<script>
  const heard = [];
  const frame = document.getElementById("console");
  const say = (type, more) =>
    frame.contentWindow.postMessage({{ consoleproxy: 1, type, ...more }}, "{proxy}");
  addEventListener("message", ({{ data, origin }}) => {{
    heard.push([origin, data]);
    if (data.type === "ready") say("hello");
  }});
</script>"""


@pytest.fixture
def portal() -> Iterator[Portal]:
    with running_portal() as portal:
        yield portal


@pytest.fixture
def cloud(tmp_path: Path, machine: Machine, portal: Portal) -> Iterator[Cloud]:
    """A cloud whose consoles the portal may embed."""
    with running_cloud(tmp_path, [machine], frame_ancestors=portal.origin) as cloud:
        yield cloud


def _proxy(cloud: Cloud) -> str:
    return f"http://127.0.0.1:{cloud.proxy.port}"


def _state(driver: Chrome) -> Any:
    return driver.execute_script("return document.querySelector('console-viewer').state")


def _reached(driver: Chrome, state: str) -> None:
    wait_for(lambda: _state(driver)["state"] == state, f"the console to be {state}")


def _command(driver: Chrome, name: str, *given: object) -> Any:
    return driver.execute_async_script(_COMMAND, name, given)


def _open(driver: Chrome, portal: Portal, cloud: Cloud, attributes: str) -> None:
    """Show a portal's page with a console in it that has these attributes."""
    portal.pages["/element.html"] = _ELEMENT_PAGE.format(
        proxy=_proxy(cloud), attributes=attributes.replace("&", "&amp;")
    )
    driver.get(f"{portal.origin}/element.html")


def _keys(guest: Qemu) -> str:
    return "".join(chr(int(key[:2], 16)) for key in guest.keys())


def test_the_example_shows_and_drives_a_console(
    cloud: Cloud,
    machine: Machine,
    guest: Qemu,
    portal: Portal,
    open_browser: Callable[..., Chrome],
    screenshot: Screenshot,
) -> None:
    driver = open_browser(size=(1024, 900))
    driver.get(portal.example(_proxy(cloud)))
    wait_for(lambda: _state(driver) is not None, "the element")
    driver.execute_script(_KEEP_STATES)
    url = cloud.console(machine)
    driver.find_element(By.ID, "link").send_keys(url)
    driver.find_element(By.CSS_SELECTOR, "#open button").click()
    _reached(driver, "connected")
    status = driver.find_element(By.ID, "state")
    assert status.text == "connected: Connected"
    assert driver.find_element(By.ID, "name").text == "web-1"
    states = [state["state"] for state in driver.execute_script("return states")]
    assert (states[0], states[-1]) == ("loading", "connected")

    driver.find_element(By.CSS_SELECTOR, "[data-do=focus]").click()
    ActionChains(driver).send_keys("hello").perform()
    wait_for(lambda: _keys(guest) == "hello", "the guest to receive the keys")
    driver.find_element(By.ID, "greet").click()
    wait_for(lambda: _keys(guest)[5:] == "Hello, world!\r", "the guest to receive the greeting")
    driver.find_element(By.ID, "shoot").click()
    picture = driver.find_element(By.ID, "picture")
    wait_for(picture.is_displayed, "the picture")
    assert driver.execute_async_script(_SCREENSHOT) == ["image/png", 720, 400, 720, 400]
    screenshot(driver, "embedding-example")

    driver.find_element(By.CSS_SELECTOR, "[data-do=disconnect]").click()
    _reached(driver, "ended")
    end = _state(driver)
    assert (end["key"], end["code"], end["retry"]) == ("closed-here", 1000, False)
    assert end["text"].startswith("The console was closed.")
    wait_for(lambda: guest.clients() == [], "the hypervisor to be let go")
    posted = "".join(driver.execute_script("return posted"))
    assert posted
    assert url.partition("token=")[2].partition("&")[0][:24] not in posted


def test_ctrl_alt_del_reaches_the_guest(
    cloud: Cloud,
    machine: Machine,
    guest: Qemu,
    portal: Portal,
    open_browser: Callable[..., Chrome],
) -> None:
    driver = open_browser()
    _open(driver, portal, cloud, f'src="{cloud.console(machine)}"')
    _reached(driver, "connected")
    assert guest.starts() == 1
    assert _command(driver, "sendCtrlAltDel") == "done"
    wait_for(lambda: guest.starts() == 2, "the guest's firmware to start it anew")


def test_attributes_are_the_page_s_parameters(
    cloud: Cloud,
    machine: Machine,
    guest: Qemu,
    portal: Portal,
    open_browser: Callable[..., Chrome],
) -> None:
    driver = open_browser()
    _open(driver, portal, cloud, f'src="{cloud.console(machine)}" language="de" autoconnect="no"')
    _reached(driver, "waiting")
    wait_for(lambda: _state(driver)["text"] == "Nicht verbunden", "German")
    assert guest.clients() == []
    assert _command(driver, "connect") == "done"
    _reached(driver, "connected")
    wait_for(lambda: _state(driver)["text"] == "Verbunden", "German")
    driver.execute_script("document.querySelector('console-viewer').setAttribute('language', 'fr')")
    wait_for(lambda: _state(driver)["text"] == "Connecté", "French")
    assert _command(driver, "setLanguage", "en") == "done"
    wait_for(lambda: _state(driver)["text"] == "Connected", "English")


def test_a_portal_may_let_its_person_look_on_only(
    cloud: Cloud,
    machine: Machine,
    guest: Qemu,
    portal: Portal,
    open_browser: Callable[..., Chrome],
) -> None:
    driver = open_browser()
    _open(driver, portal, cloud, f'src="{cloud.console(machine)}" view-only resize="off"')
    _reached(driver, "connected")
    for name, given in (("sendCtrlAltDel", []), ("sendKey", [120]), ("sendText", ["x"])):
        assert _command(driver, name, *given) == "view-only"
    driver.execute_script("document.querySelector('console-viewer').viewOnly = false")
    assert _command(driver, "sendKey", 121) == "done"
    typed = _command(driver, "sendText", "ä漢z", {"layout": "de"})
    assert typed == {"typed": 2, "missing": ["漢"], "why": "done"}
    wait_for(lambda: len(guest.keys()) == 3, "the guest to receive the keys")
    assert _keys(guest)[::2] == "yy", "z of a German keyboard is where y is on an English one"
    assert _command(driver, "setClipboard", "for the machine") == "done"


def test_tools_of_the_viewer_open_without_its_bar(
    cloud: Cloud,
    machine: Machine,
    guest: Qemu,
    portal: Portal,
    open_browser: Callable[..., Chrome],
    screenshot: Screenshot,
) -> None:
    driver = open_browser()
    _open(driver, portal, cloud, f'src="{cloud.console(machine)}" no-bar')
    _reached(driver, "connected")
    assert _command(driver, "openTool", "keys") == "done"
    frame = driver.execute_script(
        "return document.querySelector('console-viewer').shadowRoot.querySelector('iframe')"
    )
    driver.switch_to.frame(frame)
    cad = (By.ID, "cad")
    wait_for(lambda: driver.find_elements(*cad), "the tool")
    screenshot(driver, "embedding-tool")
    driver.find_element(*cad).send_keys(Keys.ESCAPE)
    assert driver.find_elements(*cad) == []
    ActionChains(driver).send_keys("x").perform()
    wait_for(lambda: _keys(guest) == "x", "the keys to be the machine's again")
    driver.switch_to.default_content()
    assert _command(driver, "openTool", "none") == "arguments"


def test_a_long_text_can_be_stopped(
    cloud: Cloud,
    machine: Machine,
    guest: Qemu,
    portal: Portal,
    open_browser: Callable[..., Chrome],
) -> None:
    driver = open_browser()
    _open(driver, portal, cloud, f'src="{cloud.console(machine)}"')
    _reached(driver, "connected")
    driver.execute_script(_TYPE_LONG)
    wait_for(lambda: len(guest.keys()) > 3, "the first keys")
    assert _command(driver, "stopText") == "done"
    wait_for(lambda: driver.execute_script("return typed") is not None, "the end of it")
    typed = driver.execute_script("return typed")
    assert typed["why"] == "stopped"
    assert 3 < typed["typed"] < 5000
    assert _command(driver, "sendText", "y")["why"] == "done"
    wait_for(lambda: _keys(guest).endswith("y"), "the guest to have all of it")
    # A key that was down and not up again is none that was typed.
    assert _keys(guest).count("x") - typed["typed"] in (0, 1)


def test_clipboards_go_both_ways(
    tmp_path: Path,
    xvnc_factory: Callable[..., Xvnc],
    portal: Portal,
    open_browser: Callable[..., Chrome],
) -> None:
    server = xvnc_factory("None")
    machine = Machine("desktop", str(uuid.uuid4()), server.port)
    with running_cloud(tmp_path, [machine], frame_ancestors=portal.origin) as cloud:
        driver = open_browser()
        _open(driver, portal, cloud, f'src="{cloud.console(machine)}" clipboard')
        _reached(driver, "connected")
        driver.execute_script(_KEEP_CLIPBOARD)
        with server.copied("Grüße, 世界"):
            wait_for(lambda: driver.execute_script("return copied") == ["Grüße, 世界"], "the text")
        assert _command(driver, "setClipboard", "für 世界") == "done"
        wait_for(lambda: server.clipboard() == "für 世界", "the X clipboard")
        assert _command(driver, "setClipboard", "x" * 250_001) == "arguments"


def test_a_console_does_not_take_the_keys_from_who_writes_in_the_portal(
    cloud: Cloud,
    machine: Machine,
    guest: Qemu,
    portal: Portal,
    open_browser: Callable[..., Chrome],
) -> None:
    driver = open_browser()
    _open(driver, portal, cloud, f'src="{cloud.console(machine)}" autoconnect="no"')
    _reached(driver, "waiting")
    field = driver.find_element(By.ID, "field")
    field.send_keys("to")
    assert _command(driver, "connect") == "done"
    _reached(driver, "connected")
    ActionChains(driver).send_keys("day").perform()
    wait_for(lambda: field.get_attribute("value") == "today", "the field")
    driver.execute_script("document.querySelector('console-viewer').focus()")
    ActionChains(driver).send_keys("x").perform()
    wait_for(lambda: _keys(guest) == "x", "the guest to receive the key")
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
        driver = open_browser()
        _open(driver, portal, cloud, f'src="{cloud.console(machines[0])}"')
        _reached(driver, "connected")
        driver.execute_script(_SECOND, cloud.console(machines[1]))
        wait_for(lambda: driver.execute_script("return second.state.state") == "connected", "both")
        assert driver.execute_script("return second.name") == "web-1"
        assert _state(driver)["state"] == "connected"
        driver.execute_script("second.sendKey(121)")
        assert _command(driver, "sendKey", 120) == "done"
        wait_for(lambda: [_keys(guest) for guest in guests] == ["x", "y"], "each its key")

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


def test_commands_that_cannot_be_done_say_why(
    cloud: Cloud, machine: Machine, portal: Portal, open_browser: Callable[..., Chrome]
) -> None:
    driver = open_browser()
    _open(driver, portal, cloud, "")
    assert _command(driver, "disconnect") == "gone", "there is no console yet"
    url = cloud.console(machine).replace("token=", "token=x")
    driver.execute_script("document.querySelector('console-viewer').src = arguments[0]", url)
    _reached(driver, "ended")
    assert _state(driver)["text"] == errors.TokenInvalid.sentence
    assert _state(driver)["key"] == errors.TokenInvalid.key
    assert _command(driver, "sendCtrlAltDel") == "state"
    assert _command(driver, "connect") == "state"
    assert _command(driver, "screenshot") == "state"
    assert _command(driver, "sendKey", "x") == "arguments"
    assert _command(driver, "sendText", 7) == "arguments"
    script = "document.querySelector('console-viewer').src = 'javascript:window.done=1'"
    driver.execute_script(script)
    assert _command(driver, "disconnect") == "gone", "a script is no console"


def test_messages_by_hand_are_answered_to_the_portal_alone(
    cloud: Cloud,
    machine: Machine,
    guest: Qemu,
    portal: Portal,
    open_browser: Callable[..., Chrome],
) -> None:
    driver = open_browser()
    portal.pages["/bare.html"] = _BARE_PAGE.format(url=cloud.console(machine), proxy=_proxy(cloud))
    driver.get(f"{portal.origin}/bare.html")

    def heard(kind: str) -> list[dict[str, Any]]:
        return [
            data
            for origin, data in driver.execute_script("return heard")
            if data["type"] == kind and origin == _proxy(cloud)
        ]

    connected = {"consoleproxy": 1, "type": "state", "state": "connected", "text": "Connected"}
    wait_for(lambda: connected in heard("state"), "the console to connect")
    assert heard("name") == [{"consoleproxy": 1, "type": "name", "name": "web-1"}]
    driver.execute_script("say('command', { id: 'a', name: 'sendKey', keysym: 120 })")
    wait_for(lambda: _keys(guest) == "x", "the guest to receive the key")
    driver.execute_script("say('command', { id: 2, name: 'constructor' })")
    wait_for(lambda: len(heard("answer")) == 2, "the answers")
    done, refused = heard("answer")
    assert done == {"consoleproxy": 1, "type": "answer", "id": "a", "value": None}
    assert (refused["id"], refused["error"]["fault"]) == (2, "command")
    for other in ("null", "7", "'text'", "{ consoleproxy: 2, type: 'command' }", "{ type: 3 }"):
        driver.execute_script(f"frame.contentWindow.postMessage({other}, '*')")
    driver.execute_script("say('command', { id: 3, name: 'focus' })")
    wait_for(lambda: len(heard("answer")) == 3, "the answer")


def test_nobody_but_the_page_around_it_is_heard(
    cloud: Cloud,
    machine: Machine,
    guest: Qemu,
    portal: Portal,
    open_browser: Callable[..., Chrome],
) -> None:
    """Another frame of the portal's page finds the console's window, and is not its parent."""
    driver = open_browser()
    bare = _BARE_PAGE.format(url=cloud.console(machine), proxy=_proxy(cloud))
    stranger = f"{portal.other_origin}/stranger.html"
    portal.pages["/bare.html"] = f'{bare}<iframe src="{stranger}"></iframe>'
    portal.pages["/stranger.html"] = """<script>
      const said = [];
      addEventListener("message", ({ data }) => said.push(data));
      const say = (message) =>
        parent.frames[0].postMessage({ consoleproxy: 1, ...message }, "*");
      const ask = () => {
        say({ type: "hello", clipboard: true });
        say({ type: "command", id: 1, name: "sendKey", keysym: 120 });
        say({ type: "command", id: 2, name: "screenshot" });
      };
    </script>"""
    driver.get(f"{portal.origin}/bare.html")
    connected = "return heard.some(([, { state }]) => state === 'connected')"
    wait_for(lambda: driver.execute_script(connected), "the console to connect")
    driver.switch_to.frame(1)
    driver.execute_script("ask()")
    driver.switch_to.default_content()
    # What is said later is heard later: the stranger's words have been passed over by then.
    driver.execute_script("say('command', { id: 3, name: 'sendKey', keysym: 121 })")
    wait_for(lambda: guest.keys(), "the guest to receive the key")
    assert _keys(guest) == "y"
    driver.switch_to.frame(1)
    assert driver.execute_script("return said") == []


def test_a_page_that_is_not_allowed_gets_no_console(
    cloud: Cloud,
    machine: Machine,
    guest: Qemu,
    portal: Portal,
    open_browser: Callable[..., Chrome],
) -> None:
    driver = open_browser()
    portal.pages["/bare.html"] = _BARE_PAGE.format(url=cloud.console(machine), proxy=_proxy(cloud))
    driver.get(f"{portal.other_origin}/bare.html")

    def refused() -> bool:
        entries = driver.get_log("browser")  # type: ignore[no-untyped-call]
        return any("frame-ancestors" in entry["message"] for entry in entries)

    wait_for(refused, "the browser to refuse the frame")
    assert driver.execute_script("return heard") == []
    assert guest.clients() == []
    assert cloud.sessions() == 0

    # Not in a page of the portal's either that another site has in a frame.
    frame = f'<iframe src="{portal.origin}/bare.html"></iframe>'
    portal.pages["/around.html"] = f"<!doctype html><title>Around</title>{frame}"
    driver.get(f"{portal.other_origin}/around.html")
    wait_for(refused, "the browser to refuse the frame")
    assert cloud.sessions() == 0

    # The element may be loaded by every page, and tells its own that it shows nothing.
    attributes = f'src="{cloud.console(machine)}"'.replace("&", "&amp;")
    portal.pages["/element.html"] = _ELEMENT_PAGE.format(proxy=_proxy(cloud), attributes=attributes)
    driver.get(f"{portal.other_origin}/element.html")
    _reached(driver, "unavailable")
    assert cloud.sessions() == 0
