import shlex

import pytest

from consoleproxy.names.powerdns import powerdns_lines
from tests.unit.names.sample import DOMAIN, content


def _commands(networks: str, nameservers: str = f"ns1.{DOMAIN}=192.0.2.53") -> list[list[str]]:
    lines = powerdns_lines(content(networks, nameservers), 7)
    return [shlex.split(line) for line in lines if not line.startswith("#")]


def test_the_commands() -> None:
    replace = ["pdnsutil", "replace-rrset", DOMAIN]
    *apex, (*names, lua) = _commands("192.0.2.0/24 10.0.0.0/8")
    assert apex == [
        ["pdnsutil", "create-zone", DOMAIN, f"ns1.{DOMAIN}"],
        [
            *replace,
            *("@", "SOA", "60"),
            f"ns1.{DOMAIN}. hostmaster.{DOMAIN}. 7 3600 600 86400 60",
        ],
        [*replace, "@", "NS", "60", f"ns1.{DOMAIN}.", "ns.example.net."],
        [*replace, "ns1", "A", "60", "192.0.2.53"],
    ]
    assert names == [*replace, "*", "LUA", "60"]
    assert lua.startswith('A ";local m = newNMG() m:addMask([[10.0.0.0/8]]) m:addMask([[192.0.2.')
    assert lua.endswith('return {}"')
    assert lua.count('"') == 2


@pytest.mark.parametrize(
    ("networks", "kinds"),
    [
        ("10.0.0.0/8", ["A"]),
        ("2001:db8::/64", ["AAAA"]),
        ("10.0.0.0/8 2001:db8::/64", ["A", "AAAA"]),
    ],
)
def test_a_record_for_each_family_that_there_is(networks: str, kinds: list[str]) -> None:
    command = _commands(networks)[-1]
    assert [value.partition(" ")[0] for value in command[6:]] == kinds


def test_all_addresses_of_a_nameserver_and_the_apex_as_one() -> None:
    servers = f"{DOMAIN}=192.0.2.1, n.{DOMAIN}=192.0.2.2, n.{DOMAIN}=::2, n.{DOMAIN}=192.0.2.3"
    commands = [command[3:] for command in _commands("10.0.0.0/8", servers)]
    assert ["@", "A", "60", "192.0.2.1"] in commands
    assert ["n", "A", "60", "192.0.2.2", "192.0.2.3"] in commands
    assert ["n", "AAAA", "60", "::2"] in commands
