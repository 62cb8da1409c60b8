"""What carries consoles is made of the settings; a worker of them says hello and obeys."""

import socket
import threading
from unittest.mock import patch

import pytest

from consoleproxy.cli.consoles import (
    change_consoles,
    consoles_from,
    entrance_from,
    limits_from,
    work,
)
from consoleproxy.console.consoles import Consoles
from consoleproxy.errors import SettingsInvalid
from consoleproxy.front.source import ToldBy
from consoleproxy.rfb.policy import Encryption
from consoleproxy.settings import Settings
from consoleproxy.workers.channel import channel_pair
from consoleproxy.workers.messages import Hello, Stop, decode, encode
from consoleproxy.workers.remote import RemoteAdmission

_SECONDS = 10.0
_ROOM = 4096


def test_consoles_have_the_limits_of_the_settings_in_seconds() -> None:
    admission = RemoteAdmission()
    consoles = consoles_from(
        Settings(login_timeout=1500, session_timeout=2500, session_reconnection_window=3500),
        admission,
    )
    assert isinstance(consoles, Consoles)
    surroundings = consoles._surroundings
    assert surroundings.admission is admission
    limits = surroundings.limits
    assert (limits.login, limits.idle, limits.reconnection_window) == (1.5, 2.5, 3.5)
    assert surroundings.reach.login_limit == 1.5


def test_consoles_are_not_made_of_bad_settings() -> None:
    with pytest.raises(SettingsInvalid):
        consoles_from(Settings(hypervisor_allowed="nonsense/99"), RemoteAdmission())


def test_changed_settings_count_and_bad_ones_do_not(caplog: pytest.LogCaptureFixture) -> None:
    started = Settings(login_timeout=1500, session_timeout=2500)
    consoles = consoles_from(started, RemoteAdmission())
    surroundings = consoles._surroundings

    def change(**changed: str) -> None:
        named = {f"consoleproxy.{name.replace('_', '.')}": text for name, text in changed.items()}
        change_consoles(consoles, started, named)

    def encryption() -> Encryption:
        return surroundings.reach.security.encryption

    change(login_timeout="2000", hypervisor_encryption="required", port="9000")
    assert (surroundings.limits.login, surroundings.limits.idle) == (2.0, 2.5)
    assert surroundings.reach.login_limit == 2.0
    assert encryption() is Encryption.REQUIRED
    change(session_timeout="nonsense", hypervisor_allowed="nonsense")
    assert surroundings.limits == limits_from(started)
    assert encryption() is Encryption.PREFERRED
    reach = surroundings.reach
    with patch("consoleproxy.cli.consoles.reach_from", side_effect=SettingsInvalid(["gone"])):
        change(session_timeout="1000")
    assert surroundings.limits.idle == 1.0
    assert surroundings.reach is reach
    assert "the way to hypervisors stays as it is: gone" in caplog.text


def test_browsers_come_in_as_the_settings_say() -> None:
    entrance = entrance_from(
        Settings(
            public_address="192.0.2.7",
            url_domain="*.console.test",
            loadbalancer_networks="10.1.0.0/16",
            loadbalancer_client_address="proxy",
            allowed_origins="https://portal.example.test",
        )
    )
    assert entrance.own_hosts == {"192-0-2-7.console.test", "192.0.2.7"}
    assert entrance.balancers.told_by is ToldBy.PROXY
    assert entrance.balancers.begins_with_header("10.1.2.3")
    assert entrance.allowed_origins == {"https://portal.example.test:443"}


@pytest.mark.parametrize(
    "settings",
    [
        Settings(loadbalancer_networks="nonsense"),
        Settings(allowed_origins="nonsense"),
    ],
)
def test_an_entrance_is_not_made_of_bad_settings(settings: Settings) -> None:
    with pytest.raises(SettingsInvalid):
        entrance_from(settings)


@pytest.mark.parametrize("how", ["told", "left"])
def test_a_worker_says_hello_and_ends_when_told_or_left(how: str) -> None:
    ours, theirs = channel_pair()
    with ours:
        ours.settimeout(_SECONDS)
        thread = threading.Thread(target=work, args=(Settings(), theirs), name="worker")
        thread.start()
        number, message = decode(ours.recv(_ROOM))
        assert number == 0
        assert isinstance(message, Hello)
        if how == "told":
            ours.send(encode(0, Stop()))
        else:
            ours.shutdown(socket.SHUT_WR)
        assert ours.recv(_ROOM) == b""
        thread.join(_SECONDS)
        assert not thread.is_alive()
