from pathlib import Path

import pytest

from consoleproxy.errors import SettingsInvalid
from consoleproxy.management.inventory.file import Addition, load_file, load_inventory
from consoleproxy.management.inventory.machines import VirtualMachine
from consoleproxy.management.storage.sealing import Purpose, Sealer
from consoleproxy.management.storage.sealing_keys import new_key

UUID = "d59c31a5-e4c8-454f-a9ff-432bc8910fcb"
OTHER = "11111111-2222-4333-8444-555555555555"


def written(folder: Path, text: str) -> Path:
    path = folder / "inventory.toml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(folder: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(SettingsInvalid) as caught:
        load_inventory(written(folder, text))
    return caught.value.problems


def one(folder: Path, lines: str) -> VirtualMachine:
    text = f'[[vm]]\nname = "web01"\nuuid = "{UUID}"\n{lines}\n'
    (machine,) = load_inventory(written(folder, text))
    return machine


def test_reads_machines_in_order(tmp_path: Path) -> None:
    inventory = load_inventory(
        written(
            tmp_path,
            f"""
            [[vm]]
            name = "web01"
            uuid = "{UUID.upper()}"
            address = "192.168.122.10:5901"
            password = "secret"
            hypervisor = "xenserver"
            state = "stopped"
            [[vm]]
            name = "db01"
            uuid = "{OTHER}"
            host = "kvm1.example.org"
            port = 5902
            """,
        )
    )
    assert [machine.name for machine in inventory] == ["web01", "db01"]
    assert inventory.find(UUID.upper()) == VirtualMachine(
        uuid=UUID,
        name="web01",
        host="192.168.122.10",
        port=5901,
        password="secret",
        hypervisor="XenServer",
        state="Stopped",
    )
    second = inventory.find(OTHER)
    assert second is not None
    assert (second.host, second.port, second.password) == ("kvm1.example.org", 5902, "")
    assert (second.hypervisor, second.state, second.has_console) == ("KVM", "Running", True)
    assert inventory.find("00000000-0000-0000-0000-000000000000") is None


def test_other_ways_and_what_the_screen_is_called(tmp_path: Path) -> None:
    machine = one(
        tmp_path,
        """
        tunnel_url = "https://xen1/console?uuid=1"
        tunnel_session = "OpaqueRef:1"
        username = "operator"
        instance_name = "i-2-3-VM"
        """,
    )
    assert machine == VirtualMachine(
        uuid=UUID,
        name="web01",
        host="xen1",
        port=-1,
        tunnel_url="https://xen1/console?uuid=1",
        tunnel_session="OpaqueRef:1",
        username="operator",
        instance_name="i-2-3-VM",
    )
    assert "OpaqueRef" not in repr(machine)
    machine = one(tmp_path, 'websocket_url = "wss://esx1/ticket/7f0e"')
    assert (machine.host, machine.port) == ("esx1", 443)
    assert machine.websocket_url == "wss://esx1/ticket/7f0e"
    assert "7f0e" not in repr(machine)


def test_owner(tmp_path: Path) -> None:
    machine = one(tmp_path, 'address = "h:5900"')
    assert (machine.domain, machine.account) == ("ROOT", "admin")
    machine = one(tmp_path, 'address = "h:5900"\naccount = "web team"\ndomain = "ROOT/acme"')
    assert (machine.domain, machine.account) == ("ROOT/acme", "web team")


def test_password_file_beside_the_inventory(tmp_path: Path) -> None:
    (tmp_path / "web01.password").write_text("from a file\n")
    machine = one(tmp_path, 'address = "h:5900"\npassword_file = "web01.password"')
    assert machine.password == "from a file"
    assert "from a file" not in repr(machine)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("", "no way to the screen"),
        ('address = "192.168.1.1"', "not host:port"),
        ('address = "h:5900"\npasword = "x"', "pasword is unknown"),
        ('address = "h:5900"\npassword = 12345678', "put it in quotes"),
        ('address = "h:5900"\npassword = "x"\npassword_file = "y"', "keep one"),
        ('address = "h:5900"\npassword_file = "missing"', "No such file"),
        ('address = "h:5900"\nusername = 7', "username must be a text"),
        ('address = "h:5900"\ninstance_name = ["x"]', "instance_name must be a text"),
        ('address = "h:5900"\nhypervisor = "Bochs"', "hypervisor 'Bochs' is unknown: use one of"),
        ('address = "h:5900"\nstate = "Sleeping"', "state 'Sleeping' is unknown"),
        ('address = "h:5900"\naccount = ""', "account '' cannot be the name"),
        ('address = "h:5900"\ndomain = "acme"', 'write it as "ROOT/acme"'),
    ],
)
def test_mistakes_in_one_machine(tmp_path: Path, lines: str, expected: str) -> None:
    found = problems(tmp_path, f'[[vm]]\nname = "web01"\nuuid = "{UUID}"\n{lines}\n')
    assert any("vm 1 (web01): " in problem and expected in problem for problem in found)


