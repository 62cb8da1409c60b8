import stat
from pathlib import Path

import pytest

from consoleproxy.cli.entry import main
from tests.unit.keystore.authority import issue, make_chain
from tests.unit.keystore.stores import PASSWORD, jks_of, pkcs12_of

Output = pytest.CaptureFixture[str]


def test_a_development_keystore_passes_its_own_check(tmp_path: Path, capsys: Output) -> None:
    folder = tmp_path / "certs"
    assert main(["keystore", "dev", "--domain", "console.test", "--out", str(folder)]) == 0
    said = capsys.readouterr().out
    for expected in (
        f"Trust the root {folder / 'root.pem'} in the browser",
        "consoleproxy.sslEnabled=true",
        "consoleproxy.url.domain=*.console.test",
        f"consoleproxy.keystore.path={folder}",
    ):
        assert expected in said
    assert stat.S_IMODE((folder / "server.key").stat().st_mode) == 0o600

    assert main(["keystore", "check", str(folder), "--domain", "*.console.test"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("server certificate: CN=consoleproxy development server (until ")
    assert lines[1].split() == [
        *("for:", "*.console.test,", "console.test,", "localhost,", "127.0.0.1,", "::1"),
    ]
    assert lines[2].startswith("intermediate:       CN=consoleproxy development intermediate")
    assert lines[3].startswith("root, not sent:     CN=consoleproxy development root")
    assert lines[4:] == ["The keystore is good for *.console.test."]


def test_a_chain_without_its_root_names_the_root(tmp_path: Path, capsys: Output) -> None:
    file = tmp_path / "all.pem"
    file.write_bytes(b"".join(make_chain().pems[:-1]))
    assert main(["keystore", "check", str(file)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "root, not given:    CN=Root, which browsers must know" in lines
    assert lines[-1] == "The keystore is good."


def test_warnings_are_printed_and_pass(tmp_path: Path, capsys: Output) -> None:
    alone = issue("alone", hosts=["a.test"])
    file = tmp_path / "all.pem"
    file.write_bytes(alone.key_pem + alone.pem)
    assert main(["keystore", "check", str(file)]) == 0
    assert "warning: the certificate is self-signed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("domain", "fault"),
    [
        ("*.other.test", "does not cover *.other.test"),
        ("https://x", "consoleproxy.url.domain='https://x' is not a host name"),
    ],
)
def test_a_fault_is_on_standard_error_with_status_2(
    tmp_path: Path, capsys: Output, domain: str, fault: str
) -> None:
    file = tmp_path / "all.pem"
    file.write_bytes(b"".join(make_chain().pems))
    assert main(["keystore", "check", str(file), "--domain", domain]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert fault in output.err
    assert output.err.count("\n") == 1


def test_files_are_replaced_only_by_force(tmp_path: Path, capsys: Output) -> None:
    command = ["keystore", "dev", "--domain", "console.test", "--out", str(tmp_path)]
    assert main(command) == 0
    first = (tmp_path / "server.key").read_bytes()
    assert main(command) == 2
    assert "--force" in capsys.readouterr().err
    assert (tmp_path / "server.key").read_bytes() == first
    assert main([*command, "--force"]) == 0
    assert (tmp_path / "server.key").read_bytes() != first


def test_a_wildcard_given_as_domain_is_understood(tmp_path: Path, capsys: Output) -> None:
    command = ["keystore", "dev", "--out", str(tmp_path), "--domain"]
    assert main([*command, "*.console.test"]) == 0
    assert "consoleproxy.url.domain=*.console.test" in capsys.readouterr().out
    assert main([*command, "not a domain"]) == 2
    assert "is not a domain" in capsys.readouterr().err


def test_stores_are_checked_with_a_password_file(tmp_path: Path, capsys: Output) -> None:
    chain = make_chain()
    secret = tmp_path / "password"
    secret.write_text(f"{PASSWORD}\n")
    for name, data in (("a.jks", jks_of(chain)), ("a.p12", pkcs12_of(chain))):
        (tmp_path / name).write_bytes(data)
        command = ["keystore", "check", str(tmp_path / name)]
        assert main([*command, "--password-file", str(secret)]) == 0
        output = capsys.readouterr().out
        assert "server certificate: CN=server" in output
        assert PASSWORD not in output
        assert main(command) == 2
        assert "--password-file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (None, "cannot be read"),
        (b"\n", "first line of"),
        (b"", "first line of"),
        (b"\xff", "UTF-8"),
    ],
)
def test_password_files_of_no_use(
    tmp_path: Path, capsys: Output, content: bytes | None, fault: str
) -> None:
    secret = tmp_path / "secret"
    if content is not None:
        secret.write_bytes(content)
    assert main(["keystore", "check", str(tmp_path), "--password-file", str(secret)]) == 2
    assert fault in capsys.readouterr().err
