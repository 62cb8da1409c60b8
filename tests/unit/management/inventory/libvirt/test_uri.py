import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.management.inventory.libvirt.uri import (
    host_of,
    shown_uri,
    split_uris,
    uri_problem,
)


def test_several_hypervisors_are_named_with_commas() -> None:
    text = " qemu:///system, qemu+tls://kvm1/system,\nqemu:///system,"
    assert split_uris(text) == ("qemu:///system", "qemu+tls://kvm1/system")
    assert split_uris("") == ()


@pytest.mark.parametrize(
    ("uri", "host"),
    [
        ("qemu:///system", ""),
        ("qemu+unix:///system?socket=/run/libvirt/libvirt-sock", ""),
        ("qemu+unix://kvm1/system", ""),
        ("test:///default", ""),
        ("qemu+tls://kvm1.example.org/system?pkipath=/etc/pki", "kvm1.example.org"),
        ("qemu+tls://kvm1.example.org:16555/system", "kvm1.example.org"),
        ("qemu+ssh://root@192.0.2.9/system", "192.0.2.9"),
        ("qemu+tls://[2001:db8::9]/system", "2001:db8::9"),
        ("qemu+tls://127.0.0.1/system", ""),
        ("qemu+tls://[::1]:16555/system", ""),
        ("qemu+tcp://localhost/session", ""),
    ],
)
def test_the_host_is_the_one_whose_domains_these_are(uri: str, host: str) -> None:
    assert uri_problem(uri) is None
    assert host_of(uri) == host


@pytest.mark.parametrize(
    "uri",
    [
        *("kvm1", "qemu", "qemu:/system", "//kvm1/system", "qemu+tls://kvm1", "QEMU+:///system"),
        *("qemu://[::1/system", "qemu://kvm1:99999/system", "qemu+tls://kvm1:0/system"),
    ],
)
def test_what_is_no_uri_is_said(uri: str) -> None:
    assert "qemu:///system" in str(uri_problem(uri))


@given(st.text(max_size=60))
def test_any_text_has_a_host_or_a_problem(text: str) -> None:
    for uri in split_uris(text):
        if uri_problem(uri) is None:
            assert isinstance(host_of(uri), str)


def test_files_of_keys_are_not_logged() -> None:
    assert shown_uri("qemu+tls://kvm1/system?pkipath=/etc/pki") == "qemu+tls://kvm1/system"
