"""The viewer's page in the language of its person."""

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from tests.browser.looks import inspect, prefer
from tests.browser.viewer_page import text_of
from tests.integration.fixtures.cloud import Machine, running_cloud
from tests.integration.fixtures.qemu import Qemu
from tests.waiting import wait_for

_TEXTS = Path(__file__).parents[2] / "static" / "novnc" / "src" / "languages"
_EARLY = json.loads((_TEXTS.parent / "early.json").read_text(encoding="utf-8"))
_LANGUAGES = sorted(path.stem for path in _TEXTS.glob("*.js"))

Screenshot = Callable[[Chrome, str], Path]


def _texts(language: str) -> dict[str, Any]:
    texts: dict[str, Any] = json.loads(
        (_TEXTS / language / "page.json").read_text(encoding="utf-8")
    )
    return texts


def _spoken(driver: Chrome, language: str) -> None:
    wait_for(
        lambda: driver.execute_script("return document.documentElement.lang") == language,
        f"the page to speak {language}",
    )


def _reads(driver: Chrome, name: str, text: str) -> None:
    wait_for(lambda: text_of(driver, name) == text, f"{name} to read: {text}")


def test_refusals_in_each_language(
    tmp_path: Path, open_browser: Callable[..., Chrome], screenshot: Screenshot, unused_port: int
) -> None:
    machine = Machine("web-1", str(uuid.uuid4()), unused_port)
    with running_cloud(tmp_path, [machine]) as cloud:
        driver = open_browser()
        for language in _LANGUAGES:
            driver.get(f"{cloud.console(machine)}&language={language}")
            _spoken(driver, language)
            texts = _texts(language)
            _reads(driver, "reason", texts["end.screen"])
            assert text_of(driver, "again") == texts["again"]
            assert text_of(driver, "status") == texts["ended"]
            assert inspect(driver, f"try-again-{language}", screenshot) == []


def test_the_language_is_the_browser_s_where_the_link_has_none(
    tmp_path: Path, qemu_factory: Callable[..., Qemu], open_browser: Callable[..., Chrome]
) -> None:
    machine = Machine("web-1", str(uuid.uuid4()), qemu_factory().port)
    with running_cloud(tmp_path, [machine]) as cloud:
        driver = open_browser()
        prefer(driver, "sv-SE,pt-BR,de")
        driver.get(cloud.console(machine))
        _spoken(driver, "pt")
        texts = _texts("pt")
        _reads(driver, "status", texts["connected"])
        assert text_of(driver, "leave") == texts["leave"]
        driver.get(f"{cloud.console(machine)}&language=en")
        _reads(driver, "status", "Connected")


def test_a_bar_with_long_words_has_room_in_all_looks(
    tmp_path: Path,
    qemu_factory: Callable[..., Qemu],
    open_browser: Callable[..., Chrome],
    screenshot: Screenshot,
) -> None:
    machine = Machine("a-machine-with-a-rather-long-name-1", str(uuid.uuid4()), qemu_factory().port)
    with running_cloud(tmp_path, [machine]) as cloud:
        driver = open_browser()
        for language in ("de", "fr"):
            driver.get(f"{cloud.console(machine)}&language={language}")
            _spoken(driver, language)
            wait_for(lambda: text_of(driver, "leave"), "the console to connect")
            assert inspect(driver, f"connected-{language}", screenshot) == []


def test_a_page_whose_script_does_not_come_says_so_in_the_person_s_language(
    tmp_path: Path, open_browser: Callable[..., Chrome], screenshot: Screenshot, unused_port: int
) -> None:
    machine = Machine("web-1", str(uuid.uuid4()), unused_port)
    with running_cloud(tmp_path, [machine]) as cloud:
        driver = open_browser()
        driver.execute_cdp_cmd("Network.enable", {})
        driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*/viewer-*"]})
        for asked, language in (("de-AT", "de"), ("ja", "ja"), ("constructor", "en")):
            driver.get(f"{cloud.console(machine)}&language={asked}")
            said = _EARLY[language]
            _reads(driver, "reason", said["failed"])
            assert text_of(driver, "advice") == said["advice"]
            assert text_of(driver, "status") == _texts(language)["ended"]
            assert driver.execute_script("return document.documentElement.lang") == language
            assert inspect(driver, f"failed-{language}", screenshot) == []


def test_a_browser_without_scripts_is_told_in_each_language(
    tmp_path: Path, open_browser: Callable[..., Chrome], screenshot: Screenshot, unused_port: int
) -> None:
    machine = Machine("web-1", str(uuid.uuid4()), unused_port)
    with running_cloud(tmp_path, [machine]) as cloud:
        driver = open_browser()
        driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        driver.get(cloud.console(machine))
        shown = driver.find_element(By.TAG_NAME, "body").text
        assert shown.split("\n") == [said["noscript"] for said in _EARLY.values()]
        screenshot(driver, "viewer-noscript")
