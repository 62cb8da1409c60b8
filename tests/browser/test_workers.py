"""A worker process dies while a console of it is open in the browser."""

import os
import signal
import uuid
from collections.abc import Callable
from pathlib import Path

from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains

from tests.browser.viewer_page import reached
from tests.integration.fixtures.cloud import Machine
from tests.integration.fixtures.qemu import Qemu
from tests.integration.fixtures.served import running_served
from tests.waiting import wait_for

# Notes the page's states in the page: a reload would lose them.
_WATCH = """
window.seen = [];
const root = document.documentElement;
new MutationObserver(() => seen.push(root.dataset.state))
  .observe(root, { attributeFilter: ["data-state"] });
"""


def test_the_console_comes_back_by_itself(
    tmp_path: Path, qemu_factory: Callable[..., Qemu], open_browser: Callable[..., Chrome]
) -> None:
    guest = qemu_factory()
    machine = Machine("web-1", str(uuid.uuid4()), guest.port)
    with running_served(tmp_path, [machine]) as served:
        driver = open_browser()
        driver.get(served.console(machine))
        reached(driver, "connected")
        ActionChains(driver).send_keys("before").perform()
        wait_for(lambda: len(guest.keys()) == 6, "the keys")
        wait_for(lambda: served.reported() == 1, "the session in the report")
        driver.execute_script(_WATCH)
        for worker in served.workers():
            os.kill(worker, signal.SIGKILL)
        back = ["reconnecting", "connected"]
        wait_for(lambda: driver.execute_script("return seen") == back, "the console to come back")
        ActionChains(driver).send_keys("after").perform()
        wait_for(lambda: len(guest.keys()) == 11, "the keys behind the loss")
        wait_for(lambda: served.metric("workers_replaced_total") == 2, "two deaths")
        wait_for(lambda: served.reported() == served.open_in_books() == 1, "one session")
