"""Where this proxy may connect to."""

import ipaddress
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from consoleproxy.errors import HypervisorForbidden, SettingsInvalid
from consoleproxy.hypervisor.allowed import AllowedTargets

_OWN = {ipaddress.ip_address(text) for text in ("10.9.9.9", "fd00::9", "169.254.3.4")}
_CONSOLE_PORT = 8443


def _is_own(address: IPv4Address | IPv6Address) -> bool:
    return address.is_loopback or address in _OWN


def _allowed(text: str) -> AllowedTargets:
    return AllowedTargets.parse(text, frozenset({_CONSOLE_PORT}), _is_own)


def _may(text: str, address: str, port: int = 5900) -> bool:
    try:
        _allowed(text).check(address, port)
    except HypervisorForbidden as error:
        assert address in str(error) and str(port) in str(error)
        return False
    return True


ORDINARY = ["10.1.2.3", "8.8.8.8", "192.168.0.1", "fd00::1", "2001:db8::1", "64:ff9b::a01:203"]
SPECIAL = [
    *("127.0.0.1", "127.255.255.254", "::1", "0.0.0.0", "0.1.2.3", "::"),
    *("169.254.1.1", "fe80::1", "fe80::1%eth0", "febf::1"),
    *("169.254.169.254", "fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192"),
    *("224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "ff02::1"),
    *("10.9.9.9", "fd00::9"),
    *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.9.9.9", "::127.0.0.1"),
    *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "::ffff:0:7f00:1", "64:ff9b:1::1"),
    *("2002:7f00:1::1", "2002:a9fe:a9fe::1", "2002:a09:909::1"),
    "2001:0:7f00:1::ffff:f5fe",  # Teredo, by its server
    "2001:0:808:808::80ff:fffe",  # Teredo, by its client
]
EVERYTHING = "0.0.0.0/0 ::/0"


@pytest.mark.parametrize("address", ORDINARY)
def test_without_entries_ordinary_addresses_are_allowed(address: str) -> None:
    assert _may("", address)
    assert _may(" , ", address)
    assert _may(EVERYTHING, address)


@pytest.mark.parametrize("address", SPECIAL)
def test_special_addresses_need_an_entry_of_their_own(address: str) -> None:
    assert not _may("", address)
    assert not _may(EVERYTHING, address)
    assert not _may("0.0.0.0/1 128.0.0.0/1 ::/1 8000::/1", address)


@pytest.mark.parametrize(
    ("entry", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.0/8", "127.0.0.5"),
        ("127.0.0.0/16:5900-6100", "127.0.0.5"),
        ("127.0.0.1", "::ffff:127.0.0.1"),
        ("::1", "::1"),
        ("[::1]:5900", "::1"),
        ("0.0.0.0", "0.0.0.0"),
        ("169.254.0.0/16", "169.254.7.7"),
        ("169.254.169.254", "169.254.169.254"),
        ("fe80::/10", "fe80::1%eth0"),
        ("10.9.9.9", "10.9.9.9"),
        ("169.254.3.4", "169.254.3.4"),
        ("127.0.0.1, 64:ff9b::/96", "64:ff9b::7f00:1"),
        ("10.0.0.0/8", "::ffff:10.1.2.3"),
        ("64:ff9b:1::/48", "64:ff9b:1::1"),
    ],
)
def test_entries_that_open_something_special(entry: str, address: str) -> None:
    assert _may(entry, address)


@pytest.mark.parametrize(
    ("entry", "address"),
    [
        ("126.0.0.0/7", "127.0.0.1"),
        ("127.0.0.1", "127.0.0.2"),
        ("127.0.0.1:5901", "127.0.0.1"),
        ("169.254.0.0/16", "169.254.169.254"),
        ("169.254.0.0/16", "169.254.3.4"),
        ("fe80::/10", "fe80::a9fe:a9fe"),
        ("10.9.9.8/31", "10.9.9.9"),
        ("64:ff9b::/96", "64:ff9b::7f00:1"),
        ("127.0.0.1", "64:ff9b::7f00:1"),
        ("10.0.0.0/8", "64:ff9b::a01:203"),
        ("::/0", "::ffff:10.1.2.3"),
        ("unix:/run/", "10.1.2.3"),
    ],
)
def test_entries_that_do_not(entry: str, address: str) -> None:
    assert not _may(entry, address)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.9.9.9", "::ffff:10.9.9.9", "0.0.0.0"])
