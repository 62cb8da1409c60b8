from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.agent.boot import read_boot
from consoleproxy.agent.hosts import HostList
from consoleproxy.agent.identity import Interface
from consoleproxy.agent.told import all_told
from consoleproxy.errors import SettingsInvalid

KERNEL = (
    "BOOT_IMAGE=/boot/vmlinuz quiet template=domP type=consoleproxy host=10.1.1.1,10.1.1.2@static "
    "port=8250 name=v-2-VM premium=true zone=1 pod=1 guid=Proxy.2 proxy_vm=2 "
    "disable_rp_filter=true authorized_key=abc== eth0ip=169.254.1.9 eth0mask=255.255.0.0 "
    "eth1ip=10.1.1.9 eth1mask=255.255.255.0 eth2ip=203.0.113.9 eth2mask=255.255.255.0 "
    "gateway=203.0.113.1 mgmtcidr=10.1.0.0/16 localgw=10.1.1.254 internaldns1=10.1.1.53 "
    "dns1=192.0.2.53 vncport=8443"
)
NAMES = st.sampled_from(
    ["host", "port", "zone", "pod", "guid", "name", "proxy_vm", "vncport", "eth1ip", "mgmtcidr"]
)


def boot_values(kernel: str, agent: str = "", consoleproxy: str = "") -> dict[str, str]:
    told = all_told(kernel, agent, consoleproxy)
    return {name: one.value for name, one in told.items()}


def problems(kernel: str) -> tuple[str, ...]:
    with pytest.raises(SettingsInvalid) as caught:
        read_boot(boot_values(kernel))
    return caught.value.problems


def test_a_console_proxy_vm() -> None:
    boot = read_boot(boot_values(KERNEL))
    identity = boot.identity
    assert (identity.zone, identity.pod, identity.guid) == ("1", "1", "Proxy.2")
    assert (identity.name, identity.proxy_vm_id) == ("v-2-VM", 2)
    assert identity.private == Interface(address="10.1.1.9", netmask="255.255.255.0")
    assert identity.public.address == "203.0.113.9"
    assert identity.gateway == "203.0.113.1"
    assert boot.servers == HostList.parse("10.1.1.1,10.1.1.2@static")
    assert (boot.agent_port, boot.console_port) == (8250, 8443)
    assert (boot.tls, boot.disable_rp_filter) == (True, True)
    assert boot.management_network == ip_network("10.1.0.0/16")
    assert boot.local_gateway == ip_address("10.1.1.254")
    assert boot.name_servers == (ip_address("10.1.1.53"),)
    assert boot.public_name_servers == (ip_address("192.0.2.53"),)
    assert boot.control == Interface(address="169.254.1.9", netmask="255.255.0.0")
    assert not boot.dhcp


def test_another_system_vm() -> None:
    (problem,) = problems(KERNEL.replace("type=consoleproxy", "type=secstorage"))
    assert "no console proxy VM" in problem


def test_addresses_of_a_dhcp_server() -> None:
    assert read_boot(boot_values(f"{KERNEL} bootproto=dhcp")).dhcp


def test_the_least() -> None:
    boot = read_boot(
        boot_values("host=ms zone=1 pod=1 guid=Proxy.2 name=v-2-VM proxy_vm=2 eth1ip=0.0.0.0")
    )
    assert (boot.agent_port, boot.console_port) == (8250, 0)
    assert (boot.tls, boot.disable_rp_filter) == (False, False)
    assert (boot.management_network, boot.local_gateway, boot.name_servers) == (None, None, ())
    assert boot.identity.private == Interface()


def test_which_source_counts() -> None:
    agent = "host=10.1.1.7\nzone=2\npublic.ip=198.51.100.9\n"
    defaults = "host=localhost\nzone=default\npod=default\nport=8250\nvncport=8080\n"
    values = boot_values("zone=1 guid=Proxy.2 name=v-2-VM proxy_vm=2", agent, defaults)
    assert (values["zone"], values["host"], values["pod"]) == ("1", "10.1.1.7", "default")
    boot = read_boot(values)
    assert boot.console_port == 8080
    assert boot.identity.public.address == "198.51.100.9"


def test_everything_that_is_wrong_is_told_at_once() -> None:
    found = problems(
        "host=a;b port=x proxy_vm=0 vncport=99999 eth1ip=10.1.1 mgmtcidr=10.1.1.0/99 localgw=$(id)"
    )
    text = "\n".join(found)
    for name in ("host", "port", "proxy_vm", "vncport", "eth1ip", "mgmtcidr", "localgw"):
        assert f"boot argument {name}=" in text
    for name in ("zone", "pod", "guid", "name"):
        assert f"boot argument {name} is missing" in text


@given(st.dictionaries(NAMES, st.text(max_size=12)))
def test_any_values(values: dict[str, str]) -> None:
    try:
        read_boot(values)
    except SettingsInvalid as error:
        assert error.problems
