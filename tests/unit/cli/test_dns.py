import dns.zone
import pytest

from consoleproxy.cli.entry import main

Output = pytest.CaptureFixture[str]

_SETTINGS = [
    *("--set", "consoleproxy.url.domain=*.console.example.org"),
    *("--set", "consoleproxy.dns.nameservers=ns1.console.example.org=192.0.2.53"),
]
_ZONE = ["dns", "zone", *_SETTINGS]


def test_a_zone_of_the_networks(capsys: Output) -> None:
    networks = "consoleproxy.dns.networks=192.0.2.0/30"
    assert main([*_ZONE, "--set", networks, "--set", "consoleproxy.dns.ttl=5"]) == 0
    read = dns.zone.from_text(capsys.readouterr().out)
    assert {name.to_text() for name in read} == {
        *("@", "ns1", "192-0-2-0", "192-0-2-1", "192-0-2-2", "192-0-2-3")
    }
    assert read["@"].rdatasets[0].ttl == 5


def test_addresses_come_in_the_place_of_the_networks(capsys: Output) -> None:
    networks = ["--set", "consoleproxy.dns.networks=10.0.0.0/8"]
    addresses = ["--address", "192.0.2.7", "--address", "2001:db8::7"]
    assert main([*_ZONE, *networks, *addresses, "--format", "dnsmasq"]) == 0
    printed = capsys.readouterr().out
    assert "synth-domain=console.example.org,192.0.2.7/32\n" in printed
    assert "synth-domain=console.example.org,2001:db8::7/128\n" in printed
    assert "10.0.0.0" not in printed


def test_a_serial_of_one_s_own(capsys: Output) -> None:
    assert main([*_ZONE, "--address", "192.0.2.7", "--serial", "2026112101"]) == 0
    assert " 2026112101 3600 600 86400 60\n" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main([*_ZONE, "--address", "192.0.2.7", "--serial", "4294967296"])
    assert "from 0 to 4294967295" in capsys.readouterr().err


@pytest.mark.parametrize(("form", "status"), [("zone", 2), ("dnsmasq", 0), ("route53", 0)])
def test_nameservers_are_asked_for_where_they_are_printed(
    form: str, status: int, capsys: Output
) -> None:
    command = ["dns", "zone", *_SETTINGS[:2], "--address", "192.0.2.7", "--format", form]
    assert main(command) == status
    assert ("consoleproxy.dns.nameservers is empty" in capsys.readouterr().err) is bool(status)


def test_serve_says_all_that_it_needs(capsys: Output) -> None:
    assert main(["dns", "serve"]) == 2
    error = capsys.readouterr().err
    for name in ("url.domain", "dns.networks", "dns.nameservers"):
        assert error.count(f"consoleproxy: consoleproxy.{name}") == 1
    assert error.count("\n") == 3
