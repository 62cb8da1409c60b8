"""A browser comes back to its console by its secret; anybody else with the old link does not."""

import dataclasses
import hashlib
import logging
import socket
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from consoleproxy import errors
from consoleproxy.frames import Opcode
from tests.integration.fixtures.cloud import Cloud, Machine, running_cloud
from tests.integration.fixtures.qemu import Qemu
from tests.integration.fixtures.served import running_served
from tests.integration.fixtures.tab import Tab
from tests.integration.fixtures.viewer import Viewer
from tests.waiting import wait_for
from tests.wsclient import close_frame

_PASSWORD = "secret12"
_ELSEWHERE = "127.0.0.9"


@pytest.fixture
def guest(qemu_factory: Callable[..., Qemu]) -> Qemu:
    return qemu_factory(password=_PASSWORD)


@pytest.fixture
def machine(guest: Qemu) -> Machine:
    return Machine("web-1", str(uuid.uuid4()), guest.port, _PASSWORD)


@pytest.fixture
def cloud(tmp_path: Path, machine: Machine) -> Iterator[Cloud]:
    with running_cloud(tmp_path, [machine]) as cloud:
        yield cloud


def _refused(viewer: Viewer) -> tuple[int, str]:
    refusal = viewer.refused()
    return refusal.code, refusal.reason


_USED = (4409, errors.SessionUsed.sentence)
_OVER = (4401, errors.SessionOver.sentence)
_REPLACED = (4409, errors.SessionReplaced.sentence)


def _open_then_cut(cloud: Cloud, tab: Tab, url: str) -> str:
    """Open a console, lose it, and return the uuid of its session."""
    with tab.open(url) as viewer:
        viewer.log_in()
        (session,) = cloud.proxy.registry
    wait_for(lambda: cloud.sessions() == 0, "the session to end")
    return session.uuid


def test_a_reload_comes_back_again_and_again_with_another_secret_each_time(
    cloud: Cloud, machine: Machine, guest: Qemu
) -> None:
    tab, url = Tab(), cloud.console(machine)
    seen = []
    with tab.open(url) as viewer:
        viewer.log_in()
        seen.append(tab.secret)
        # As the page says when it is left.
        viewer.sock.sendall(close_frame(4002))
        wait_for(lambda: cloud.sessions() == 0 and not guest.clients(), "all to be let go")
    for number in range(3):
        with tab.reload(url, source=f"127.0.0.{20 + number}") as viewer:
            viewer.log_in()
            viewer.press(ord("a") + number)
            seen.append(tab.secret)
            wait_for(lambda: cloud.reported() == 1, "one session in the books")
    assert len(set(seen)) == 4
    wait_for(lambda: len(guest.keys()) == 3, "the keys of each time")
    (row,) = cloud.api.listConsoleSessions(listall=True)["consolesession"]
    assert row["clientaddress"] == "127.0.0.1", "it is one session in the books, with one token"


def test_anybody_else_with_the_old_link_is_refused(cloud: Cloud, machine: Machine) -> None:
    tab, url = Tab(), cloud.console(machine)
    _open_then_cut(cloud, tab, url)
    assert tab.secret
    wrong = {"consoleproxy-another-tab-of-it": tab.secret, f"consoleproxy-{tab.name}": "guessed"}
    for other in (Tab(), Tab(cookies=wrong)):
        with other.open(url) as viewer:
            assert _refused(viewer) == _USED, "from the same address, inside the window"
    with Viewer(url) as viewer:
        assert _refused(viewer) == _USED, "a viewer that knows no tabs"
    for guessed in ({}, {f"consoleproxy-{tab.name}": "guessed"}):
        with Tab(tab, guessed).reload(url) as viewer:
            assert _refused(viewer) == _OVER, "one that has seen the tab's name"
    with tab.reload(url) as viewer:
        viewer.log_in()


def test_the_old_link_in_the_same_browser_comes_back(cloud: Cloud, machine: Machine) -> None:
    """A portal whose page is loaded again, say, and with it the frame of its console."""
    browser: dict[str, str] = {"consoleproxy-of-another-console": "x"}
    tab, url = Tab(cookies=browser), cloud.console(machine)
    _open_then_cut(cloud, tab, url)
    with Tab(cookies=browser).open(url, source=_ELSEWHERE) as viewer:
        viewer.log_in()
        with tab.reload(url) as late:
            assert _refused(late) == _OVER, "it is the other tab's now"
        with Tab(cookies=browser).open(url) as again:
            again.log_in()
            assert viewer.closed() == _REPLACED
            with Viewer(url) as other:
                assert _refused(other) == _USED


