import asyncio
from pathlib import Path

import pytest

from consoleproxy.errors import SettingsInvalid
from consoleproxy.management.inventory import sources
from consoleproxy.management.inventory.machines import Inventory, VirtualMachine
from consoleproxy.management.inventory.sources import InventorySources, followed, named_sources

ONE = VirtualMachine(uuid="a", name="one", host="kvm1", port=5901)


def test_file_and_hypervisors_are_named_together_or_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    # Whether the extra is here does not matter: nothing is imported.
    monkeypatch.setattr(sources, "find_spec", lambda _: object())
    uri = "qemu:///system"
    assert named_sources("vms.toml", "") == InventorySources(Path("vms.toml"))
    assert named_sources("", uri) == InventorySources(None, (uri,))
    assert named_sources("vms.toml", uri) == InventorySources(Path("vms.toml"), (uri,))


@pytest.mark.parametrize(
    ("inventory", "libvirt", "told"),
    [("", "", "both empty"), ("", "kvm1", "qemu+tls://host/system")],
)
def test_what_cannot_work_is_said(inventory: str, libvirt: str, told: str) -> None:
    with pytest.raises(SettingsInvalid) as fault:
        named_sources(inventory, libvirt)
    assert told in str(fault.value)


def test_without_the_extra_its_name_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "find_spec", lambda _: None)
    assert named_sources("vms.toml", "").libvirt == ()
    with pytest.raises(SettingsInvalid) as fault:
        named_sources("", "qemu:///system")
    assert "pip install 'consoleproxy[libvirt]'" in str(fault.value)


def test_machines_without_a_file_stay() -> None:
    inventory = Inventory([ONE])

    async def story() -> None:
        async with followed(inventory, InventorySources(None)):
            assert list(inventory) == [ONE]
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(story())


def test_a_file_is_read_and_followed(tmp_path: Path) -> None:
    file = tmp_path / "vms.toml"
    uuid = "d59c31a5-e4c8-454f-a9ff-432bc8910fcb"
    file.write_text(f'[[vm]]\nname = "web"\nuuid = "{uuid}"\naddress = "kvm1:5901"\n')
    inventory = Inventory([])

    async def story() -> None:
        async with followed(inventory, InventorySources(file)):
            assert inventory.find(uuid) is not None
            assert len(asyncio.all_tasks()) == 2
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(story())


def test_a_faulty_file_is_refused(tmp_path: Path) -> None:
    async def story() -> None:
        async with followed(Inventory([]), InventorySources(tmp_path / "missing.toml")):
            pass

    with pytest.raises(SettingsInvalid, match="No such file"):
        asyncio.run(story())
