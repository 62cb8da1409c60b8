"""The clipboards of the person and of the machine, by a server that has the extended clipboard."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from tests.browser.looks import inspect
from tests.browser.test_paste import click, fill, hidden, note, open_paste
from tests.integration.fixtures.cloud import Machine, running_cloud
from tests.integration.fixtures.tightvnc import running_tightvnc
from tests.integration.fixtures.xvnc import Xvnc
from tests.waiting import wait_for

_UNICODE = "Grüße, 世界, नमस्ते 👩‍💻\n\ttwo lines €"
_READ = "navigator.clipboard.readText().then(arguments[0], fault => arguments[0](String(fault)))"


@pytest.fixture
def server(xvnc_factory: Callable[..., Xvnc]) -> Xvnc:
    return xvnc_factory("None")


@contextmanager
def _tool(folder: Path, port: int, open_browser: Callable[..., Chrome]) -> Iterator[Chrome]:
    machine = Machine("desktop", str(uuid.uuid4()), port)
    with running_cloud(folder, [machine]) as cloud:
        browser = open_browser()
        permission = {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
        browser.execute_cdp_cmd("Browser.grantPermissions", permission)
        browser.get(cloud.console(machine))
        open_paste(browser)
        yield browser


@pytest.fixture
def driver(tmp_path: Path, server: Xvnc, open_browser: Callable[..., Chrome]) -> Iterator[Chrome]:
    with _tool(tmp_path, server.port, open_browser) as browser:
        yield browser


def _local(driver: Chrome) -> Any:
    return driver.execute_async_script(_READ)


def _shown(driver: Chrome) -> Any:
    return driver.find_element(By.ID, "paste-received").get_property("value")


def test_the_machine_gets_any_text(driver: Chrome, server: Xvnc) -> None:
    assert not hidden(driver, "paste-offer")
    fill(driver, _UNICODE)
    click(driver, "paste-offer")
    wait_for(lambda: note(driver).startswith("The text is offered"), "a word on it")
    wait_for(lambda: server.clipboard() == _UNICODE, "the X clipboard")


def test_the_person_gets_any_text(
    driver: Chrome, server: Xvnc, screenshot: Callable[[Chrome, str], Path]
) -> None:
    assert hidden(driver, "paste-received")
    with server.copied(_UNICODE):
        wait_for(lambda: _shown(driver) == _UNICODE, "the text in the tool")
        assert inspect(driver, "paste-received", screenshot) == []
        assert _local(driver) != _UNICODE
        click(driver, "paste-copy")
        wait_for(lambda: _local(driver) == _UNICODE, "the text in the browser's clipboard")


def test_what_the_machine_copies_is_copied_where_the_person_wants_it(
    driver: Chrome, server: Xvnc
) -> None:
    with server.copied("first"):
        wait_for(lambda: _shown(driver) == "first", "the text in the tool")
        click(driver, "paste-always")
    driver.find_element(By.CSS_SELECTOR, "[data-tool=paste]").click()
    with server.copied("second"):
        wait_for(lambda: _local(driver) == "second", "the text in the browser's clipboard")


def test_what_an_old_server_cannot_take_is_named(
    tmp_path: Path, open_browser: Callable[..., Chrome]
) -> None:
    with (
        running_tightvnc(tmp_path) as server,
        _tool(tmp_path, server.port, open_browser) as driver,
    ):
        assert hidden(driver, "paste-offer"), "nobody knows whether it has a clipboard"
        server.copy("Grüße")
        wait_for(lambda: _shown(driver) == "Grüße", "the text in the tool")
        wait_for(lambda: not hidden(driver, "paste-offer"), "an offer to send")
        # As macOS writes names of files, and as half of what a program cut in two.
        fill(driver, "u\u0308ber")
        click(driver, "paste-offer")
        wait_for(lambda: server.clipboard() == "über", "the X clipboard")
        fill(driver, "5 € für 世界")
        click(driver, "paste-offer")
        wait_for(lambda: note(driver).endswith("cannot hold: € 世 界"), "what is lost")
        wait_for(lambda: server.clipboard() == "5 ? für ??", "the X clipboard")


def test_a_text_that_is_too_long_for_servers_is_not_sent(driver: Chrome, server: Xvnc) -> None:
    fill(driver, "ä\n" * 62_500)
    click(driver, "paste-offer")
    wait_for(lambda: note(driver).startswith("The clipboard takes"), "a word on it")
    fill(driver, "ä\n" * 62_499)
    click(driver, "paste-offer")
    wait_for(lambda: len(server.clipboard()) == 2 * 62_499, "the longest text that is sent")
