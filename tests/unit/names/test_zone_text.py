import io
import json
from collections import Counter

import dns.zone
import pytest

from consoleproxy.errors import SettingsInvalid
from consoleproxy.names.zone_text import FORMATS
from tests.unit.names.sample import DOMAIN, content, zone

_SMALL = "192.0.2.0/30 2001:db8::/127"


def _lines(form: str, networks: str = _SMALL) -> list[str]:
    made = content(networks)
    return list(FORMATS[form].lines(made, made.serial))


def test_a_zone_file_holds_what_the_responder_answers() -> None:
    read = dns.zone.from_text("\n".join(_lines("zone")), origin=DOMAIN, relativize=False)
    written = {
        (name.to_text(), rdataset.rdtype.name, rdataset.ttl, frozenset(map(str, rdataset)))
        for name, rdataset in read.iterate_rdatasets()
    }
    answered = {
        (name.to_text(), records.rdtype.name, records.ttl, frozenset(map(str, records)))
        for name, node in zone().nodes.items()
        for records in node.values()
        if records.rdtype.name != "SOA"
    }
    assert answered < written
    assert Counter(kind for _, kind, _, _ in written) == {"SOA": 1, "NS": 1, "A": 6, "AAAA": 3}
    assert (f"2001-db8--1.{DOMAIN}.", "AAAA", 60, frozenset({"2001:db8::1"})) in written


def test_a_zone_file_is_no_longer_than_it_must_be() -> None:
    assert _lines("zone", "192.0.2.7")[:3] == [
        f"$ORIGIN {DOMAIN}.",
        "$TTL 60",
        f"@ IN SOA ns1.{DOMAIN}. hostmaster.{DOMAIN}. {content('192.0.2.7').serial}"
        " 3600 600 86400 60",
    ]
    assert _lines("zone", "192.0.2.7")[-1] == f"192-0-2-7.{DOMAIN}. IN A 192.0.2.7"


def test_dnsmasq() -> None:
    assert [line for line in _lines("dnsmasq") if not line.startswith("#")] == [
        f"local=/{DOMAIN}/",
        f"host-record=ns1.{DOMAIN},192.0.2.53,2001:db8::53",
        f"host-record=ns.deep.{DOMAIN},10.9.9.9",
        f"synth-domain={DOMAIN},192.0.2.0/30",
        f"synth-domain={DOMAIN},2001:db8::/127",
    ]


def test_dnsmasq_has_no_large_ipv6_networks() -> None:
    with pytest.raises(SettingsInvalid) as refused:
        _lines("dnsmasq", "2001:db8::/63")
    assert "2001:db8::/63 is larger than dnsmasq can have" in str(refused.value)


def test_knot() -> None:
    lines = _lines("knot")
    assert "    network: [ 192.0.2.0/30, 2001:db8::/127 ]" in lines
    start = lines.index(f"# $ORIGIN {DOMAIN}.")
    apex = dns.zone.from_text("\n".join(line[2:] for line in lines[start:]), origin=DOMAIN)
    assert {name.to_text() for name in apex} == {"@", "ns1", "ns.deep"}


def test_route53_batches_are_as_large_as_they_may_be() -> None:
    batches = [json.loads(line) for line in _lines("route53", "2001:db8::/118 192.0.2.0/24")]
    sizes = [len(batch["Changes"]) for batch in batches]
    assert sizes == [400, 400, 400, 80]
    for batch in batches:
        values = [
            record["Value"]
            for change in batch["Changes"]
            for record in change["ResourceRecordSet"]["ResourceRecords"]
        ]
        assert 2 * len(values) <= 1000
        assert 2 * sum(map(len, values)) <= 32_000
    assert batches[0]["Changes"][1] == {
        "Action": "UPSERT",
        "ResourceRecordSet": {
            "Name": f"192-0-2-1.{DOMAIN}.",
            "Type": "A",
            "TTL": 60,
            "ResourceRecords": [{"Value": "192.0.2.1"}],
        },
    }
    assert batches[-1]["Changes"][-1]["ResourceRecordSet"]["Type"] == "AAAA"


@pytest.mark.parametrize("form", ["zone", "route53"])
def test_names_that_would_have_to_be_written_out(form: str) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        _lines(form, "10.0.0.0/16 192.0.2.1")
    assert "make 65537 names" in str(refused.value)
    assert "dnsmasq, knot or powerdns" in str(refused.value)
    with pytest.raises(SettingsInvalid):
        _lines(form, "2001:db8::/64")


def test_a_slash_16_is_written_out() -> None:
    text = io.StringIO("\n".join(_lines("zone", "10.1.0.0/16")))
    assert len(text.readlines()) == 65536 + 9


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_every_format_tells_whether_it_needs_nameservers(form: str) -> None:
    assert FORMATS[form].needs_nameservers is any("hostmaster" in line for line in _lines(form))
