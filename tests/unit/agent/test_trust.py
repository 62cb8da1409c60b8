import datetime

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.agent.trust import check_server, read_authorities
from consoleproxy.errors import AgentLinkBroken
from tests.unit.keystore.authority import NOW, Issued, issue

CA = issue("ca.cloudstack.apache.org", ca=True)
OTHER = issue("ca.cloudstack.apache.org", ca=True)
SERVER = issue("management", CA)


def der(issued: Issued) -> bytes:
    return issued.certificate.public_bytes(Encoding.DER)


def refused(shown: bytes, now: datetime.datetime = NOW) -> str:
    with pytest.raises(AgentLinkBroken) as caught:
        check_server(shown, [CA.certificate], now)
    return str(caught.value)


def test_the_ca_itself_whatever_its_dates() -> None:
    check_server(der(CA), [OTHER.certificate, CA.certificate], NOW)
    check_server(der(CA), [CA.certificate], NOW + datetime.timedelta(days=9999))


def test_a_server_that_the_ca_signed() -> None:
    check_server(der(SERVER), [OTHER.certificate, CA.certificate], NOW)


def test_another_cloud() -> None:
    assert "neither the cloud's CA nor signed by it" in refused(der(OTHER))
    assert "neither the cloud's CA nor signed by it" in refused(der(issue("management", OTHER)))


def test_dates() -> None:
    assert "expired" in refused(der(SERVER), NOW + datetime.timedelta(days=301))
    assert "not valid yet" in refused(der(SERVER), NOW - datetime.timedelta(days=11))


@given(st.binary(max_size=80))
def test_what_is_no_certificate(shown: bytes) -> None:
    assert refused(shown) == "the server showed no certificate"


def test_authorities_are_read_from_pem() -> None:
    assert read_authorities(CA.pem + OTHER.pem) == (CA.certificate, OTHER.certificate)
    with pytest.raises(ValueError):
        read_authorities(b"nothing")
