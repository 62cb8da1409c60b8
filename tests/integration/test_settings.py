"""Settings that an administrator changes count on proxies that run, in all their processes."""

import re
import secrets
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from cs import CloudStackApiException

from consoleproxy import errors
from tests.integration.fixtures.cloud import Machine
from tests.integration.fixtures.qemu import Qemu
from tests.integration.fixtures.served import Served, opened, running_served
from tests.integration.fixtures.viewer import Viewer
from tests.waiting import wait_for

# From the answer of updateConfiguration to the effect on a proxy: half a second, but on a busy
# machine.
_SECONDS = 4.0


@pytest.fixture
def guest(qemu_factory: Callable[..., Qemu]) -> Qemu:
    return qemu_factory()


@pytest.fixture
def machines(guest: Qemu) -> list[Machine]:
    return [Machine(f"vm-{number}", str(uuid.uuid4()), guest.port) for number in range(3)]


def change(served: Served, name: str, value: str) -> None:
    """Change a setting, and wait until the proxy has said so."""
    answer = served.api.updateConfiguration(name=name, value=value)["configuration"]
    assert answer["value"] == value
    wait_for(lambda: f"{name} is {value} now" in served.log(), "the change", limit=_SECONDS)


def free(served: Served) -> int:
    """Return how many sessions the management server has room for."""
    url = str(served.api.endpoint).replace("/client/api", "/metrics")
    text = requests.get(url, timeout=5).text
    found = re.search(r"^consoleproxy_management_capacity_free (\d+)$", text, re.MULTILINE)
    assert found
    return int(found[1])


def details(served: Served, machine: Machine) -> str:
    """Return why there is no console of a machine; empty if there is one."""
    # Asked twice within a second, it would be the very same request.
    answer = served.api.createConsoleEndpoint(
        virtualmachineid=machine.uuid, nonce=secrets.token_hex(8)
    )
    return str(answer["consoleendpoint"].get("details", ""))


def reset(served: Served, name: str, value: str) -> None:
    """Take a change back, and wait until the proxy has said so."""
    seen = served.log().count(f"{name} is {value} now")
    served.api.resetConfiguration(name=name)
    wait_for(
        lambda: served.log().count(f"{name} is {value} now") == seen + 1,
        "the change to be taken back",
        limit=_SECONDS,
    )


def test_so_many_sessions_and_no_more(tmp_path: Path, machines: list[Machine]) -> None:
    with running_served(tmp_path, machines) as served, opened(served, machines[:1]):
        name = "consoleproxy.session.max"
        out = served.console(machines[1])
        change(served, name, "1")
        with Viewer(out) as second:
            assert second.refused().reason == errors.ProxyFull.sentence
        assert served.readiness().startswith("503 full")
        # The management server knows it, too, and looks for another proxy. Not asked before that,
        # as a link that is out keeps its machine's place.
        wait_for(lambda: free(served) == 0, "the report", limit=_SECONDS)
        assert "no console proxy has capacity" in details(served, machines[2])
        reset(served, name, "50")
        assert served.readiness() == "200 ready"
        wait_for(lambda: free(served) > 0, "room", limit=_SECONDS)
        assert details(served, machines[2]) == ""
        with Viewer(served.console(machines[1])) as second:
            second.log_in()


def test_an_open_session_is_held_to_the_new_idle_time(
    tmp_path: Path, machines: list[Machine]
) -> None:
    with (
        running_served(tmp_path, machines) as served,
        opened(served, machines[:2]) as viewers,
    ):
        assert served.carrier(viewers[0].sock) != served.carrier(viewers[1].sock)
        before = time.monotonic()
        change(served, "consoleproxy.session.timeout", "1000")
        for viewer in viewers:
            assert viewer.closed() == (4408, errors.SessionIdle.sentence)
        assert time.monotonic() - before < 1 + _SECONDS + 1


