"""The boot sector is what its source says."""

from pathlib import Path

from consoleproxy.guest.boot import BOOT_SECTOR
from tests.integration.fixtures.qemu import assemble


def test_boot_sector_is_the_assembled_source(tmp_path: Path) -> None:
    assert assemble("echo", tmp_path).read_bytes() == BOOT_SECTOR


def test_bios_boots_it() -> None:
    assert len(BOOT_SECTOR) == 512
    assert BOOT_SECTOR.endswith(b"\x55\xaa")
