"""What fingers do to a machine, told by a real X server, and to its picture."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from tests.browser.fingers import LANDSCAPE, Fingers, be_a_phone
from tests.integration.fixtures.cloud import Cloud, Machine
from tests.integration.fixtures.x_pointer import Pointer, Seen
from tests.integration.fixtures.xvnc import Xvnc
from tests.waiting import wait_for

Screenshot = Callable[[Chrome, str], Path]
_PICTURE = """
const canvas = document.querySelector("#screen canvas");
const { left, top, width, height } = canvas.getBoundingClientRect();
return canvas.width && [left, top, width, height];
"""
_LISTENS = "return getComputedStyle(document.querySelector('#screen')).touchAction === 'none'"
_WIDTH = 640
_NEAR = 2


@pytest.fixture
def server() -> Iterator[Xvnc]:
    server = Xvnc("None")
    yield server
    server.stop()


@pytest.fixture
def pointer(server: Xvnc) -> Iterator[Pointer]:
    with Pointer(server) as pointer:
        yield pointer


@pytest.fixture
def machine(server: Xvnc) -> Machine:
    return Machine("tablet-1", str(uuid.uuid4()), server.port)


class _Phone:
    """A phone with the machine's screen; places are the machine's."""

    def __init__(self, driver: Chrome, url: str) -> None:
        self.driver = driver
        be_a_phone(driver)
        driver.get(url)
        wait_for(lambda: driver.execute_script(_LISTENS), "the page to listen to fingers")
        wait_for(lambda: driver.execute_script(_PICTURE), "the machine's picture")
        self.fingers = Fingers(driver)

    def picture(self) -> tuple[float, float, float, float]:
        """Return where the picture is in the page, and how large."""
        left, top, width, height = self.driver.execute_script(_PICTURE)
        return float(left), float(top), float(width), float(height)

    def scale(self) -> float:
        return self.picture()[2] / _WIDTH

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point of the machine is in the page."""
        left, top, _, _ = self.picture()
        return left + x * self.scale(), top + y * self.scale()


@pytest.fixture
def phone(cloud: Cloud, machine: Machine, open_browser: Callable[..., Chrome]) -> _Phone:
    return _Phone(open_browser(), cloud.console(machine))


def _near(seen: Seen, x: float, y: float) -> bool:
    return abs(seen.x - x) <= _NEAR and abs(seen.y - y) <= _NEAR


def _clicks(pointer: Pointer, count: int) -> list[Seen]:
    """Wait for so many clicks, and return where each button went down."""
    wait_for(lambda: len(pointer.buttons()) >= 2 * count, f"{count} clicks")
    events = pointer.buttons()
    assert [event.kind for event in events] == ["press", "release"] * count
    return events[::2]


def test_taps_click(phone: _Phone, pointer: Pointer) -> None:
    phone.fingers.tap(phone.at(100, 50))
    (left,) = _clicks(pointer, 1)
    assert left.button == 1
    assert _near(left, 100, 50)
    x, y = phone.at(300, 200)
    phone.fingers.tap((x - 20, y), (x + 20, y))
    phone.fingers.tap((x, y), (x + 40, y), (x + 20, y + 30))
    right, middle = _clicks(pointer, 3)[1:]
    assert right.button == 3
    assert _near(right, 300, 200)
    assert middle.button == 2


def test_two_taps_are_a_double_click_on_one_spot(phone: _Phone, pointer: Pointer) -> None:
    x, y = phone.at(100, 50)
    phone.fingers.tap((x, y))
    phone.fingers.tap((x + 8, y + 6), again=True)
    first, second = _clicks(pointer, 2)
    assert first.button == second.button == 1
    assert first[2:] == second[2:]


def test_a_long_press_shows_itself_and_clicks_right(
    phone: _Phone, pointer: Pointer, screenshot: Screenshot
) -> None:
    phone.fingers.hold(*phone.at(400, 300))
    screenshot(phone.driver, "touch-long-press")
    assert pointer.buttons() == []
    phone.fingers.up()
    (right,) = _clicks(pointer, 1)
    assert right.button == 3
    assert _near(right, 400, 300)
    assert not phone.fingers.holds()


