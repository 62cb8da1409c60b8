"""An operator ends a console that somebody has open."""

import uuid
from collections.abc import Callable
from pathlib import Path

from selenium.webdriver import Chrome
from selenium.webdriver.common.keys import Keys

from consoleproxy.errors import SessionEndedByOperator
from tests.browser.accessibility import violations
from tests.browser.operator import KEY, arrived, asks_for_the_key, press, tab_to, url_of
from tests.browser.viewer_page import state_of
from tests.integration.fixtures.cloud import Machine, running_cloud
from tests.integration.fixtures.qemu import Qemu
from tests.waiting import wait_for


def test_by_keyboard_alone_from_the_login_on(
    tmp_path: Path,
    qemu_factory: Callable[..., Qemu],
    open_browser: Callable[..., Chrome],
    screenshot: Callable[[Chrome, str], Path],
) -> None:
    machine = Machine("web-1", str(uuid.uuid4()), qemu_factory().port)
    with running_cloud(
        tmp_path, [machine], manage_page_key=KEY, loadscan_interval=600_000
    ) as cloud:
        viewer, operator = open_browser(), open_browser()
        viewer.get(cloud.console(machine))
        wait_for(lambda: state_of(viewer) == "connected", "the console to connect")

        operator.get(url_of(cloud))
        asks_for_the_key(operator)
        press(operator, KEY, Keys.ENTER)
        arrived(operator, "Overview")
        tab_to(operator, "End the console of web-1, viewer 127.0.0.1")
        screenshot(operator, "page-overview-console-open")
        press(operator, Keys.ENTER)
        arrived(operator, "End the console of web-1?")
        assert violations(operator) == []
        assert state_of(viewer) == "connected"
        tab_to(operator, "End this console")
        press(operator, Keys.ENTER)
        # A proxy that asks for news hears after 6 s that there are none.
        wait_for(lambda: state_of(viewer) == "ended", "the console to end", limit=5.0)
        assert SessionEndedByOperator.sentence in viewer.page_source

        arrived(operator, "Overview")
        assert "An operator's order ends that console now." in operator.page_source
        assert violations(operator) == []
        operator.get(url_of(cloud, "/sessions?show=all"))
        assert "ended by an operator" in operator.page_source
        assert violations(operator) == []
