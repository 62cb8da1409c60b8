from typing import Any

import pytest

from consoleproxy.management.inventory.table import TableReader


def reader(**table: Any) -> TableReader:
    return TableReader(table, "file: vm 1")


def test_values_that_are_right() -> None:
    table = reader(name=" web01 ", password=" p ", state="STOPPED", port=7)
    assert table.text("name", "write one") == "web01"
    assert table.optional("password") == " p "
    assert table.optional("username") == ""
    assert table.choice("state", ("Running", "Stopped")) == "Stopped"
    assert table.choice("hypervisor", ("KVM", "VMware")) == "KVM"
    assert (table.value("port"), table.value("host")) == (7, None)
    assert table.given(["host", "port", "name"]) == ["port", "name"]
    table.check_keys(("name", "password", "state", "port"))
    assert table.problems == []


@pytest.mark.parametrize("value", [None, "", "  ", 7, ["x"]])
def test_a_text_that_is_none(value: object) -> None:
    table = reader(**({} if value is None else {"name": value}))
    assert table.text("name", "write one") == ""
    assert table.problems == ["file: vm 1: name must be a text that is not empty: write one"]


def test_all_faults_are_kept() -> None:
    table = reader(password=12345678, state=1, pasword="x")
    assert table.optional("password") == ""
    assert table.choice("state", ("Running", "Stopped")) == "Running"
    table.check_keys(("password", "state"))
    assert table.problems == [
        "file: vm 1: password must be a text: put it in quotes",
        "file: vm 1: state 1 is unknown: use one of Running, Stopped",
        "file: vm 1: pasword is unknown; a vm has password, state",
    ]
