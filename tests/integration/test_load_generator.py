"""The compiled ends of the benchmarks: what they count, straight to each other and by a proxy."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from benchmarks import load
from benchmarks.load import Guest, LoadFailed, Moment, Way
from tests.integration.fixtures.pki import Pki
from tests.integration.fixtures.standalone import Standalone
from tests.integration.fixtures.websockify import Websockify
from tests.waiting import free_port

# Short, but many time slices, also of a busy machine.
_SECONDS = 0.4
_SESSIONS = 40

Ways = Callable[[int], Way]


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    load.build()


@pytest.fixture
def guest() -> Iterator[Guest]:
    with Guest() as guest:
        yield guest


@pytest.fixture(params=["raw", "websocket"])
def ways(
    request: pytest.FixtureRequest, guest: Guest, proxy_factory: Callable[..., Standalone]
) -> Ways:
    """Makes ways for that many sessions."""
    if request.param == "raw":
        return lambda sessions: Way(port=guest.port, guest_port=guest.port, raw=True)
    proxy = proxy_factory(session_max=1000)

    def target() -> str:
        query = urlsplit(proxy.page(host="127.0.0.1", port=guest.port)).query
        return f"/websockify?{query}"

    return lambda sessions: Way(
        port=proxy.port,
        guest_port=guest.port,
        targets=[target() for _ in range(sessions)],
    )


def test_streams_share_what_is_counted(ways: Ways) -> None:
    moments: list[Moment] = []
    found = load.down(ways(3), sessions=3, seconds=_SECONDS, watch=moments.append)
    assert moments == [Moment.READY, Moment.START, Moment.END]
    assert found.bytes == sum(found.per_session)
    assert min(found.per_session) > 0
    assert found.seconds >= _SECONDS


def test_stream_keeps_its_rate(ways: Ways) -> None:
    found = load.down(ways(1), rate=1000, write=1000, seconds=1.0)
    assert 0.5 * 1000 * 1024 < found.bytes / found.seconds < 1.2 * 1000 * 1024


def test_frames_reach_the_guest(ways: Ways) -> None:
    assert load.up(ways(2), sessions=2, seconds=_SECONDS).frames > 0


def test_echoes_are_timed_beside_streams(ways: Ways) -> None:
    found = load.echo(ways(3), busy=2, rate=4000, seconds=_SECONDS)
    assert found.samples > 0
    assert 0 < found.p50 <= found.p99 <= found.p999 < _SECONDS * 1e6
    assert found.busy_bytes > 0


def test_consoles_open_and_close(ways: Ways) -> None:
    assert load.opened(ways(2000), flight=4, seconds=_SECONDS).consoles > 0


def test_idle_sessions_live(ways: Ways) -> None:
    found = load.idle(ways(_SESSIONS), sessions=_SESSIONS, seconds=_SECONDS)
    assert found.alive == _SESSIONS


def test_viewers_that_stop_reading_are_not_sent_without_end(ways: Ways) -> None:
    found = load.slow(ways(2), sessions=2, seconds=_SECONDS)
    assert 2 << 20 <= found.read <= found.taken < 64 << 20


def test_keys_arrive_beside_the_stream(ways: Ways) -> None:
    # A key every 50 ms; a busy machine presses some of them late.
    found = load.keys(ways(1), rate=1024, seconds=0.5)
    assert found.samples >= 5
    assert found.missing == 0
    assert 0 < found.p50 <= found.p99 <= found.max
    assert found.queued > 0


def test_tls(
    guest: Guest, pki: Pki, websockify_factory: Callable[..., Websockify], tmp_path: Path
) -> None:
    server = websockify_factory(pki.server, guest.port)
    way = Way(port=server.port, guest_port=guest.port, tls=True)
    assert load.down(way, seconds=_SECONDS).bytes > 0
    assert load.echo(way, seconds=_SECONDS).samples > 0


def test_refusal_is_told(guest: Guest, proxy_factory: Callable[..., Standalone]) -> None:
    way = Way(port=proxy_factory().port, guest_port=guest.port, targets=["/websockify?token=x"])
    with pytest.raises(LoadFailed, match="RFB security: the RFB server refused the connection"):
        load.down(way)


def test_targets_run_out(guest: Guest) -> None:
    way = Way(port=guest.port, guest_port=guest.port, raw=True, targets=["/one"])
    with pytest.raises(LoadFailed, match="connecting: the request targets are used up"):
        load.down(way, sessions=2)


def test_nobody_listens() -> None:
    port = free_port()
    with pytest.raises(LoadFailed, match="connecting: no connection: Connection refused"):
        load.down(Way(port=port, guest_port=port))


def test_guest_ends_with_its_owner() -> None:
    with Guest() as guest:
        connection = socket.create_connection(("127.0.0.1", guest.port))
    with connection:
        assert connection.makefile("rb").read() == b"RFB 003.008\n"