def test_who_comes_second_and_what_a_token_must_have(
    tmp_path: Path, machines: list[Machine]
) -> None:
    extra = "consoleproxy.extra.security.validation.enabled"
    with running_served(tmp_path, machines) as served, opened(served, machines[:1]) as viewers:
        change(served, "consoleproxy.session.policy", "refuse")
        with Viewer(served.console(machines[0])) as second:
            assert second.refused().reason == errors.SessionOccupied.sentence
        without = served.console(machines[1])
        change(served, extra, "true")
        with Viewer(without) as viewer:
            assert viewer.refused().code == 4403
        assert extra in details(served, machines[1])
        reset(served, extra, "false")
        with Viewer(served.console(machines[1])) as viewer:
            viewer.log_in()
        reset(served, "consoleproxy.session.policy", "replace")
        with Viewer(served.console(machines[0])) as second:
            second.log_in()
            assert viewers[0].closed()[0] == 4409


def test_the_way_to_the_screens_changes_in_every_worker(
    tmp_path: Path, machines: list[Machine]
) -> None:
    allowed = "consoleproxy.hypervisor.allowed"
    with running_served(tmp_path, machines) as served:
        change(served, allowed, "192.0.2.0/24")
        viewers = [Viewer(served.console(machine)) for machine in machines]
        for viewer in viewers:
            with viewer:
                assert viewer.refused().reason == errors.HypervisorForbidden.sentence
        reset(served, allowed, "127.0.0.0/8")
        with Viewer(served.console(machines[0])) as viewer:
            viewer.log_in()


def test_the_page_is_told_of_the_dot(tmp_path: Path, machines: list[Machine]) -> None:
    def dot(served: Served) -> str:
        return parse_qs(urlsplit(served.console(machines[0])).query)["show_dot"][0]

    with running_served(tmp_path, machines) as served:
        assert dot(served) == "true"
        served.api.updateConfiguration(name="novnc.console.show.dot", value="false")
        assert dot(served) == "false"


def test_what_waits_for_a_start_is_said_and_counts_then(
    tmp_path: Path, machines: list[Machine]
) -> None:
    with running_served(tmp_path, machines) as served:
        assert len(served.workers()) == 2
        answer = served.api.updateConfiguration(name="consoleproxy.workers", value="3")
        assert answer["configuration"]["isdynamic"] is False
        said = "consoleproxy.workers is to be 3, and this proxy runs with 2: start it anew"
        wait_for(lambda: said in served.log(), "the log", limit=_SECONDS)
        assert len(served.workers()) == 2
        served.start_anew()
        served.wait_until_ready(3)
        assert "start it anew" not in served.log()


def test_a_worker_that_is_made_later_has_them_too(tmp_path: Path, machines: list[Machine]) -> None:
    with running_served(tmp_path, machines) as served:
        change(served, "consoleproxy.session.timeout", "1000")
        old = served.workers()
        served.kill_workers()
        wait_for(
            lambda: len(served.workers()) == 2 and not set(old) & set(served.workers()),
            "other workers",
        )
        wait_for(lambda: served.metric("workers") == 2, "them to serve")
        with opened(served, machines[:2]) as viewers:
            for viewer in viewers:
                assert viewer.closed()[0] == 4408


def test_bad_values_are_refused_with_what_they_must_be(
    tmp_path: Path, machines: list[Machine]
) -> None:
    with running_served(tmp_path, machines) as served:
        for name, value, reason in (
            ("consoleproxy.session.max", "0", "must be at least 1 (sessions)"),
            ("consoleproxy.hypervisor.allowed", "10.0.0.0/33", "10.0.0.0/33"),
            ("consoleproxy.url.domain", "a..b", "is not a host name"),
            ("consoleproxy.management.secret", "x", "it is a secret"),
        ):
            with pytest.raises(CloudStackApiException) as caught:
                served.api.updateConfiguration(name=name, value=value)
            assert caught.value.error["errorcode"] == 431
            assert reason in caught.value.error["errortext"]
        # An empty text is a value.
        served.api.updateConfiguration(name="consoleproxy.hypervisor.allowed", value="")
