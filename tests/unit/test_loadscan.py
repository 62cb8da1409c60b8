"""Reports on the interval, at once on a change, again after a failure."""

import asyncio
import json

from consoleproxy.errors import ManagementUnavailable
from consoleproxy.loadscan import LoadScan
from consoleproxy.session.ending import EndReason
from consoleproxy.session.load import Load
from tests.unit.session.sample import admitted, registry


class _Sink:
    """Takes reports, and is away for the first ``absent`` of them."""

    def __init__(self, absent: int = 0) -> None:
        self.absent = absent
        self.loads: list[Load] = []
        self.documents: asyncio.Queue[dict[str, list[object]]] = asyncio.Queue()

    async def report(self, load: Load) -> frozenset[str]:
        if self.absent:
            self.absent -= 1
            raise ManagementUnavailable("away")
        parsed = json.loads(load.document)
        self.loads.append(load)
        assert list(load.reasons) == parsed["removedSessions"]
        self.documents.put_nowait(parsed)
        return frozenset(parsed["removedSessions"])


async def _nothing_new() -> None:
    """The registry knows all there is."""


def _run_with(scan: LoadScan, sink: _Sink, wanted: int) -> list[dict[str, list[object]]]:
    async def story() -> list[dict[str, list[object]]]:
        running = asyncio.get_running_loop().create_task(scan.run(), name="scan")
        try:
            async with asyncio.timeout(10):
                return [await sink.documents.get() for _ in range(wanted)]
        finally:
            running.cancel()
            await asyncio.wait({running})

    return asyncio.run(story())


def test_reports_come_also_when_nothing_happens() -> None:
    sink = _Sink()
    reports = _run_with(LoadScan(registry(), _nothing_new, sink, interval=0.01), sink, 3)
    assert reports == [{"connections": [], "removedSessions": []}] * 3


def test_a_removed_session_is_reported_until_acknowledged_then_never_again() -> None:
    sink, sessions = _Sink(absent=2), registry()
    sessions.remove(admitted(sessions, "a"), cut=False, reason=EndReason.IDLE, now=101.0)
    reports = _run_with(LoadScan(sessions, _nothing_new, sink, interval=0.01), sink, 2)
    assert [report["removedSessions"] for report in reports] == [["a"], []]
    assert sink.loads[0].reasons == {"a": "idle"}


def test_a_report_says_whether_the_proxy_drains() -> None:
    sink, sessions = _Sink(), registry()
    sessions.draining = True
    _run_with(LoadScan(sessions, _nothing_new, sink, interval=0.01), sink, 1)
    assert sink.loads[0].draining


def test_a_change_is_reported_at_once() -> None:
    async def story() -> None:
        sink, sessions = _Sink(), registry()
        scan = LoadScan(sessions, _nothing_new, sink, interval=3600)
        running = asyncio.get_running_loop().create_task(scan.run(), name="scan")
        try:
            async with asyncio.timeout(10):
                await sink.documents.get()
                admitted(sessions, "a")
                scan.wake()
                assert len((await sink.documents.get())["connections"]) == 1
        finally:
            running.cancel()
            await asyncio.wait({running})

    asyncio.run(story())


def test_another_interval_begins_with_a_report() -> None:
    async def story() -> None:
        sink = _Sink()
        scan = LoadScan(registry(), _nothing_new, sink, interval=3600)
        running = asyncio.get_running_loop().create_task(scan.run(), name="scan")
        try:
            async with asyncio.timeout(10):
                await sink.documents.get()
                scan.change_interval(0.01)
                for _ in range(3):
                    await sink.documents.get()
        finally:
            running.cancel()
            await asyncio.wait({running})

    asyncio.run(story())
