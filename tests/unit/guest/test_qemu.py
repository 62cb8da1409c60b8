"""The demo's guest in real QEMU."""

import asyncio
import os
import re
from pathlib import Path

import pytest

from consoleproxy.guest.address import GuestAddress
from consoleproxy.guest.qemu import QEMU, qemu_guest
from consoleproxy.rfb.client import ClientLogin
from consoleproxy.rfb.policy import Credentials
from tests.integration.fixtures.qemu import required

pytestmark = pytest.mark.usefixtures("nothing_left")

_PASSWORD = "secret12"


def _pid(guest: GuestAddress) -> int:
    found = re.search(r"process (\d+)", guest.description)
    assert found is not None
    return int(found[1])


async def _log_in(guest: GuestAddress) -> ClientLogin:
    reader, writer = await asyncio.open_connection(guest.host, guest.port)
    login = ClientLogin(Credentials(guest.password))
    while login.result is None:
        login.receive_data(await reader.read(1000))
        writer.write(login.data_to_send())
    writer.close()
    await writer.wait_closed()
    return login


def test_guest_asks_for_its_password_and_ends_with_us() -> None:
    required(QEMU)

    async def story() -> None:
        async with qemu_guest(_PASSWORD) as guest:
            login = await _log_in(guest)
            assert login.security == "VNC Authentication"
            pid = _pid(guest)
            # Ctrl-C in a terminal must not reach it.
            assert os.getsid(pid) != os.getsid(0)
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)

    asyncio.run(story())


def test_guest_ends_where_we_are_cancelled() -> None:
    required(QEMU)
    pids = []

    async def story() -> None:
        async with asyncio.timeout(None) as limit, qemu_guest(_PASSWORD) as guest:
            pids.append(_pid(guest))
            limit.reschedule(0)
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        asyncio.run(story())
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


def test_qemu_that_does_not_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / QEMU
    fake.write_text("#!/bin/sh\necho no such machine >&2\n", encoding="ascii")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    async def story() -> None:
        async with qemu_guest(_PASSWORD):
            pytest.fail("it started")

    with pytest.raises(OSError, match="did not start: no such machine"):
        asyncio.run(story())