def test_all_mistakes_are_reported_together(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        f"""
        [vms]
        [[vm]]
        uuid = "{UUID}"
        address = "h:5900"
        [[vm]]
        name = "b"
        uuid = "nonsense"
        address = "h"
        [[vm]]
        name = "c"
        uuid = "{UUID}"
        address = "h:5900"
        """,
    )
    text = "\n".join(found)
    assert len(found) == 5
    assert "vms is unknown" in text
    assert "vm 1 (without a name): name must be" in text
    assert "vm 2 (b): uuid 'nonsense' is not a UUID" in text
    assert "vm 2 (b): address 'h' is not host:port" in text
    assert f"vm 3 (c): uuid {UUID} is" in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "there is no [[vm]]"),
        ("vm = 1", "write [[vm]]"),
        ("[vm]\nname = 'x'", "write [[vm]]"),
        ("[[vm]]\nname = ", "not TOML"),
    ],
)
def test_files_without_machines(tmp_path: Path, text: str, expected: str) -> None:
    assert any(expected in problem for problem in problems(tmp_path, text))


def test_missing_file_names_the_setting(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match=r"consoleproxy\.manage\.inventory"):
        load_inventory(tmp_path / "missing.toml")


def test_a_table_without_a_place_says_more_of_what_libvirt_has(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from a file\n")
    content = load_file(
        written(
            tmp_path,
            f"""
            [[vm]]
            uuid = "{UUID}"
            [[vm]]
            uuid = "{OTHER.upper()}"
            name = " Web server "
            account = "ada"
            domain = "ROOT/acme"
            password_file = "secret"
            """,
        ),
        adding=True,
    )
    assert content.machines == ()
    assert content.additions == (
        Addition(UUID),
        Addition(OTHER, "Web server", "", "from a file", "ada", "ROOT/acme"),
    )


def test_what_is_said_completes_a_machine() -> None:
    machine = VirtualMachine(uuid=UUID, name="i-2-3-VM", host="kvm1", port=5901, password="old")
    assert Addition(UUID).completed(machine) == machine
    completed = Addition(UUID, name="web", account="ada").completed(machine)
    assert (completed.name, completed.account, completed.domain) == ("web", "ada", "ROOT")
    assert (completed.host, completed.password) == ("kvm1", "old")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ('state = "Stopped"', "state cannot be said"),
        ('instance_name = "i"', "instance_name cannot be said"),
        ('domain = "acme"', "is not the path of a domain"),
        ('account = ""', "cannot be the name of an account"),
        ('port = 5901\nstate = "Stopped"', "host must be a text"),
    ],
)
def test_mistakes_without_a_place(tmp_path: Path, lines: str, expected: str) -> None:
    text = f'[[vm]]\nname = "web01"\nuuid = "{UUID}"\n{lines}\n'
    with pytest.raises(SettingsInvalid, match=expected):
        load_file(written(tmp_path, text), adding=True)


def test_a_machine_is_said_of_once(tmp_path: Path) -> None:
    table = f'[[vm]]\nname = "web01"\nuuid = "{UUID}"\n'
    text = f'{table}{table}address = "kvm1:5901"\n'
    with pytest.raises(SettingsInvalid, match="is web01's already"):
        load_file(written(tmp_path, text), adding=True)


def test_an_added_password_is_not_in_a_log() -> None:
    assert "s3cret" not in repr(Addition(UUID, password="s3cret"))


def test_sealed_secrets_are_the_machine_s(tmp_path: Path) -> None:
    key = new_key()
    sealer = Sealer.of(key)
    password = sealer.seal("hunter2", Purpose.VNC_PASSWORD, UUID)
    head = f'[[vm]]\nname = "web01"\nuuid = "{UUID.upper()}"\n'
    text = f'{head}address = "kvm1:5901"\npassword_sealed = "{password}"\n'
    (machine,) = load_file(written(tmp_path, text), sealer=sealer).machines
    assert machine.password == "hunter2"
    session = sealer.seal("OpaqueRef", Purpose.TUNNEL_SESSION, UUID)
    text = f'{head}tunnel_url = "https://xen1/c"\ntunnel_session_sealed = "{session}"\n'
    (machine,) = load_file(written(tmp_path, text), sealer=sealer).machines
    assert machine.tunnel_session == "OpaqueRef"
    with pytest.raises(SettingsInvalid, match=key.id):
        load_file(written(tmp_path, text), sealer=Sealer.of(new_key()))