@pytest.mark.parametrize("way", ["hold", "tap"])
def test_a_hold_or_a_tap_before_it_makes_a_move_a_drag(
    phone: _Phone, pointer: Pointer, way: str
) -> None:
    begin, end = phone.at(100, 100), phone.at(500, 300)
    if way == "hold":
        phone.fingers.hold(*begin)
    else:
        phone.fingers.tap(begin)
        phone.fingers.down(begin, again=True)
    phone.fingers.glide([begin], [end])
    phone.fingers.up()
    count = 2 if way == "hold" else 4
    wait_for(lambda: len(pointer.buttons()) == count, "the drag")
    pressed, released = pointer.buttons()[-2:]
    assert (pressed.kind, pressed.button) == ("press", 1)
    assert _near(pressed, 100, 100)
    assert (released.kind, released.button) == ("release", 1)
    assert _near(released, 500, 300)
    between = pointer.events()[pointer.events().index(pressed) : -1]
    assert len([event for event in between if event.kind == "move"]) >= 3


def test_one_finger_moves_the_pointer_while_all_is_seen(phone: _Phone, pointer: Pointer) -> None:
    begin, end = phone.at(100, 100), phone.at(500, 300)
    phone.fingers.down(begin)
    phone.fingers.glide([begin], [end])
    phone.fingers.up()
    wait_for(lambda: pointer.events() and _near(pointer.events()[-1], 500, 300), "the pointer")
    assert pointer.buttons() == []


def test_two_fingers_scroll(phone: _Phone, pointer: Pointer) -> None:
    x, y = phone.at(320, 240)
    for way, button in ((-120, 5), (120, 4)):
        before = len(pointer.buttons())
        begin = [(x - 30, y), (x + 30, y)]
        end = [(x - 30, y + way), (x + 30, y + way)]
        phone.fingers.down(*begin)
        phone.fingers.glide(begin, end)
        phone.fingers.up()
        wait_for(lambda: len(pointer.buttons()) >= before + 8, "the wheel")  # noqa: B023
        turned = pointer.buttons()[before:]
        assert {event.button for event in turned} == {button}
        assert all(_near(event, 320, 240) for event in turned)
        assert len(turned) == 8


def test_a_pinch_zooms_around_the_fingers_and_a_finger_pans(
    phone: _Phone, pointer: Pointer, screenshot: Screenshot
) -> None:
    fit = phone.scale()
    x, y = phone.at(200, 240)
    begin, end = [(x - 20, y), (x + 20, y)], [(x - 60, y), (x + 60, y)]
    phone.fingers.down(*begin)
    phone.fingers.glide(begin, end)
    phone.fingers.up()
    assert phone.scale() == pytest.approx(3 * fit, rel=0.02)
    assert phone.at(200, 240) == pytest.approx((x, y), abs=2)
    screenshot(phone.driver, "touch-zoomed")
    # What is clicked is what is seen, also while zoomed.
    phone.fingers.tap(phone.at(230, 260))
    (clicked,) = _clicks(pointer, 1)
    assert _near(clicked, 230, 260)

    before = phone.at(0, 0)
    phone.fingers.down((x, y))
    phone.fingers.glide([(x, y)], [(x - 50, y)])
    phone.fingers.up()
    assert phone.at(0, 0) == pytest.approx((before[0] - 50, before[1]), abs=2)
    assert len(pointer.buttons()) == 2

    phone.fingers.down(*end)
    phone.fingers.glide(end, begin)
    phone.fingers.up()
    phone.fingers.down(*end)
    phone.fingers.glide(end, begin)
    phone.fingers.up()
    assert phone.scale() == pytest.approx(fit)