def test_a_secret_that_was_used_is_good_for_nobody(cloud: Cloud, machine: Machine) -> None:
    tab, url = Tab(), cloud.console(machine)
    _open_then_cut(cloud, tab, url)
    stolen = Tab(tab, dict(tab.cookies))
    with tab.reload(url) as viewer:
        viewer.log_in()
        with stolen.reload(url, source=_ELSEWHERE) as thief:
            assert _refused(thief) == _OVER
        viewer.press(ord("x"))
        viewer.close()


def test_an_answer_that_was_lost_costs_nothing(cloud: Cloud, machine: Machine) -> None:
    tab, url = Tab(), cloud.console(machine)
    _open_then_cut(cloud, tab, url)
    for _ in range(2):
        # It gets its 101 and its next secret, and the browser has neither.
        deaf = Tab(tab, dict(tab.cookies)).reload(url)
        deaf.sock.close()
        deaf.frames.close()
    with tab.reload(url, source=_ELSEWHERE) as viewer:
        viewer.log_in()


def test_a_first_answer_that_was_lost_costs_nothing(cloud: Cloud, machine: Machine) -> None:
    tab, url = Tab(), cloud.console(machine)
    _open_then_cut(cloud, Tab(tab, {}), url)
    with tab.open(url) as viewer:
        viewer.log_in()
        assert tab.secret


def test_where_no_cookies_are_kept_the_token_leads_back_from_the_same_address(
    cloud: Cloud, machine: Machine
) -> None:
    tab, url = Tab(), cloud.console(machine)
    for _ in range(2):
        _open_then_cut(cloud, tab, url)
        tab.cookies.clear()
    with tab.open(url, source=_ELSEWHERE) as viewer:
        assert _refused(viewer) == _USED
    with tab.reload(url) as viewer:
        assert _refused(viewer) == _OVER


def test_a_viewer_takes_its_own_session_over_at_once(
    cloud: Cloud, machine: Machine, guest: Qemu
) -> None:
    """Its network changed, and the proxy has not noticed: the old connection looks alive."""
    tab, url = Tab(), cloud.console(machine)
    with tab.open(url) as old:
        old.log_in()
        wait_for(lambda: cloud.reported() == 1, "the session in the books")
        with tab.open(url, source=_ELSEWHERE) as new:
            new.log_in()
            assert old.closed() == _REPLACED
            new.press(ord("x"))
            wait_for(lambda: len(guest.keys()) == 1, "the key")
            wait_for(lambda: len(guest.clients()) == 1, "the old connection to be let go")
            (session,) = cloud.proxy.registry
            assert session.client_address == _ELSEWHERE
            wait_for(lambda: cloud.reported() == 1, "one session in the books")
            assert cloud.proxy.registry.removed() == {}
            with Viewer(url) as other:
                assert _refused(other) == _USED


def test_a_duplicated_tab_takes_over_and_the_first_one_may_take_back(
    cloud: Cloud, machine: Machine
) -> None:
    first, url = Tab(), cloud.console(machine)
    second = Tab(first)
    with first.open(url) as one:
        one.log_in()
        with second.reload(url) as two:
            two.log_in()
            assert one.closed() == _REPLACED
            with first.reload(url) as again:
                again.log_in()
                assert two.closed() == _REPLACED


def test_a_session_that_was_left_for_good_does_not_come_back(
    cloud: Cloud, machine: Machine
) -> None:
    tab, url = Tab(), cloud.console(machine)
    with tab.open(url) as viewer:
        viewer.log_in()
        viewer.close()
    wait_for(lambda: cloud.sessions() == 0, "the session to end")
    with tab.reload(url) as viewer:
        assert _refused(viewer) == _OVER
    with tab.open(url) as viewer:
        assert _refused(viewer) == _USED


