import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.errors import SecretUnreadable, SettingsInvalid
from consoleproxy.management.inventory.sealed import inventory_secrets, opened, reseal_inventory
from consoleproxy.management.storage.sealing import Purpose, Sealer
from consoleproxy.management.storage.sealing_keys import new_key

WEB = "d59c31a5-e4c8-454f-a9ff-432bc8910fcb"
XEN = "11111111-2222-4333-8444-555555555555"
OLD, NEW = new_key(), new_key()
BEFORE, BOTH, AFTER = Sealer.of(OLD), Sealer.of(NEW, OLD), Sealer.of(NEW)
REST = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20)


def content(sealer: Sealer = BEFORE, comment: str = "", end: str = "\n") -> str:
    password = sealer.seal("hunter2", Purpose.VNC_PASSWORD, WEB)
    session = sealer.seal("OpaqueRef", Purpose.TUNNEL_SESSION, XEN)
    return end.join(
        [
            f"# {comment}",
            "[[vm]]",
            f'uuid   =  "{WEB.upper()}"  # {comment}',
            f'password_sealed="{password}"#{comment}',
            "",
            "[[vm]]",
            f"tunnel_session_sealed = '{session}'",
            f"uuid = '{XEN}'",
            "[[vm]]",
            'password = "in the clear"',
        ]
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "inventory.toml"
    path.write_text(content())
    return path


def test_all_secrets_are_found_and_none_is_shown(path: Path) -> None:
    found = inventory_secrets(path)
    assert {(secret.vm_uuid, secret.key_id) for secret in found} == {
        (WEB, OLD.id),
        (XEN, OLD.id),
        ("None", ""),
    }
    assert "in the clear" not in repr(found)


@given(comment=REST, end=st.sampled_from(["\n", "\r\n"]))
def test_all_else_stays_as_it_is(comment: str, end: str, tmp_path_factory: object) -> None:
    assert isinstance(tmp_path_factory, pytest.TempPathFactory)
    path = tmp_path_factory.mktemp("inventory") / "inventory.toml"
    before = content(comment=comment, end=end)
    path.write_bytes(before.encode())
    assert reseal_inventory(path, BOTH) == {Purpose.VNC_PASSWORD: 1, Purpose.TUNNEL_SESSION: 1}
    after = path.read_bytes().decode()
    password, session, _ = inventory_secrets(path)
    assert AFTER.unseal(password.text, password.purpose, WEB) == "hunter2"
    assert AFTER.unseal(session.text, session.purpose, XEN) == "OpaqueRef"
    for old in (vm.get("password_sealed") for vm in tomllib.loads(before)["vm"]):
        after = after.replace(password.text, old) if old else after
    for old in (vm.get("tunnel_session_sealed") for vm in tomllib.loads(before)["vm"]):
        after = after.replace(session.text, old) if old else after
    assert after == before


def test_once_is_enough(path: Path) -> None:
    reseal_inventory(path, BOTH)
    before = path.read_bytes(), path.stat().st_ino
    assert reseal_inventory(path, BOTH) == {}
    assert (path.read_bytes(), path.stat().st_ino) == before


def test_mode_stays(path: Path) -> None:
    path.chmod(0o640)
    reseal_inventory(path, BOTH)
    assert path.stat().st_mode & 0o777 == 0o640
    assert os.listdir(path.parent) == [path.name]


@pytest.mark.parametrize("wrong", ["key", "vm"])
def test_one_that_does_not_open_leaves_all_as_it_was(path: Path, wrong: str) -> None:
    if wrong == "vm":
        path.write_text(content().replace(XEN, "22222222-2222-4333-8444-555555555555"))
    before = path.read_text()
    with pytest.raises(SecretUnreadable, match=r"inventory\.toml: vm [0-9a-f-]{36}: a "):
        reseal_inventory(path, AFTER if wrong == "key" else BOTH)
    assert path.read_text() == before


def test_one_that_is_not_written_out_is_refused(path: Path) -> None:
    before = content().replace('"sealed:', '"\\u0073ealed:')
    path.write_text(before)
    with pytest.raises(SettingsInvalid, match="write what is sealed on one line"):
        reseal_inventory(path, BOTH)
    assert path.read_text() == before


@pytest.mark.parametrize("found", [b"[[vm", b"\xff", None])
def test_what_is_no_inventory_is_refused(tmp_path: Path, found: bytes | None) -> None:
    path = tmp_path / "inventory.toml"
    if found is not None:
        path.write_bytes(found)
    with pytest.raises(SettingsInvalid, match=r"inventory\.toml: "):
        inventory_secrets(path)


@pytest.mark.parametrize("found", ["", "vm = 1", "vm = [1]", "[[vm]]\npassword = 1"])
def test_what_holds_none_has_none(tmp_path: Path, found: str) -> None:
    path = tmp_path / "inventory.toml"
    path.write_text(found)
    assert inventory_secrets(path) == ()


def test_sealed_secrets_are_opened() -> None:
    tables = tomllib.loads(content())["vm"]
    assert opened(tables[0], BOTH) == ({"uuid": WEB.upper(), "password": "hunter2"}, [])
    assert opened(tables[1], BOTH) == ({"uuid": XEN, "tunnel_session": "OpaqueRef"}, [])
    assert opened(tables[2], None) == (tables[2], [])


def test_what_does_not_open_is_said() -> None:
    sealed = BEFORE.seal("hunter2", Purpose.VNC_PASSWORD, WEB)
    for table, sealer, expected in (
        ({"uuid": XEN, "password_sealed": sealed}, BEFORE, "is another row's"),
        ({"uuid": WEB, "password_sealed": sealed}, AFTER, f"under key {OLD.id}"),
        ({"uuid": WEB, "password_sealed": sealed}, None, "cannot be opened"),
        ({"uuid": WEB, "password_sealed": 1}, BEFORE, "consoleproxy secrets seal"),
        ({"uuid": WEB, "password_sealed": sealed, "password": "x"}, BEFORE, "both given"),
    ):
        found, (problem,) = opened(table, sealer)
        assert expected in problem
        assert "password_sealed" not in found
