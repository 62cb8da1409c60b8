from dataclasses import replace

import pytest

from consoleproxy.management.pages.machine_rows import found_machines
from tests.unit.management.world import DATABASE, WEB

_MACHINES = [WEB, DATABASE, replace(WEB, name="Mail", account="shop", domain="ROOT/acme")]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ["web01", "db01", "Mail"]),
        ("  ", ["web01", "db01", "Mail"]),
        ("WEB", ["web01"]),
        ("acme mail", ["Mail"]),
        ("stopped", ["db01"]),
        ("vmware", ["db01"]),
        ("d59c31a5", ["web01", "Mail"]),
        ("web01 stopped", []),
        ("192.168.122.10", []),
        (WEB.password, []),
    ],
)
def test_search(text: str, names: list[str]) -> None:
    assert [machine.name for machine in found_machines(_MACHINES, text)] == names
