"""``consoleproxy dns``, asked by dig and a real resolver, and held against other DNS servers.

What ``consoleproxy dns zone`` prints is what those servers are run with.
"""

import json
import re
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.zone
import pytest

from tests.integration.fixtures.dns import (
    DOMAIN,
    Server,
    printed_zone,
    running_dnsmasq,
    running_knot,
    running_powerdns,
    running_responder,
    running_unbound,
)

# Console names, and what only looks like one. Names without a dot at the end are in the zone.
_NAMES = (
    *("10-1-2-3", "127-0-0-1", "192-0-2-3", "10-255-255-255", "10-0-0-0"),
    *("192-0-2-4", "11-0-0-0", "8-8-8-8", "255-255-255-255", "0-0-0-0"),
    *("256-1-1-1", "010-001-002-003", "10-1-2-03", "1-2-3", "10-1-2", "10-1-2-3-4", "10-1-2-3-"),
    *("ip-10-1-2-3", "10-1-2-3a", "0xa-1-2-3", "167838211", "-10-1-2-3", "10--1-2", "x", "*"),
    *("x.10-1-2-3", "10-1.2-3", "10.1.2.3", "a.b.c.d"),
    *("2001-db8--1", "2001-db8--0", "2001-db8--1-2-3-4", "2001-db8--ffff-0-1"),
    *("2001-db8-0-1--1", "2001-db9--1", "fe80--1", "0--1", "2001-db8--g", "2001-db8---1"),
    *("ns1", "NS1", "x.ns1", "deep", "ns.deep", "x.deep", "ns", f"{DOMAIN}."),
)
_UPPER = ("10-1-2-3.CONSOLE.Example.ORG.", "2001-DB8--AB", "256-1-1-1.CONSOLE.EXAMPLE.ORG.")
_KINDS = ("A", "AAAA", "TXT", "CAA", "SOA", "NS", "HTTPS")
_ELSEWHERE = ("example.org.", f"x{DOMAIN}.", ".", "org.")


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The responder, with a rate limit that no test reaches."""
    with running_responder(tmp_path_factory.mktemp("dns")) as server:
        yield server


def _full(name: str) -> str:
    return name if name.endswith(".") else f"{name}.{DOMAIN}."


def _said(message: dns.message.Message) -> tuple[str, bool, list[str], list[str], list[str]]:
    sections = (message.answer, message.authority, message.additional)
    answer, authority, additional = (
        sorted(line for rrset in section for line in rrset.to_text().splitlines())
        for section in sections
    )
    aa = bool(message.flags & dns.flags.AA)
    return dns.rcode.to_text(message.rcode()), aa, answer, authority, additional


def test_the_same_answers_as_knot(ours: Server, tmp_path: Path) -> None:
    different = []
    asked = [(_full(name), kind) for name in (*_NAMES, *_UPPER) for kind in _KINDS]
    asked += [(name, "A") for name in _ELSEWHERE]
    with running_knot(tmp_path) as knot:
        for name, kind in asked:
            for tcp, edns in ((False, -1), (False, 0), (True, -1), (True, 0)):
                here, there = (
                    _said(server.ask(name, kind, tcp=tcp, edns=edns)) for server in (ours, knot)
                )
                if here != there:
                    different.append((name, kind, tcp, edns, here, there))
        # Here alone ours is stricter: an address has one name.
        spelt_otherwise = _full("2001-0db8--1")
        assert knot.ask(spelt_otherwise, "AAAA").answer
        assert ours.ask(spelt_otherwise, "AAAA").rcode() == dns.rcode.NXDOMAIN
    assert different == []


def test_powerdns_answers_no_more_than_ours(ours: Server, tmp_path: Path) -> None:
    different = []
    with running_powerdns(tmp_path) as powerdns:
        for name in (*_NAMES, *_UPPER, "2001-0db8--1", "2001-db8-0-0-0-0-0-1", "--ffff-10.1.2.3"):
            for kind in ("A", "AAAA"):
                here, there = (_said(s.ask(_full(name), kind)) for s in (ours, powerdns))
                # It has no NXDOMAIN for what a record with code makes nothing of.
                if here[2] != there[2] or there[0] not in (here[0], "NOERROR"):
                    different.append((name, kind, here, there))
    assert different == []


def test_dnsmasq_answers_no_more_than_ours(ours: Server, tmp_path: Path) -> None:
    different = []
    with running_dnsmasq(tmp_path) as dnsmasq:
        for name in (*_NAMES, *_UPPER):
            for kind in ("A", "AAAA"):
                messages = [s.ask(_full(name), kind) for s in (ours, dnsmasq)]
                addresses = [
                    sorted(str(record) for rrset in message.answer for record in rrset)
                    for message in messages
                ]
                codes = {dns.rcode.to_text(message.rcode()) for message in messages}
                if addresses[0] != addresses[1] or len(codes) != 1:
                    different.append((name, kind, addresses, codes))
    assert different == []


def test_a_resolver_finds_the_names(ours: Server, tmp_path: Path) -> None:
    with running_unbound(tmp_path, ours) as unbound:
        assert unbound.dig("+short", _full("127-0-0-1")) == "127.0.0.1\n"
        assert unbound.dig("+short", "AAAA", _full("2001-db8--1")) == "2001:db8::1\n"
        assert "status: NXDOMAIN" in unbound.dig(_full("8-8-8-8"))
        assert "status: NOERROR" in unbound.dig("AAAA", _full("127-0-0-1"))
        kept = unbound.dig("+noall", "+authority", _full("8-8-8-8"))
        assert f"hostmaster.{DOMAIN}." in kept


def _status(printed: str) -> str:
    found = re.search(r"status: (\w+)", printed)
    assert found is not None, printed
    return found[1]


@pytest.mark.parametrize(
    ("options", "status"),
    [
        (["10-1-2-3"], "NOERROR"),
        (["+tcp", "10-1-2-3"], "NOERROR"),
        (["+noedns", "10-1-2-3"], "NOERROR"),
        (["+dnssec", "+nsid", "+cookie", "+subnet=192.0.2.0/24", "10-1-2-3"], "NOERROR"),
        (["+edns=1", "+noednsneg", "10-1-2-3"], "BADVERS"),
        (["+ednsopt=65001:abcd", "10-1-2-3"], "NOERROR"),
        (["+opcode=NOTIFY", "+noedns", "10-1-2-3"], "NOTIMP"),
        (["+header-only"], "FORMERR"),
        (["-c", "CH", "-t", "TXT", "version.bind."], "REFUSED"),
        (["-t", "ANY", "+notcp", "10-1-2-3"], "NOERROR"),
        (["example.org."], "REFUSED"),
        (["8-8-8-8"], "NXDOMAIN"),
    ],
)
def test_dig(ours: Server, options: list[str], status: str) -> None:
    *before, name = options
    if name.startswith("+"):
        before, name = options, "."
    printed = ours.dig(*before, _full(name))
    assert _status(printed) == status
    assert "WARNING: Message" not in printed
    assert "Warning" not in printed


def test_dig_gets_no_zone_transfer(ours: Server) -> None:
    assert "Transfer failed." in ours.dig("AXFR", f"{DOMAIN}.")


def test_dig_asks_many_things_on_one_connection(ours: Server) -> None:
    names = [_full(f"10-0-0-{number}") for number in range(50)]
    printed = ours.dig("+tcp", "+keepopen", "+short", *names)
    assert printed.split() == [f"10.0.0.{number}" for number in range(50)]


def test_queries_in_one_write_are_all_answered(ours: Server) -> None:
    queries = [dns.message.make_query(_full(f"10-0-{n}-1"), "A").to_wire() for n in range(250)]
    with socket.create_connection(("127.0.0.1", ours.port), 10) as client:
        client.sendall(b"".join(struct.pack("!H", len(query)) + query for query in queries))
        for number, query in enumerate(queries):
            answer, _ = dns.query.receive_tcp(client)
            assert answer.id == int.from_bytes(query[:2], "big")
            assert str(answer.answer[0][0]) == f"10.0.{number}.1"


def test_answers_come_from_the_address_that_was_asked(tmp_path: Path) -> None:
    with running_responder(tmp_path, address="::") as server:
        for address in ("127.0.0.1", "127.0.0.9", "::1"):
            for way in ("+notcp", "+tcp"):
                printed = server.dig("+short", way, f"@{address}", _full("10-1-2-3"))
                assert printed == "10.1.2.3\n"


def test_a_flood_over_udp_is_sent_to_tcp(tmp_path: Path) -> None:
    query = dns.message.make_query(_full("10-1-2-3"), "A").to_wire()
    count, rate = 400, 5
    with running_responder(tmp_path, rate=str(rate)) as server:
        with socket.socket(type=socket.SOCK_DGRAM) as client:
            client.settimeout(10)
            client.connect(("127.0.0.1", server.port))
            began = time.monotonic()
            for _ in range(count):
                client.send(query)
            answers = [dns.message.from_wire(client.recv(4096))]
            client.settimeout(1)
            try:
                while True:
                    took = time.monotonic() - began
                    answers.append(dns.message.from_wire(client.recv(4096)))
            except TimeoutError:
                pass
        whole = [answer for answer in answers if answer.answer]
        cut = [answer for answer in answers if answer.flags & dns.flags.TC]
        assert len(whole) + len(cut) == len(answers)
        assert 1 <= len(whole) <= (2 + int(took)) * rate
        assert len(cut) <= (count - len(whole)) / 2 + 1
        assert cut
        # dig comes again over TCP by itself where it is told to.
        assert server.dig("+short", "+tries=3", _full("10-1-2-3")) == "10.1.2.3\n"
    assert "consoleproxy.dns.rate" in server.log.read_text(encoding="utf-8")


def test_garbage_is_survived(ours: Server) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as client:
        client.connect(("127.0.0.1", ours.port))
        for size in (0, 1, 11, 12, 13, 100, 5000, 60_000):
            client.send(b"\x00\x01" * (size // 2) + b"x" * (size % 2))
    with socket.create_connection(("127.0.0.1", ours.port), 10) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * 2000)
    assert ours.dig("+short", _full("10-1-2-3")) == "10.1.2.3\n"


def test_the_printed_zone_file_has_a_name_for_each_address(ours: Server) -> None:
    printed = printed_zone("zone", networks="10.9.0.0/24 2001:db8::/124")
    read = dns.zone.from_text(printed, relativize=False)
    addresses = [
        (name.to_text(), rdataset.rdtype.name, str(record))
        for name, rdataset in read.iterate_rdatasets()
        for record in rdataset
        if rdataset.rdtype.name in ("A", "AAAA")
    ]
    assert len(addresses) == 256 + 16 + 3
    for name, kind, address in addresses[::16]:
        assert [str(record) for record in ours.ask(name, kind).answer[0]] == [address]


def test_the_printed_route53_batches_are_json() -> None:
    lines = printed_zone("route53", networks="10.9.0.0/22").splitlines()
    changes = [change for line in lines for change in json.loads(line)["Changes"]]
    assert len({change["ResourceRecordSet"]["Name"] for change in changes}) == 1024


def test_serve_without_networks_says_what_to_set() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "consoleproxy", "dns", "serve"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 2
    assert "consoleproxy.dns.networks is empty: set it to" in done.stderr
    assert "Traceback" not in done.stderr
