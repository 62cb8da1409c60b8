"""Every command of a CloudStack management server, and each answer's class."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.fixtures.cloudstack import commands
from tests.integration.fixtures.cloudstack.authority import AgentFiles
from tests.integration.fixtures.cloudstack.commands import Command
from tests.integration.fixtures.cloudstack.journal import Kind
from tests.integration.fixtures.cloudstack.manner import Manner
from tests.integration.fixtures.cloudstack.peer import ManagementPeer
from tests.integration.fixtures.system_vm import SystemVm, kernel_line, running_system_vm
from tests.waiting import wait_for

_FLOOD = 300


@pytest.fixture
def shuffling(cloudstack: ManagementPeer) -> ManagementPeer:
    cloudstack.manner = Manner(shuffles=True)
    return cloudstack


@pytest.mark.parametrize(
    "command",
    [
        commands.health(),
        commands.allow("6c3e6e7e-9999-4222-8333-444444444444"),
        commands.check_load(2, "v-2-VM", "169.254.169.254"),
        commands.watch_load(2, "v-2-VM", "169.254.169.254"),
        commands.set_up_keystore("s3cret"),
        commands.set_up_servers(["127.0.0.1"], [], "roundrobin"),
        commands.maintain(),
    ],
    ids=lambda one: one.name.rpartition(".")[2],
)
def test_commands_and_their_answers(
    cloudstack: ManagementPeer, system_vm: SystemVm, command: Command
) -> None:
    cloudstack.up()
    answer = cloudstack.send(command)
    assert (answer.name, answer.result) == (command.answer, True)


def test_what_no_console_proxy_does(cloudstack: ManagementPeer, system_vm: SystemVm) -> None:
    cloudstack.up()
    answer = cloudstack.send(commands.unknown())
    assert (answer.name, answer.result) == (commands.UNSUPPORTED, False)


@pytest.mark.parametrize("message", [b"GET / HTTP/1.1", bytes([1]) + bytes(60), bytes(40) + b"[1"])
def test_a_message_that_is_no_packet_is_lost_and_the_link_goes_on(
    cloudstack: ManagementPeer, system_vm: SystemVm, message: bytes
) -> None:
    link = cloudstack.up()
    link.send_message(message)
    assert cloudstack.send(commands.health()).result is True
    assert cloudstack.up() is link


def test_faulty_commands_are_answered_and_the_link_goes_on(
    cloudstack: ManagementPeer, system_vm: SystemVm
) -> None:
    link = cloudstack.up()
    for command in (
        Command(commands.allow("").name, {"sessionUuid": 5}),
        Command(commands.allow("").name, {}),
        Command(commands.SETUP_CERTIFICATE, {"certificate": ["s3cret"]}),
        commands.set_up_certificate("s3cret", "s3cret", "s3cret"),
        Command(commands.HTTP_HANDLER, {"keystoreBits": [1, 300], "keystorePassword": "s3cret"}),
        Command(commands.HTTP_HANDLER, {"keystoreBits": [1, 2], "keystorePassword": "s3cret"}),
        Command(commands.HTTP_HANDLER, {"encryptorPassword": "s3cret"}),
        commands.set_up_servers(["a b"]),
        commands.migrate(["127.0.0.1"], algorithm="sometimes"),
    ):
        answer = cloudstack.send(command)
        assert answer.result is False
        assert "s3cret" not in str(answer.details)
    assert cloudstack.send(commands.health()).result is True
    assert cloudstack.up() is link


def test_a_watch_goes_on_until_the_next(cloudstack: ManagementPeer, system_vm: SystemVm) -> None:
    cloudstack.up()
    watch = cloudstack.post(commands.watch_load(2, "v-2-VM", "127.0.0.1", interval=1))
    assert watch.answer(5.0).name == commands.ANSWER
    third = watch.answer(10.0, count=3)
    assert third.name == commands.LOAD_ANSWER
    assert third.fields["proxyVmId"] == 2


@pytest.mark.parametrize(
    "manner",
    [
        Manner(shuffles=True),
        Manner(handler_first=False),
        Manner(ready_twice=False),
        Manner(strict=False, handler_first=False, ready_twice=False, shuffles=True),
    ],
    ids=["shuffled", "ready first", "ready once", "all of it"],
)
def test_a_server_of_another_order(
    tmp_path: Path, cloudstack: ManagementPeer, agent_files: AgentFiles, manner: Manner
) -> None:
    cloudstack.manner = manner
    with running_system_vm(tmp_path, agent_files, kernel_line(cloudstack)):
        cloudstack.up()
        wait_for(lambda: cloudstack.database.reports, "a load report")
        assert cloudstack.send(commands.health()).result is True
    assert cloudstack.journal.of(Kind.DROPPED) == []


def test_many_commands_at_once(shuffling: ManagementPeer, system_vm: SystemVm) -> None:
    shuffling.up()
    several = [commands.allow(f"{number}") for number in range(_FLOOD)]
    several[10] = commands.set_up_keystore("s3cret")
    waiting = [shuffling.post(command) for command in several]
    for one in waiting:
        assert one.answer(15.0).result is True


@pytest.fixture
def forgetting(
    tmp_path: Path, cloudstack: ManagementPeer, agent_files: AgentFiles
) -> Iterator[ManagementPeer]:
    """Loses all load reports and authentications, as in a flood."""
    lost = {"ConsoleProxyLoadReportCommand", "ConsoleAccessAuthenticationCommand"}
    cloudstack.manner = Manner(unanswered=frozenset(lost), ping_interval=1, ping_timeout=20)
    with running_system_vm(tmp_path, agent_files, kernel_line(cloudstack)):
        yield cloudstack
        # The last report is waited for.
        cloudstack.manner = Manner()


def test_unanswered_reports_do_not_end_the_link(forgetting: ManagementPeer) -> None:
    link = forgetting.up()
    wait_for(lambda: forgetting.journal.packets("ConsoleProxyLoadReportCommand"), "a report")
    wait_for(lambda: len(forgetting.journal.packets("PingCommand")) > 2, "pings")
    assert forgetting.send(commands.health()).result is True
    assert forgetting.up() is link


def test_a_server_that_has_lost_the_host_is_told_anew(
    cloudstack: ManagementPeer, tmp_path: Path, agent_files: AgentFiles
) -> None:
    cloudstack.manner = Manner(ping_interval=1, ping_timeout=20)
    with running_system_vm(tmp_path, agent_files, kernel_line(cloudstack)):
        link = cloudstack.up()
        link.set_status(type(link.host.status).DISCONNECTED)  # type: ignore[union-attr]
        wait_for(lambda: len(cloudstack.journal.packets("StartupProxyCommand")) == 2, "a startup")
        assert cloudstack.up() is link
        (_, again) = cloudstack.journal.packets("StartupProxyCommand")
        assert again.fields["id"] == link.host.id  # type: ignore[union-attr]


def test_a_host_that_is_not_wanted_any_more_stays_away(
    cloudstack: ManagementPeer, system_vm: SystemVm
) -> None:
    cloudstack.up()
    assert cloudstack.send(commands.shut_down()).result is True
    wait_for(lambda: cloudstack.attachments == [], "the agent to leave")
    before = len(cloudstack.journal.of(Kind.CONNECTED))
    # Ten times the back-off.
    with pytest.raises(AssertionError):
        wait_for(lambda: len(cloudstack.journal.of(Kind.CONNECTED)) > before, "nobody", 1.0)
