"""What it takes to show a console's first picture: requests, bytes, and words of RFB."""

import base64
import datetime
import struct
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from benchmarks.first_frame.browser import Browser
from benchmarks.first_frame.relay import DelayingRelay
from consoleproxy.keystore.development import make_development_pki
from tests.browser.viewer_page import open_console, open_tool
from tests.integration.fixtures.cloud import Cloud, Machine, running_cloud
from tests.integration.fixtures.qemu import Qemu
from tests.waiting import wait_for

# The encoding that noVNC adds to its list in browsers that decode it.
_H264 = 50
# First bytes of what a viewer says (RFC 6143 sections 7.1 and 7.5).
_VERSION, _CHOICE = b"R"[0], 1
_SET_PIXEL_FORMAT, _SET_ENCODINGS, _UPDATE_REQUEST = 0, 2, 3
_SET_PIXEL_FORMAT_BYTES = 20
_LISTEN = """
const { send } = WebSocket.prototype;
window.said = [];
window.offered = null;
WebSocket.prototype.send = function (data) {
  // Words beside the stream are texts.
  if (typeof data !== "string") said.push([...data]);
  send.call(this, data);
};
window.WebSocket = new Proxy(WebSocket, {
  construct(target, given) {
    offered ??= given[1];
    return new target(...given);
  },
});
"""
_SCRIPTS = """
const files = performance.getEntriesByType("resource").map((entry) => new URL(entry.name).pathname);
return files.filter((file) => file.endsWith(".js") && !/\\/viewer-/.test(file));
"""
_SCREEN = """
const canvas = document.querySelector("#screen canvas");
return canvas?.width && canvas.getContext("2d").getImageData(9, 9, 1, 1).data[0];
"""


@pytest.fixture
def guest(qemu_factory: Callable[..., Qemu]) -> Qemu:
    guest = qemu_factory()
    guest.qmp("send-key", keys=[{"type": "qcode", "data": "f4"}])
    wait_for(guest.keys, "the guest to turn red")
    return guest


@pytest.fixture
def machine(guest: Qemu) -> Machine:
    return Machine("machine 1", str(uuid.uuid4()), guest.port)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The authority of the certificates in ``certs``."""
    now = datetime.datetime.now(datetime.UTC)
    return make_development_pki("console.example.test", tmp_path / "certs", now).root


@pytest.fixture
def cloud(tmp_path: Path, machine: Machine, root: Path) -> Iterator[Cloud]:
    with running_cloud(
        tmp_path,
        [machine],
        ssl_enabled=True,
        url_domain="*.console.example.test",
        keystore_path=str(root.parent),
    ) as cloud:
        yield cloud


def test_a_first_picture_takes_few_requests_and_bytes_and_the_next_fewer(
    cloud: Cloud, machine: Machine, root: Path, open_browser: Callable[..., Chrome]
) -> None:
    with DelayingRelay(cloud.proxy.port, round_trip=0) as relay:
        browser = Browser(open_browser(trusted_root=root))

        def url() -> str:
            return cloud.console(machine).replace(f":{cloud.proxy.port}/", f":{relay.port}/")

        cold = browser.first_frame(url(), relay)
        assert cold.requests == 3, "page, script and websocket"
        assert cold.wire_bytes < 75_000
        warm = browser.first_frame(url(), relay)
        assert warm.requests == 1, "the websocket"
        assert warm.wire_bytes < 20_000


def test_what_follows_the_first_picture_takes_few_requests_and_a_tool_few_more(
    cloud: Cloud, machine: Machine, root: Path, open_browser: Callable[..., Chrome]
) -> None:
    driver = open_browser(trusted_root=root)
    open_console(driver, cloud.console(machine))
    wait_for(lambda: driver.execute_script("return !!document.getElementById('way-out')"), "it all")
    assert len(driver.execute_script(_SCRIPTS)) <= 3
    open_tool(driver, "session")
    assert len(driver.execute_script(_SCRIPTS)) <= 5


def test_a_viewer_says_nothing_twice_before_its_first_picture(
    cloud: Cloud, machine: Machine, root: Path, open_browser: Callable[..., Chrome]
) -> None:
    driver = open_browser(trusted_root=root)
    driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": _LISTEN})
    driver.get(cloud.console(machine))
    wait_for(lambda: driver.execute_script(_SCREEN), "the guest's screen")
    opening = driver.execute_script("return offered")[0].removeprefix("opening.")
    setup = base64.urlsafe_b64decode(opening + "=" * (-len(opening) % 4))
    said = [bytes(message) for message in driver.execute_script("return said")]
    kinds = {message[0] for message in said}
    assert not kinds & {_VERSION, _CHOICE, _SET_PIXEL_FORMAT}
    assert all(message[1] for message in said if message[0] == _UPDATE_REQUEST), "incremental"
    # A browser that decodes H.264 has one more encoding than was said, and says all of them.
    for message in said:
        if message[0] == _SET_ENCODINGS:
            assert _encodings(message) == _encodings(setup[_SET_PIXEL_FORMAT_BYTES:]) | {_H264}


def _encodings(message: bytes) -> set[int]:
    """Read SetEncodings (RFC 6143 section 7.5.2)."""
    (count,) = struct.unpack_from(">H", message, 2)
    return set(struct.unpack_from(f">{count}i", message, 4))
