"""Messages between a portal and a console by hand, without the element, and who is not heard."""

from typing import Any

from tests.browser.embedded import BARE_PAGE, Embedded, keys_of
from tests.browser.viewer_page import hasten
from tests.integration.fixtures.qemu import Qemu
from tests.waiting import wait_for


def test_messages_by_hand_are_answered_to_the_portal_alone(embedded: Embedded, guest: Qemu) -> None:
    driver = embedded.driver
    embedded.portal.pages["/bare.html"] = BARE_PAGE.format(url=embedded.link, proxy=embedded.proxy)
    driver.get(f"{embedded.portal.origin}/bare.html")

    def heard(kind: str) -> list[dict[str, Any]]:
        return [
            data
            for origin, data in driver.execute_script("return heard")
            if data["type"] == kind and origin == embedded.proxy
        ]

    connected = {"consoleproxy": 1, "type": "state", "state": "connected", "text": "Connected"}
    wait_for(lambda: connected in heard("state"), "the console to connect")
    named = [{"consoleproxy": 1, "type": "name", "name": "web-1"}]
    wait_for(lambda: heard("name") == named, "the machine's name")
    driver.execute_script("say('command', { id: 'a', name: 'sendKey', keysym: 120 })")
    wait_for(lambda: keys_of(guest) == "x", "the guest to receive the key")
    driver.execute_script("say('command', { id: 2, name: 'constructor' })")
    wait_for(lambda: len(heard("answer")) == 2, "the answers")
    done, refused = heard("answer")
    assert done == {"consoleproxy": 1, "type": "answer", "id": "a", "value": None}
    assert (refused["id"], refused["error"]["fault"]) == (2, "command")
    for other in ("null", "7", "'text'", "{ consoleproxy: 2, type: 'command' }", "{ type: 3 }"):
        driver.execute_script(f"frame.contentWindow.postMessage({other}, '*')")
    driver.execute_script("say('command', { id: 3, name: 'focus' })")
    wait_for(lambda: len(heard("answer")) == 3, "the answer")


def test_nobody_but_the_page_around_it_is_heard(embedded: Embedded, guest: Qemu) -> None:
    """Another frame of the portal's page finds the console's window, and is not its parent."""
    driver = embedded.driver
    bare = BARE_PAGE.format(url=embedded.link, proxy=embedded.proxy)
    stranger = f"{embedded.portal.other_origin}/stranger.html"
    embedded.portal.pages["/bare.html"] = f'{bare}<iframe src="{stranger}"></iframe>'
    embedded.portal.pages["/stranger.html"] = """<script>
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
    driver.get(f"{embedded.portal.origin}/bare.html")
    connected = "return heard.some(([, { state }]) => state === 'connected')"
    wait_for(lambda: driver.execute_script(connected), "the console to connect")
    driver.switch_to.frame(1)
    driver.execute_script("ask()")
    driver.switch_to.default_content()
    # What is said later is heard later: the stranger's words have been passed over by then.
    driver.execute_script("say('command', { id: 3, name: 'sendKey', keysym: 121 })")
    wait_for(lambda: guest.keys(), "the guest to receive the key")
    assert keys_of(guest) == "y"
    driver.switch_to.frame(1)
    assert driver.execute_script("return said") == []


def test_a_page_that_is_not_allowed_gets_no_console(embedded: Embedded, guest: Qemu) -> None:
    driver = embedded.driver
    embedded.portal.pages["/bare.html"] = BARE_PAGE.format(url=embedded.link, proxy=embedded.proxy)
    driver.get(f"{embedded.portal.other_origin}/bare.html")

    def refused() -> bool:
        entries = driver.get_log("browser")  # type: ignore[no-untyped-call]
        return any("frame-ancestors" in entry["message"] for entry in entries)

    wait_for(refused, "the browser to refuse the frame")
    assert driver.execute_script("return heard") == []
    assert guest.clients() == []
    assert embedded.cloud.sessions() == 0

    # Not in a page of the portal's either that another site has in a frame.
    frame = f'<iframe src="{embedded.portal.origin}/bare.html"></iframe>'
    embedded.portal.pages["/around.html"] = f"<!doctype html><title>Around</title>{frame}"
    driver.get(f"{embedded.portal.other_origin}/around.html")
    wait_for(refused, "the browser to refuse the frame")
    assert embedded.cloud.sessions() == 0

    # The element may be loaded by every page, and tells its own that it shows nothing: after 10 s.
    hasten(driver)
    embedded.open(f'src="{embedded.link}"', origin=embedded.portal.other_origin)
    embedded.reached("unavailable")
    assert embedded.cloud.sessions() == 0
