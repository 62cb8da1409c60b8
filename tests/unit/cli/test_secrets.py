import io
from dataclasses import dataclass
from pathlib import Path

import pytest

from consoleproxy.cli.entry import main
from consoleproxy.management.records.hidden_values import hidden_value
from consoleproxy.management.storage.key_file import read_key_file
from consoleproxy.management.storage.sealing import Purpose, Sealer
from consoleproxy.management.storage.sealing_keys import SealingKey, key_of_secret
from consoleproxy.management.storage.sealing_start import prepare_secrets
from consoleproxy.management.storage.store import Store

VM = "d59c31a5-e4c8-454f-a9ff-432bc8910fcb"
NAME = "security.hash.key"
SECRET = "shared"


@dataclass(frozen=True)
class Place:
    """A folder with a key file and a database, and the commands in it."""

    folder: Path

    @property
    def key_file(self) -> Path:
        return self.folder / "key"

    @property
    def inventory(self) -> Path:
        return self.folder / "inventory.toml"

    @property
    def keys(self) -> tuple[SealingKey, ...]:
        return read_key_file(self.key_file, "key")

    def run(self, *words: str, key_file: bool = True) -> int:
        settings = {
            "consoleproxy.management.secret": SECRET,
            "consoleproxy.manage.database": str(self.folder / "management.db"),
            "consoleproxy.manage.inventory": str(self.inventory),
        }
        if key_file:
            settings["consoleproxy.manage.encryption.key.file"] = str(self.key_file)
        sets = [f"--set={name}={value}" for name, value in settings.items()]
        return main(["secrets", *words, *sets])

    def stored(self, *keys: SealingKey) -> str:
        """The hidden value, made under the first key if it is not there."""
        store = Store(str(self.folder / "management.db"))
        sealer = Sealer.of(*keys)
        store.run(lambda db: prepare_secrets(db, sealer, SECRET))
        value = store.run(lambda db: hidden_value(db, NAME, sealer))
        store.close()
        return value


@pytest.fixture
def place(tmp_path: Path) -> Place:
    assert main(["secrets", "key", str(tmp_path / "key")]) == 0
    return Place(tmp_path)


def test_a_key_is_printed_or_written(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    place.key_file.unlink()
    assert main(["secrets", "key", str(place.key_file)]) == 0
    said = capsys.readouterr().out
    (first,) = place.keys
    assert f"key {first.id} seals" in said
    assert first.line() not in said
    assert main(["secrets", "key"]) == 0
    assert len(capsys.readouterr().out) == 45
    assert main(["secrets", "key", str(place.key_file)]) == 2
    assert "is there already" in capsys.readouterr().err
    assert main(["secrets", "key", "--add", str(place.key_file)]) == 0
    assert place.keys[1:] == (first,)


def test_a_password_is_sealed_for_its_machine(
    place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    capsys.readouterr()
    monkeypatch.setattr("sys.stdin", io.StringIO("hunter2 \n"))
    assert place.run("seal", "--vm", VM.upper()) == 0
    key, _, text = capsys.readouterr().out.strip().partition(" = ")
    sealer = Sealer.of(*place.keys)
    assert key == "password_sealed"
    assert sealer.unseal(text.strip('"'), Purpose.VNC_PASSWORD, VM) == "hunter2 "
    monkeypatch.setattr("sys.stdin", io.StringIO("OpaqueRef"))
    assert place.run("seal", "--tunnel-session", "--vm", VM) == 0
    key, _, text = capsys.readouterr().out.strip().partition(" = ")
    assert key == "tunnel_session_sealed"
    assert sealer.unseal(text.strip('"'), Purpose.TUNNEL_SESSION, VM) == "OpaqueRef"


def test_a_password_is_asked_for_at_a_terminal(
    place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def answer(prompt: str) -> str:
        asked.append(prompt)
        return "hunter2"

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", answer)
    assert place.run("seal", "--vm", VM) == 0
    assert asked == ["VNC password: "]
    assert "hunter2" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("vm", "text", "fault"), [("web", "a", "is not a UUID"), (VM, "\n", "there is no VNC password")]
)
def test_what_cannot_be_sealed(
    place: Place,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    vm: str,
    text: str,
    fault: str,
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    assert place.run("seal", "--vm", vm) == 2
    assert fault in capsys.readouterr().err


def test_from_the_shared_secret_to_a_key_of_its_own(
    place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    of_secret = key_of_secret(SECRET)
    value = place.stored(of_secret)
    monkeypatch.setattr("sys.stdin", io.StringIO("hunter2"))
    capsys.readouterr()
    assert place.run("seal", "--vm", VM, key_file=False) == 0
    sealed = capsys.readouterr().out
    place.inventory.write_text(f'[[vm]]\nuuid = "{VM}"\n{sealed}')
    assert place.run("rotate", "--inventory") == 0
    said = capsys.readouterr().out
    assert f"database: 1 x configuration value sealed under key {place.keys[0].id}" in said
    assert f"inventory.toml: 1 x VNC password sealed under key {place.keys[0].id}" in said
    assert place.stored(*place.keys) == value
    assert place.run("rotate", "--inventory") == 0
    assert capsys.readouterr().out.count("nothing more sealed") == 2


def test_under_the_key_of_another_file(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    value = place.stored(*place.keys)
    new = place.folder / "new"
    assert main(["secrets", "key", str(new)]) == 0
    assert place.run("rotate", "--new-key-file", str(new)) == 0
    assert "1 x configuration value" in capsys.readouterr().out
    assert place.stored(*read_key_file(new, "new")) == value
    assert place.run("check") == 1
    assert place.run("rotate") == 2


def test_check_tells_what_is_sealed_under_what(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.stored(*place.keys)
    other = key_of_secret("another")
    sealed = Sealer.of(other).seal("hunter2", Purpose.VNC_PASSWORD, VM)
    place.inventory.write_text(
        f'[[vm]]\nuuid = "{VM}"\npassword_sealed = "{sealed}"\n[[vm]]\npassword = "hunter2"\n'
    )
    capsys.readouterr()
    assert place.run("check") == 0
    (key,) = place.keys
    assert capsys.readouterr().out.splitlines() == [
        f"key {key.id} seals and opens",
        f"key {key_of_secret(SECRET).id} opens",
        f"{place.folder / 'management.db'}: last sealed under key {key.id}",
        f"  key {key.id}: 1 x configuration value",
        f"{place.inventory}:",
        "  no key: 1 x VNC password",
        f"  key {other.id}, which is not given: 1 x VNC password",
    ]


def test_no_database_is_made(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("check", "rotate"):
        assert place.run(command) == 2
        assert "there is no such file" in capsys.readouterr().err
    assert not (place.folder / "management.db").exists()


def test_check_says_where_there_is_no_secret(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.stored(*place.keys)
    place.inventory.write_text(f'[[vm]]\nuuid = "{VM}"\n')
    place.run("check")
    assert capsys.readouterr().out.splitlines()[-1] == "  no secret"
