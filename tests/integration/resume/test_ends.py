"""What is the end of a console, and what may yet come back."""

import dataclasses
import socket
import uuid
from collections.abc import Callable
from pathlib import Path

from consoleproxy import errors
from tests.integration.fixtures.cloud import Cloud, Machine, running_cloud
from tests.integration.fixtures.qemu import Qemu
from tests.integration.fixtures.tab import Tab
from tests.integration.fixtures.viewer import Viewer
from tests.integration.resume.said import (
    ELSEWHERE,
    OVER,
    USED,
    open_then_cut,
    refused,
)
from tests.waiting import wait_for
from tests.wsclient import close_frame


def test_a_session_that_was_left_for_good_does_not_come_back(
    cloud: Cloud, machine: Machine
) -> None:
    tab, url = Tab(), cloud.console(machine)
    with tab.open(url) as viewer:
        viewer.log_in()
        viewer.close()
    wait_for(lambda: cloud.sessions() == 0, "the session to end")
    with tab.reload(url) as viewer:
        assert refused(viewer) == OVER
    with tab.open(url) as viewer:
        assert refused(viewer) == USED


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
        assert refused(viewer) == USED, "a viewer that names no tab was closed"


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
        assert refused(viewer) == OVER


def test_behind_the_window_it_is_over(tmp_path: Path, machine: Machine) -> None:
    with running_cloud(tmp_path, [machine], session_reconnection_window=300) as cloud:
        tab, url = Tab(), cloud.console(machine)
        open_then_cut(cloud, tab, url)
        ways = cloud.proxy.registry._ways
        wait_for(lambda: len(ways) == 0, "the endpoint to be forgotten", limit=5.0)
        with tab.reload(url) as viewer:
            assert refused(viewer) == OVER
        with tab.open(url) as viewer:
            assert refused(viewer) == USED


def test_an_operator_s_end_is_the_end(cloud: Cloud, machine: Machine) -> None:
    tab, url = Tab(), cloud.console(machine)
    session_uuid = open_then_cut(cloud, tab, url)
    cloud.proxy.registry.end(session_uuid, errors.SessionEndedByOperator())
    with tab.reload(url) as viewer:
        assert refused(viewer) == OVER


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
                assert refused(early)[0] == 4429
            with tab.reload(url) as early:
                assert refused(early)[0] == 4429
        wait_for(lambda: cloud.sessions() == 0, "room")
        with tab.reload(url) as viewer:
            viewer.log_in()


def test_a_return_from_elsewhere_is_held_to_the_address_where_that_is_asked_for(
    tmp_path: Path, machine: Machine
) -> None:
    with running_cloud(tmp_path, [machine], source_ip_check=True) as cloud:
        tab, url = Tab(), cloud.console(machine)
        open_then_cut(cloud, tab, url)
        with tab.reload(url, source=ELSEWHERE) as viewer:
            assert refused(viewer) == (4403, errors.SourceAddressMismatch.sentence)
        with tab.reload(url) as viewer:
            viewer.log_in()