def test_own_ports_need_to_be_named(address: str) -> None:
    network = "10.9.9.9" if "10.9" in address else address
    assert _may(network, address)
    assert not _may(network, address, _CONSOLE_PORT)
    assert not _may(f"[{network}]:5900-6100", address, _CONSOLE_PORT)
    assert _may(f"[{network}]:{_CONSOLE_PORT}", address, _CONSOLE_PORT)
    assert _may(f"{network} [{network}]:8000-9000", address, _CONSOLE_PORT)
    assert _may("10.0.0.0/8", "10.1.2.3", _CONSOLE_PORT)


def test_causes_say_why() -> None:
    cases = [
        ("", "127.0.0.1", "127.0.0.1:5900 is a loopback address, and consoleproxy.hypervisor"),
        ("", "169.254.169.254", "is a cloud's metadata address"),
        ("", "10.9.9.9", "is an address of this machine"),
        ("", "64:ff9b::7f00:1", r"\[64:ff9b::7f00:1\]:5900, which leads to 127.0.0.1, is a loop"),
        ("10.0.0.0/8", "8.8.8.8", "is not among consoleproxy.hypervisor.allowed"),
    ]
    for text, address, cause in cases:
        with pytest.raises(HypervisorForbidden, match=cause):
            _allowed(text).check(address, 5900)
    with pytest.raises(HypervisorForbidden, match="is a port of this program"):
        _allowed("127.0.0.1").check("127.0.0.1", _CONSOLE_PORT)


@pytest.mark.parametrize("address", ["", "localhost", "10.0.0.1:5900", "[::1]", "010.0.0.1", "é"])
def test_names_are_no_addresses(address: str) -> None:
    with pytest.raises(HypervisorForbidden, match="is not an address"):
        _allowed("").check(address, 5900)


def test_the_kernel_is_asked_where_nobody_else_is() -> None:
    with pytest.raises(HypervisorForbidden, match="loopback"):
        AllowedTargets().check("127.0.0.1", 5900)
    AllowedTargets.parse("127.0.0.0/8").check("127.0.0.1", 5900)
    AllowedTargets().check("198.18.77.77", 5900)


@pytest.mark.parametrize(
    ("entry", "remedy"),
    [
        ("kvm1.example.org", "is neither a network nor an address: write 10.0.0.0/8"),
        ("10.0.0.0/33", "is neither"),
        ("10.0.0", "is neither"),
        ("[fd00::1", "is neither"),
        ("[fd00::1]5900", "is neither"),
        ("[]", "is neither"),
        ("/", "is neither"),
        ("*", "is neither"),
        ("10.0.0.5/8", "has bits behind its prefix: write 10.0.0.0/8"),
        ("fd00::1/8", "has bits behind its prefix: write fd00::/8"),
        ("10.0.0.0/8:", "has no ports"),
        ("10.0.0.0/8:0", "has no ports"),
        ("10.0.0.0/8:65536", "has no ports"),
        ("10.0.0.0/8:5900-", "has no ports"),
        ("10.0.0.0/8:6100-5900", "has no ports"),
        ("[fd00::/8]:vnc", "has no ports"),
        ("fe80::1%eth0", "has a zone"),
        ("::ffff:10.0.0.1", "write it as IPv4"),
        ("unix:run/x", "is not an absolute path"),
        ("unix:", "is not an absolute path"),
    ],
)
def test_entries_that_are_none(entry: str, remedy: str) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        AllowedTargets.parse(f"10.0.0.0/8, {entry},nonsense")
    first, second = caught.value.problems
    assert first.startswith(f"consoleproxy.hypervisor.allowed: {entry!r} ")
    assert remedy in first
    assert "'nonsense' is neither" in second


