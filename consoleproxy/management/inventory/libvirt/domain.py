"""A domain's XML as a machine of the inventory."""

import datetime
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from consoleproxy.management.accounts.names import is_domain_path, is_name
from consoleproxy.management.inventory.libvirt.graphics import Screen, screen_of
from consoleproxy.management.inventory.machines import VirtualMachine

# The owner's element in a domain's metadata; docs/INVENTORY.md shows it.
OWNER_NAMESPACE = "urn:consoleproxy:owner"
_OWNER = f"metadata/{{{OWNER_NAMESPACE}}}owner"
_ACCOUNT = "admin"
_DOMAIN = "ROOT"
_OFF = frozenset({"Stopped", "Error"})
_EXTERNAL = "External"
_HYPERVISORS = {
    "kvm": "KVM",
    "qemu": "KVM",
    "hvf": "KVM",
    "xen": "XenServer",
    "lxc": "LXC",
    "vmware": "VMware",
    "hyperv": "Hyperv",
    "test": "Simulator",
}


def read_domain(xml: str, state: str, host: str, now: datetime.datetime) -> VirtualMachine:
    """Return the machine that a domain is.

    Args:
        xml: of libvirt; with its passwords, where they may be seen.
        state: CloudStack's name, see ``state_name``.
        host: the hypervisor's; empty for this machine.
        now: in UTC, with its zone.

    Raises:
        ValueError: it is not the XML of a domain.
    """
    try:
        # libvirt writes it, and lets nobody put entities or a DTD into it.
        root = ElementTree.fromstring(xml)  # noqa: S314
    except ElementTree.ParseError as error:
        raise ValueError(f"not XML: {error}") from error
    uuid = _text(root, "uuid").lower()
    name = _text(root, "name")
    if not uuid or not name:
        raise ValueError("a domain without uuid or name")
    hypervisor = _HYPERVISORS.get(root.get("type", ""), _EXTERNAL)
    # What a domain will have when it is started says nothing about its screen now.
    screen = Screen() if state in _OFF else screen_of(root.iterfind("devices/graphics"), host, now)
    account, domain = _owner(root)
    return VirtualMachine(
        uuid=uuid,
        name=_text(root, "title") or name,
        host=screen.host,
        port=screen.port,
        no_screen=screen.missing,
        password=screen.password,
        # QEMU's -name is guest=…; other hypervisors call their screens as they like.
        instance_name=name if hypervisor == "KVM" else "",
        hypervisor=hypervisor,
        state=state,
        account=account,
        domain=domain,
    )


def _text(root: Element, tag: str) -> str:
    return (root.findtext(tag) or "").strip()


def _owner(root: Element) -> tuple[str, str]:
    """Return account and domain; the administrator's where the metadata do not say both well."""
    owner = root.find(_OWNER)
    if owner is None:
        return _ACCOUNT, _DOMAIN
    account, domain = owner.get("account", ""), owner.get("domain", _DOMAIN)
    return (account, domain) if is_name(account) and is_domain_path(domain) else (_ACCOUNT, _DOMAIN)