def test_a_tab_that_the_browser_put_to_sleep_comes_back(cloud: Cloud, machine: Machine) -> None:
    tab, url = Tab(), cloud.console(machine)
    with tab.open(url) as viewer:
        viewer.log_in()
        viewer.sock.sendall(close_frame(1001))
        wait_for(lambda: cloud.sessions() == 0, "the session to end")
    with tab.reload(url) as viewer:
        viewer.log_in()
    stock = cloud.console(machine)
    with Viewer(stock) as viewer:
        viewer.log_in()
        viewer.sock.sendall(close_frame(1001))
        wait_for(lambda: cloud.sessions() == 0, "the session to end")
    with Viewer(stock) as viewer:
        assert _refused(viewer) == _USED, "a viewer that names no tab was closed"


def test_a_console_that_was_cancelled_while_it_opened_does_not_come_back(
    tmp_path: Path,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        silent = Machine("web-2", str(uuid.uuid4()), server.getsockname()[1])
        with running_cloud(tmp_path, [silent]) as cloud:
            _cancel(cloud, Tab(), cloud.console(silent))


def _cancel(cloud: Cloud, tab: Tab, url: str) -> None:
    with tab.open(url) as viewer:
        wait_for(lambda: cloud.sessions() == 1, "the session")
        viewer.sock.sendall(close_frame(1000))
        wait_for(lambda: cloud.sessions() == 0, "the session to end")
    with tab.reload(url) as viewer:
        assert _refused(viewer) == _OVER


def test_behind_the_window_it_is_over(tmp_path: Path, machine: Machine) -> None:
    with running_cloud(tmp_path, [machine], session_reconnection_window=300) as cloud:
        tab, url = Tab(), cloud.console(machine)
        _open_then_cut(cloud, tab, url)
        ways = cloud.proxy.registry._ways
        wait_for(lambda: len(ways) == 0, "the endpoint to be forgotten", limit=5.0)
        with tab.reload(url) as viewer:
            assert _refused(viewer) == _OVER
        with tab.open(url) as viewer:
            assert _refused(viewer) == _USED


def test_an_operator_s_end_is_the_end(cloud: Cloud, machine: Machine) -> None:
    tab, url = Tab(), cloud.console(machine)
    session_uuid = _open_then_cut(cloud, tab, url)
    cloud.proxy.registry.end(session_uuid, errors.SessionEndedByOperator())
    with tab.reload(url) as viewer:
        assert _refused(viewer) == _OVER


def test_a_full_proxy_is_tried_again_by_secret(
    tmp_path: Path, machine: Machine, qemu_factory: Callable[..., Qemu]
) -> None:
    other = Machine("web-2", str(uuid.uuid4()), qemu_factory().port)
    with running_cloud(tmp_path, [machine, other]) as cloud:
        tab, url = Tab(), cloud.console(machine, extra="some-value")
        with Viewer(cloud.console(other)) as viewer:
            viewer.log_in()
            registry = cloud.proxy.registry
            registry.rules = dataclasses.replace(registry.rules, maximum=1)
            with tab.open(url) as early:
                assert _refused(early)[0] == 4429
            with tab.reload(url) as early:
                assert _refused(early)[0] == 4429
        wait_for(lambda: cloud.sessions() == 0, "room")
        with tab.reload(url) as viewer:
            viewer.log_in()


def test_a_return_from_elsewhere_is_held_to_the_address_where_that_is_asked_for(
    tmp_path: Path, machine: Machine
) -> None:
    with running_cloud(tmp_path, [machine], source_ip_check=True) as cloud:
        tab, url = Tab(), cloud.console(machine)
        _open_then_cut(cloud, tab, url)
        with tab.reload(url, source=_ELSEWHERE) as viewer:
            assert _refused(viewer) == (4403, errors.SourceAddressMismatch.sentence)
        with tab.reload(url) as viewer:
            viewer.log_in()


def test_cookies_of_long_closed_tabs_are_thrown_away(cloud: Cloud, machine: Machine) -> None:
    old = {f"consoleproxy-tab-number-{number:08}": "x" for number in range(40)}
    tab, url = Tab(cookies={"theme": "dark", **old}), cloud.console(machine)
    with tab.open(url) as viewer:
        viewer.log_in()
    assert len(tab.cookies) == 25
    assert tab.cookies["theme"] == "dark"
    assert "consoleproxy-tab-number-00000039" in tab.cookies
    assert tab.secret


def test_the_cookie_is_for_scripts_and_other_sites_out_of_reach(
    cloud: Cloud, machine: Machine
) -> None:
    with Tab().open(cloud.console(machine)) as viewer:
        (line,) = [line for line in viewer.answer.splitlines() if "Set-Cookie" in line]
        assert line.endswith("; Path=/websockify; HttpOnly; SameSite=Strict")
        assert viewer.frames.read()[0] == Opcode.PING
    with Viewer(cloud.console(machine)) as stock:
        assert "Set-Cookie" not in stock.answer
        assert stock.frames.read()[0] == Opcode.BINARY


def test_behind_a_balancer_s_tls_the_cookie_is_secure(tmp_path: Path, machine: Machine) -> None:
    trusted = {
        "loadbalancer_networks": "127.0.0.1",
        "loadbalancer_client_address": "x-forwarded",
    }
    forwarded = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}
    with running_cloud(tmp_path, [machine], **trusted) as cloud:
        with Tab().open(cloud.console(machine), headers=forwarded) as viewer:
            assert "; HttpOnly; Secure; SameSite=Strict\r\n" in viewer.answer
        url = cloud.console(machine)
        with Tab().open(url, headers=forwarded, says="&framed=1") as viewer:
            assert "; HttpOnly; Secure; SameSite=None; Partitioned\r\n" in viewer.answer