class TestSockets:
    def test_none_without_an_entry(self) -> None:
        for text in ("", EVERYTHING, "unix:/run/other/"):
            with pytest.raises(HypervisorForbidden, match=r"unix:/run/vm.sock is not among"):
                _allowed(text).check_path("/run/vm.sock")

    def test_folders_and_sockets(self, tmp_path: Path) -> None:
        allowed = _allowed(f"unix:{tmp_path}/a/, unix:{tmp_path}/b.sock")
        for inside in ("a/vm.sock", "a/deep/vm.sock", "b.sock"):
            allowed.check_path(f"{tmp_path}/{inside}")
        for outside in ("a", "ab/vm.sock", "b.sock2", "b.sock/x", "a/../c.sock", ""):
            with pytest.raises(HypervisorForbidden):
                allowed.check_path(f"{tmp_path}/{outside}")
        _allowed("unix:/").check_path("/run/vm.sock")

    def test_links_are_followed(self, tmp_path: Path) -> None:
        (tmp_path / "real").mkdir()
        (tmp_path / "secret.sock").touch()
        (tmp_path / "real" / "escape.sock").symlink_to(tmp_path / "secret.sock")
        (tmp_path / "link").symlink_to(tmp_path / "real")
        for entry in ("link", "real"):
            allowed = _allowed(f"unix:{tmp_path}/{entry}/")
            for folder in ("link", "real"):
                allowed.check_path(f"{tmp_path}/{folder}/vm.sock")
                with pytest.raises(HypervisorForbidden):
                    allowed.check_path(f"{tmp_path}/{folder}/escape.sock")

    @pytest.mark.parametrize("path", ["", "vm.sock", "/run/\0", "/run/\ud800"])
    def test_what_is_no_path(self, path: str) -> None:
        with pytest.raises(HypervisorForbidden):
            _allowed("unix:/run/ unix:/").check_path(path)


_addresses = st.ip_addresses()
_ports = st.integers(1, 65535)


@st.composite
def _entries(draw: st.DrawFn) -> tuple[str, ipaddress.IPv4Network | ipaddress.IPv6Network, range]:
    address = draw(_addresses)
    prefix = draw(st.integers(0, address.max_prefixlen))
    network = ipaddress.ip_network(f"{address}/{prefix}", strict=False)
    assume(not isinstance(address, IPv6Address) or address.ipv4_mapped is None)
    low, high = sorted((draw(_ports), draw(_ports)))
    if draw(st.booleans()):
        return str(network), network, range(1, 65536)
    if network.version == 6:
        return f"[{network}]:{low}-{high}", network, range(low, high + 1)
    return f"{network}:{low}-{high}", network, range(low, high + 1)


@given(st.lists(_entries(), min_size=1, max_size=4), st.data())
def test_what_is_allowed_is_in_an_entry(
    entries: list[tuple[str, ipaddress.IPv4Network | ipaddress.IPv6Network, range]],
    data: st.DataObject,
) -> None:
    network = data.draw(st.sampled_from([network for _, network, _ in entries]))
    address = data.draw(_addresses | st.ip_addresses(network=network))
    port = data.draw(_ports)
    listed = any(address in network and port in ports for _, network, ports in entries)
    may = _may(",".join(text for text, _, _ in entries), str(address), port)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return
    assert listed or not may
    if not may and listed:
        assert not _may("", str(address), port)


@given(st.ip_addresses(v=4))
def test_an_address_means_the_same_in_every_dress(address: IPv4Address) -> None:
    plain = _may("", str(address))
    value = int(address)
    assert _may("", f"::ffff:{address}") is plain
    assert _may("", str(IPv6Address((0x64FF9B << 96) + value))) is plain
    assert _may("", str(IPv6Address((0x2002 << 112) + (value << 80) + 1))) is plain


@given(st.text(max_size=40) | st.text("0123456789abcdef.:/[]-, %unix", max_size=40))
def test_any_text_is_read_or_refused_with_all_its_faults(text: str) -> None:
    entries = text.replace(",", " ").split()
    try:
        allowed = AllowedTargets.parse(text)
    except SettingsInvalid as fault:
        assert 0 < len(fault.problems) <= len(entries)
    else:
        assert len(allowed.rules) + len(allowed.paths) == len(entries)
