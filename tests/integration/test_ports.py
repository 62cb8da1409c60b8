"""A page's port beside the console port, as CloudStack has them: 80 and 8080, or 443 and 8443."""

from collections.abc import Callable
from pathlib import Path

import requests

from tests.integration.fixtures.cloud import Machine, running_cloud
from tests.integration.fixtures.qemu import Qemu
from tests.integration.fixtures.viewer import Viewer
from tests.waiting import free_port


def test_both_ports_serve_page_and_consoles(
    tmp_path: Path, qemu_factory: Callable[..., Qemu]
) -> None:
    guest = qemu_factory()
    machine = Machine("web-1", "d59c31a5-e4c8-454f-a9ff-432bc8910fcb", guest.port)
    page_port = free_port()
    with running_cloud(tmp_path, [machine], page_port=page_port) as cloud:
        assert cloud.proxy.port != page_port
        url = cloud.console(machine)
        other = url.replace(f":{cloud.proxy.port}/", f":{page_port}/")
        assert requests.get(other, timeout=5).text == requests.get(url, timeout=5).text
        for address in (url, cloud.console(machine).replace(str(cloud.proxy.port), str(page_port))):
            with Viewer(address) as viewer:
                viewer.log_in()
