"""Domains for tests, as libvirt writes them."""

import datetime

UUID = "8fe5fdd8-0434-42f1-9663-2d7d58f9c22a"
NOW = datetime.datetime(2026, 11, 21, 12, 0, tzinfo=datetime.UTC)
VNC = """<graphics type='vnc' port='5907' autoport='yes' listen='192.0.2.9' passwd='s3cret12'>
      <listen type='address' address='192.0.2.9'/>
    </graphics>"""


def domain(devices: str = VNC, *, head: str = "", type: str = "kvm", name: str = "i-2-3-VM") -> str:
    """Return the XML of a domain.

    Args:
        head: what stands behind its uuid.
    """
    return f"""<domain type='{type}' id='1'>
  <name>{name}</name>
  <uuid>{UUID}</uuid>
  {head}
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    {devices}
  </devices>
</domain>"""