def test_no_line_of_the_log_tells_a_secret(
    cloud: Cloud, machine: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    tab, url = Tab(), cloud.console(machine)
    secrets = {tab.name, url.partition("token=")[2]}
    for way_in in (tab.open, tab.reload, tab.reload):
        with way_in(url) as viewer:
            viewer.log_in()
            secrets.add(tab.secret)
        wait_for(lambda: cloud.sessions() == 0, "the session to end")
    with Tab(tab, {f"consoleproxy-{tab.name}": "guessed"}).reload(url) as viewer:
        assert _refused(viewer) == _OVER
    assert len(secrets) == 5
    secrets |= {hashlib.sha256(secret.encode()).hexdigest() for secret in secrets}
    assert "return (vm" in caplog.text
    assert [secret for secret in secrets | {"guessed"} if secret in caplog.text] == []


def test_another_site_s_page_is_given_nothing(cloud: Cloud, machine: Machine) -> None:
    evil = {"Origin": "https://evil.example.org"}
    with Tab().open(cloud.console(machine), headers=evil) as viewer:
        assert "Set-Cookie" not in viewer.answer
        assert _refused(viewer)[0] == 4403


def _has_keys(guest: Qemu, count: int) -> bool:
    return len(guest.keys()) == count


def test_all_of_it_holds_over_two_workers_and_a_restart(
    tmp_path: Path, machine: Machine, guest: Qemu
) -> None:
    with running_served(tmp_path, [machine], workers=2) as served:
        tab, url = Tab(), served.console(machine)
        first = tab.open(url)
        carriers = {served.carrier(first.sock)}
        first.log_in()
        wait_for(lambda: served.reported() == 1, "the session in the books")
        before = dict(tab.cookies)
        with first:
            for source, keys in (("127.0.0.8", 1), ("127.0.0.9", 2)):
                with tab.reload(url, source=source) as back:
                    carriers.add(served.carrier(back.sock))
                    back.log_in()
                    back.press(ord("x"))
                    wait_for(partial(_has_keys, guest, keys), "the key")
            assert first.closed() == _REPLACED
        assert len(carriers) == 2, "one took over from the other"
        with Tab(tab, before).reload(url) as stolen:
            assert _refused(stolen) == _OVER
        with tab.reload(url) as back:
            back.log_in()
            served.kill_workers()
        wait_for(lambda: served.metric("workers_replaced_total") == 2, "two deaths")
        wait_for(lambda: served.metric("workers") == 2, "new workers")
        with tab.reload(url) as back:
            back.log_in()
            wait_for(lambda: served.reported() == served.open_in_books() == 1, "one session")
            # With the viewer still there: one that leaves before is reported as gone.
            served.kill()
        served.start_anew()
        served.wait_until_ready(2)
        wait_for(lambda: served.readiness() == "200 ready", "the proxy to have the keys again")
        with tab.reload(url) as back:
            assert _refused(back) == _OVER, "a proxy that was started anew knows no secrets"
        with tab.open(url) as back:
            back.log_in()
