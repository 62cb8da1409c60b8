from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.management.inventory.libvirt.domain import OWNER_NAMESPACE, read_domain
from consoleproxy.management.inventory.machines import VirtualMachine
from tests.unit.management.inventory.libvirt.domains import NOW, UUID, VNC, domain


def _read(xml: str, state: str = "Running", host: str = "kvm1") -> VirtualMachine:
    return read_domain(xml, state, host, NOW)


def test_a_domain_is_a_machine() -> None:
    assert _read(domain()) == VirtualMachine(
        uuid=UUID,
        name="i-2-3-VM",
        host="192.0.2.9",
        port=5907,
        password="s3cret12",
        instance_name="i-2-3-VM",
    )


def test_a_title_is_what_users_read() -> None:
    machine = _read(domain(head="<title>Web &amp; mail</title>"))
    assert (machine.name, machine.instance_name) == ("Web & mail", "i-2-3-VM")


@pytest.mark.parametrize("state", ["Stopped", "Error"])
def test_one_that_is_off_has_no_place(state: str) -> None:
    machine = _read(domain(VNC.replace("5907", "-1")), state)
    assert (machine.host, machine.port, machine.no_screen) == ("", 0, "")
    assert not machine.has_console


def test_one_without_a_way_to_its_screen_says_why() -> None:
    machine = _read(domain("<graphics type='spice' port='5900'/>"))
    assert (machine.host, machine.no_screen) == ("", "it has spice, and no VNC")


@pytest.mark.parametrize(
    ("type", "hypervisor", "instance"),
    [
        ("kvm", "KVM", "i-2-3-VM"),
        ("qemu", "KVM", "i-2-3-VM"),
        ("xen", "XenServer", ""),
        ("lxc", "LXC", ""),
        ("test", "Simulator", ""),
        ("bhyve", "External", ""),
    ],
)
def test_hypervisors_are_cloudstack_s(type: str, hypervisor: str, instance: str) -> None:
    machine = _read(domain(type=type))
    assert (machine.hypervisor, machine.instance_name) == (hypervisor, instance)


@pytest.mark.parametrize(
    ("owner", "account", "path"),
    [
        ('account="ada" domain="ROOT/acme"', "ada", "ROOT/acme"),
        ('account="ada"', "ada", "ROOT"),
        ('domain="ROOT/acme"', "admin", "ROOT"),
        ('account="ada" domain="acme"', "admin", "ROOT"),
        ('account=" " domain="ROOT/acme"', "admin", "ROOT"),
        ("", "admin", "ROOT"),
    ],
)
def test_metadata_name_the_owner(owner: str, account: str, path: str) -> None:
    element = f'<c:owner xmlns:c="{OWNER_NAMESPACE}" {owner}/>'
    machine = _read(domain(head=f"<metadata><x:y xmlns:x='x'/>{element}</metadata>"))
    assert (machine.account, machine.domain) == (account, path)


def test_an_owner_of_another_namespace_is_none() -> None:
    machine = _read(domain(head="<metadata><owner account='ada'/></metadata>"))
    assert machine.account == "admin"


@pytest.mark.parametrize("xml", ["", "<domain>", "<domain/>", "<domain><name>n</name></domain>"])
def test_what_is_no_domain_is_refused(xml: str) -> None:
    with pytest.raises(ValueError, match=r"not XML|without"):
        _read(xml)


_NAMES = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)


@given(_NAMES)
def test_any_name_is_kept(name: str) -> None:
    machine = _read(domain(name=escape(name)))
    assert (machine.name, machine.instance_name) == (name, name)


@given(st.text(alphabet="<>/='\"& abdomnuie", max_size=80))
def test_any_text_is_a_machine_or_a_fault(text: str) -> None:
    try:
        _read(domain(head=text))
    except ValueError:
        pass
