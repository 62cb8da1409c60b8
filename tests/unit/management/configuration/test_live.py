import asyncio

import pytest

from consoleproxy.management.configuration.live import Live, live_from
from consoleproxy.management.fleet.assignment import Order
from consoleproxy.settings import Settings

MAXIMUM = "consoleproxy.session.max"


def test_times_are_in_seconds() -> None:
    now = live_from(
        Settings(
            session_reconnection_window=1500,
            session_retention_hours=2,
            session_cleanup_hours=3,
            capacity_scan_interval=250,
            capacity_webhook="http://h/s3cret",
        )
    )
    assert now.reconnection_window == 1.5
    assert now.session_retention == 7200
    assert now.cleanup_interval == 10800
    assert now.capacity_scan_interval == 0.25
    assert "s3cret" not in repr(now)


def test_changes_come_before_the_own_sources_and_go_again() -> None:
    live = Live(Settings(session_max=7))
    assert live.now.session_max == 7
    live.change({MAXIMUM: "3", "consoleproxy.assignment.order": "fullest"})
    assert live.now.session_max == live.settings.session_max == 3
    assert live.now.assignment_order is Order.FULLEST
    live.change({})
    assert live.now == live_from(Settings(session_max=7))


def test_what_cannot_be_used_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    live = Live(Settings())
    live.change({MAXIMUM: "many", "consoleproxy.launch.max": "3"})
    assert (live.now.session_max, live.now.launch_max) == (50, 3)
    assert f"{MAXIMUM} (set over the API) is not used" in caplog.text


def test_a_change_counts_for_a_pause_under_way() -> None:
    async def scenario() -> None:
        live = Live(Settings(capacity_scan_interval=60_000))
        loop = asyncio.get_running_loop()
        pause = loop.create_task(live.pause(lambda now: now.capacity_scan_interval), name="pause")
        await asyncio.sleep(0)
        live.change({MAXIMUM: "3"})
        await asyncio.sleep(0.01)
        assert not pause.done()
        live.change({"consoleproxy.capacityscan.interval": "100"})
        async with asyncio.timeout(5):
            await pause

    asyncio.run(scenario())