def test_a_zoom_survives_another_quality_and_not_another_size(phone: _Phone) -> None:
    x, y = phone.at(200, 240)
    begin, end = [(x - 20, y), (x + 20, y)], [(x - 60, y), (x + 60, y)]
    phone.fingers.down(*begin)
    phone.fingers.glide(begin, end)
    phone.fingers.up()
    zoomed = phone.scale()
    phone.driver.find_element(By.CSS_SELECTOR, "[data-tool=display]").click()
    wait_for(lambda: phone.driver.find_elements(By.ID, "save"), "the tool")
    phone.driver.find_element(By.ID, "save").click()
    phone.driver.find_element(By.ID, "look").click()
    assert phone.scale() == pytest.approx(zoomed)
    phone.driver.find_element(By.ID, "actual").click()
    ratio = phone.driver.execute_script("return devicePixelRatio")
    assert phone.scale() == pytest.approx(1 / ratio)


def test_a_zoom_survives_another_shape_of_the_window(phone: _Phone) -> None:
    x, y = phone.at(320, 240)
    begin, end = [(x - 20, y), (x + 20, y)], [(x - 80, y), (x + 80, y)]
    phone.fingers.down(*begin)
    phone.fingers.glide(begin, end)
    phone.fingers.up()
    zoomed = phone.scale()
    be_a_phone(phone.driver, LANDSCAPE)

    def turned() -> Any:
        left, top, width, height = phone.driver.execute_script(
            "const { left, top, width, height } = document.querySelector('#screen')"
            ".getBoundingClientRect(); return [left, top, width, height]"
        )
        middle = left + width / 2, top + height / 2
        return width == LANDSCAPE[0] and phone.at(320, 240) == pytest.approx(middle, abs=3)

    wait_for(turned, "the same spot in the middle")
    assert phone.scale() == pytest.approx(zoomed)


def test_the_page_itself_neither_zooms_nor_scrolls(phone: _Phone) -> None:
    x, y = phone.at(320, 240)
    phone.fingers.down((x - 20, y), (x + 20, y))
    phone.fingers.glide([(x - 20, y), (x + 20, y)], [(x - 90, y), (x + 90, y)])
    phone.fingers.up()
    phone.fingers.down((x, y))
    phone.fingers.glide([(x, y)], [(x, y - 150)])
    phone.fingers.up()
    seen = "return [visualViewport.scale, visualViewport.pageTop, visualViewport.pageLeft]"
    assert phone.driver.execute_script(seen) == [1, 0, 0]


def test_a_drag_goes_on_at_the_edge_of_what_is_seen(phone: _Phone, pointer: Pointer) -> None:
    x, y = phone.at(320, 240)
    begin, end = [(x - 20, y), (x + 20, y)], [(x - 80, y), (x + 80, y)]
    phone.fingers.down(*begin)
    phone.fingers.glide(begin, end)
    phone.fingers.up()
    phone.fingers.hold(x, y)
    phone.fingers.glide([(x, y)], [(5, y)])
    wait_for(lambda: pointer.events() and pointer.events()[-1].x <= _NEAR, "the left edge")
    phone.fingers.up()
    wait_for(lambda: len(pointer.buttons()) == 2, "the end of the drag")
    pressed, released = pointer.buttons()
    assert _near(pressed, 320, 240)
    assert (released.kind, released.button) == ("release", 1)
    assert released.x <= 2 * _NEAR


def test_buttons_do_what_fingers_do(phone: _Phone, pointer: Pointer) -> None:
    phone.driver.find_element(By.CSS_SELECTOR, "[data-tool=touch]").click()
    wait_for(lambda: phone.driver.find_elements(By.ID, "touch-in"), "the tool")

    def press(name: str) -> None:
        phone.driver.find_element(By.ID, f"touch-{name}").click()

    fit = phone.scale()
    press("in")
    press("in")
    assert phone.scale() == pytest.approx(fit * 1.25**2, rel=0.01)
    assert phone.driver.find_element(By.ID, "touch-times").text == "156%"
    press("out")
    assert phone.scale() == pytest.approx(fit * 1.25, rel=0.01)
    press("fit")
    assert phone.scale() == pytest.approx(fit)

    press("right")
    phone.fingers.tap(phone.at(100, 50))
    phone.fingers.tap(phone.at(300, 50))
    assert [seen.button for seen in _clicks(pointer, 2)] == [3, 1]
    press("down")
    assert _clicks(pointer, 3)[2].button == 5
