"""The operator's program, run for real."""

import asyncio
import errno
import os
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path

import pytest

from consoleproxy.errors import HypervisorUnreachable
from consoleproxy.hypervisor import route
from consoleproxy.hypervisor.route import RouteCheck
from tests.waiting import wait_for

pytestmark = pytest.mark.server

ADDRESS = "192.0.2.7"


def _program(folder: Path, script: str) -> RouteCheck:
    path = folder / "route check"
    path.write_text(f"#!/bin/sh\ncd '{folder}'\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return RouteCheck(str(path))


def _run(story: Coroutine[None, None, None]) -> None:
    before = len(os.listdir("/proc/self/fd")), _children()
    asyncio.run(story)
    assert (len(os.listdir("/proc/self/fd")), _children()) == before


def _children() -> set[str]:
    """Return the processes that this one has started and not seen the end of."""
    found: set[str] = set()
    for task in Path("/proc/self/task").iterdir():
        # A thread of what ran before may end meanwhile.
        with suppress(FileNotFoundError, ProcessLookupError):
            found.update((task / "children").read_text().split())
    return found


def test_no_program_asks_nobody() -> None:
    _run(RouteCheck("").ensure(ADDRESS))


def test_it_gets_the_address_alone_and_no_input(tmp_path: Path) -> None:
    check = _program(tmp_path, 'echo "$# $1" > asked; cat > input; echo noise')
    _run(check.ensure(f"{ADDRESS}; touch x"))
    assert (tmp_path / "asked").read_text() == f"1 {ADDRESS}; touch x\n"
    assert (tmp_path / "input").read_bytes() == b""
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("script", "cause"),
    [
        ("echo first >&2; echo no gateway >&2; exit 3", r"status 3: no gateway$"),
        ("exit 1", r"status 1$"),
        ("kill -TERM $$", r"signal 15$"),
        (r"printf 'bad\377\033[31mred\n\n' >&2; exit 1", "status 1: bad�\\[31mred$"),
        ("yes x | head -c 300000 >&2; echo last >&2; exit 1", r"status 1: last$"),
        ("head -c 300000 /dev/zero | tr '\\0' x >&2; exit 1", r"status 1: x{200}$"),
    ],
)
def test_no_is_told_with_its_reason(tmp_path: Path, script: str, cause: str) -> None:
    check = _program(tmp_path, script)
    with pytest.raises(HypervisorUnreachable, match=cause) as caught:
        _run(check.ensure(ADDRESS))
    assert str(caught.value).startswith(f"no route to {ADDRESS}: {check.command} ended with ")


def test_a_program_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(HypervisorUnreachable, match="cannot be run: No such file"):
        _run(RouteCheck(str(tmp_path / "missing")).ensure(ADDRESS))


def _somebody_reads(fifo: Path) -> bool:
    try:
        os.close(os.open(fifo, os.O_WRONLY | os.O_NONBLOCK))
    except OSError as error:
        assert error.errno == errno.ENXIO
        return False
    return True


def test_a_daemon_left_behind_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "end")
    check = _program(tmp_path, "cat end >/dev/null &")
    _run(check.ensure(ADDRESS))
    wait_for(lambda: _somebody_reads(tmp_path / "end"), "the daemon")


def test_cancelled_it_takes_its_children_along(tmp_path: Path) -> None:
    for name in ("started", "never"):
        os.mkfifo(tmp_path / name)
    check = _program(tmp_path, "(exec 3<>never; echo > started; cat <&3) | cat")

    fifo = os.open(tmp_path / "started", os.O_RDONLY | os.O_NONBLOCK)

    async def story() -> None:
        loop = asyncio.get_running_loop()
        started = asyncio.Event()
        loop.add_reader(fifo, started.set)
        asking = loop.create_task(check.ensure(ADDRESS), name="asking")
        await started.wait()
        assert _somebody_reads(tmp_path / "never")
        asking.cancel()
        await asyncio.wait({asking})
        assert asking.cancelled()
        loop.remove_reader(fifo)

    _run(story())
    os.close(fifo)
    wait_for(lambda: not _somebody_reads(tmp_path / "never"), "the end of the program's children")


@pytest.mark.parametrize("steps", range(8))
def test_cancelled_at_the_start_nothing_is_left(tmp_path: Path, steps: int) -> None:
    os.mkfifo(tmp_path / "never")
    check = _program(tmp_path, "cat never & cat never")

    async def story() -> None:
        asking = asyncio.get_running_loop().create_task(check.ensure(ADDRESS), name="asking")
        for _ in range(steps):
            await asyncio.sleep(0)
        asking.cancel()
        await asyncio.wait({asking})
        assert asking.cancelled()

    _run(story())
    wait_for(lambda: not _somebody_reads(tmp_path / "never"), "the end of the program's children")


def test_cancelled_before_it_could_not_be_run(tmp_path: Path) -> None:
    async def story() -> None:
        check = RouteCheck(str(tmp_path / "missing"))
        asking = asyncio.get_running_loop().create_task(check.ensure(ADDRESS), name="asking")
        await asyncio.sleep(0)
        asking.cancel()
        await asyncio.wait({asking})
        assert asking.cancelled()

    _run(story())


def test_yes_counts_for_a_minute_and_no_never(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = _program(tmp_path, 'echo "$1" >> asked; test -e good')

    async def story() -> None:
        loop = asyncio.get_running_loop()
        start = loop.time()
        for _ in range(2):
            with pytest.raises(HypervisorUnreachable):
                await check.ensure("a")
        (tmp_path / "good").touch()
        for later, address in ((0, "a"), (30, "b"), (59, "a"), (61, "a"), (89, "b"), (120, "a")):
            monkeypatch.setattr(loop, "time", lambda later=later: start + later)
            await check.ensure(address)
        monkeypatch.undo()

    _run(story())
    assert (tmp_path / "asked").read_text().split() == ["a", "a", "a", "b", "a"]


def test_memory_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(route, "_ADDRESSES_KEPT", 2)
    check = _program(tmp_path, 'echo "$1" >> asked')

    async def story() -> None:
        for address in ("a", "b", "c", "b", "c", "a"):
            await check.ensure(address)

    _run(story())
    assert (tmp_path / "asked").read_text().split() == ["a", "b", "c", "a"]
    assert len(check._ensured) == 2
