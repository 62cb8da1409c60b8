"""Whatever a management server sends: the agent lives, leaks nothing, and comes back."""

import asyncio
import gc
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.fixtures.cloudstack import commands
from tests.integration.fixtures.cloudstack.attachment import Attachment
from tests.integration.fixtures.cloudstack.authority import AgentFiles, Authority
from tests.integration.fixtures.cloudstack.exchange import NoAnswerError
from tests.integration.fixtures.cloudstack.link import LinkEndedError
from tests.integration.fixtures.cloudstack.peer import ManagementPeer
from tests.integration.fixtures.cloudstack.wire import Flag, Packet, encode
from tests.integration.fixtures.system_vm import SystemVm, kernel_line, running_system_vm
from tests.waiting import wait_for

_EXAMPLES = 60
_IDLE_SECONDS = 0.5

# Not the lists of servers: names in them would be looked up. Nor the shutdown, which is obeyed.
_NAMES = [
    commands.READY,
    commands.HTTP_HANDLER,
    commands.SETUP_CERTIFICATE,
    commands.health().name,
    commands.allow("").name,
    commands.check_load(2, "", "").name,
    commands.watch_load(2, "", "").name,
    commands.STARTUP_ANSWER,
    commands.PING_ANSWER,
    commands.AUTHENTICATION_ANSWER,
    "java.lang.Runtime",
]
_FIELDS = [
    "keystoreBits",
    "keystorePassword",
    "encryptorPassword",
    "isSourceIpCheckEnabled",
    "_details",
    "hostId",
    "lbCheckInterval",
    "sessionUuid",
    "certificate",
    "privateKey",
    "interval",
    "proxyVmName",
    "pingInterval",
    "result",
    "contextMap",
    "sendStartup",
    "_success",
]
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
_ELEMENTS = st.tuples(
    st.sampled_from(_NAMES), st.dictionaries(st.sampled_from(_FIELDS), _VALUES, max_size=6)
)
_PACKETS = st.builds(
    Packet,
    flags=st.sampled_from([0x23, 0x27, 0x22, 0x24, 0x05, 0x41, 0xFF]).map(Flag),
    sequence=st.integers(0, 20) | st.integers(-(2**63), 2**63 - 1),
    server=st.integers(-(2**63), 2**63 - 1),
    agent=st.integers(-1, 9),
    via=st.integers(-1, 9),
    body=st.lists(_ELEMENTS, min_size=1, max_size=3).map(tuple),
)
# How it is sent, and what.
_SENT = st.one_of(
    st.tuples(st.just("raw"), st.binary(min_size=1, max_size=200)),
    st.tuples(st.just("message"), st.binary(min_size=1, max_size=200)),
    st.tuples(st.just("message"), st.binary(max_size=60).map(lambda tail: bytes(40) + tail)),
    st.tuples(st.just("message"), _PACKETS.map(encode)),
)


@pytest.fixture
def server(cloudstack_authority: Authority) -> Iterator[ManagementPeer]:
    with ManagementPeer(cloudstack_authority) as one:
        yield one


@pytest.fixture
def vm(tmp_path: Path, server: ManagementPeer, agent_files: AgentFiles) -> Iterator[SystemVm]:
    line = kernel_line(server)
    with running_system_vm(tmp_path, agent_files, line, agent_back_off=10) as one:
        yield one


def _tasks() -> int:
    """Return how many tasks of agents are not done."""
    found = [one for one in gc.get_objects() if isinstance(one, asyncio.Task) and not one.done()]
    return len([one for one in found if one.get_name().startswith("agent: ")])


def _held() -> tuple[int, int]:
    return _tasks(), len(os.listdir("/proc/self/fd"))


def _send(link: Attachment, way: str, data: bytes) -> None:
    try:
        if way == "raw":
            link.send_raw(data)
        else:
            link.send_message(data)
    except LinkEndedError:
        return


def _healthy(server: ManagementPeer) -> bool:
    try:
        return server.send(commands.health(), 2.0).result is True
    except NoAnswerError:
        return False


def test_any_bytes(server: ManagementPeer, vm: SystemVm) -> None:
    server.up()
    # The start has put what lived then out of the collector's sight.
    server.disconnect()
    wait_for(lambda: _healthy(server), "the agent")
    before = _held()
    assert before[0] > 0

    @settings(
        max_examples=_EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(_SENT)
    def attack(sent: tuple[str, bytes]) -> None:
        _send(server.up(), *sent)
        # Bytes of a frame that has not come to its end are waited for.
        if sent[0] == "raw":
            server.disconnect()
        wait_for(lambda: _healthy(server), f"the agent after {sent!r}")

    attack()
    server.disconnect()
    wait_for(lambda: _healthy(server), "the agent")
    wait_for(lambda: all(now <= then for now, then in zip(_held(), before, strict=True)), "no leak")
    began = time.process_time()
    with pytest.raises(AssertionError):
        wait_for(lambda: False, "nothing", _IDLE_SECONDS)
    assert time.process_time() - began < _IDLE_SECONDS / 2
