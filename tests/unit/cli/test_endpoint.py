import base64
import io
import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from consoleproxy.cli.entry import main
from consoleproxy.endpoint.codec import TokenCodec
from consoleproxy.endpoint.jwt import encode as encode_jwt
from consoleproxy.endpoint.model import ConsoleEndpoint
from consoleproxy.endpoint.query import parse_console_query
from tests.unit.endpoint.samples import (
    ENDPOINT,
    JWT_KEYS,
    KEYS,
    SEALING_KEY,
    SECRET,
    Vector,
    vectors,
)

Output = pytest.CaptureFixture[str]
TOKEN, CBC_TOKEN = vectors()[0].token, vectors()[1].token
SEALING_EMPTY = ["--jwt-sealing-key-file", "empty"]
TARGET = ["--host", "192.0.2.9", "--port", "5901", "--vm-uuid", "vm"]


@pytest.fixture
def cloudstack_options(tmp_path: Path) -> list[str]:
    file = tmp_path / "keys.json"
    file.write_text(KEYS.to_json() + "\n")
    return ["--key-file", str(file)]


@pytest.fixture
def jwt_options(tmp_path: Path) -> list[str]:
    key, sealing = tmp_path / "secret", tmp_path / "sealing"
    key.write_text(SECRET + "\n")
    sealing.write_text(base64.b64encode(SEALING_KEY).decode("ascii") + "\n")
    options = ["--jwt-algorithm", "HS256", "--jwt-key-file", str(key)]
    return [*options, "--jwt-sealing-key-file", str(sealing)]


def give(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def created(options: list[str], capsys: Output) -> ConsoleEndpoint:
    assert main(["endpoint", "create", *TARGET, *options]) == 0
    token = capsys.readouterr().out
    assert token.count("\n") == 1
    return TokenCodec(KEYS, JWT_KEYS).decode(token.strip())


@pytest.mark.parametrize(
    "token",
    [TOKEN, TOKEN.rstrip("="), CBC_TOKEN, TOKEN.replace("+", "%2B").replace("=", "%3D")],
    ids=["gcm", "lost padding", "cbc", "percent-encoded"],
)
def test_inspect_shows_no_secret(token: str, cloudstack_options: list[str], capsys: Output) -> None:
    assert main(["endpoint", "inspect", *cloudstack_options, token]) == 0
    hidden = dict.fromkeys(("clientHostPassword", "ticket", "extraSecurityToken"), "***")
    assert json.loads(capsys.readouterr().out) == {**vectors()[0].document, **hidden}


@pytest.mark.parametrize("vector", vectors(), ids=lambda vector: vector.name)
def test_inspect_hides_every_kind_of_secret(
    vector: Vector, cloudstack_options: list[str], capsys: Output
) -> None:
    assert main(["endpoint", "inspect", *cloudstack_options, vector.token]) == 0
    shown = capsys.readouterr().out
    for secret in ("s3cr", "s3same", "$$+w", "OpaqueRef", "/9f", '"pw"', "dGlja2V0", "a+b/c"):
        assert secret not in shown


def test_inspect_reads_standard_input(
    cloudstack_options: list[str], capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(monkeypatch, f"{TOKEN}\n")
    assert main(["endpoint", "inspect", *cloudstack_options, "-"]) == 0
    assert json.loads(capsys.readouterr().out)["clientTag"] == ENDPOINT.vm_uuid


@pytest.mark.parametrize(
    "command",
    [["inspect", "-"], ["create", *TARGET, "--password-file", "-"]],
    ids=["inspect", "create"],
)
def test_standard_input_that_is_no_text(
    command: list[str],
    cloudstack_options: list[str],
    capsys: Output,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\xff"), encoding="utf-8"))
    assert main(["endpoint", *command, *cloudstack_options]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert "standard input: not a text in UTF-8" in output.err


def test_inspect_of_a_jwt_shows_its_times(jwt_options: list[str], capsys: Output) -> None:
    token = encode_jwt(ENDPOINT, JWT_KEYS, 1000, 60)
    assert main(["endpoint", "inspect", *jwt_options, token]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["nbf"], shown["exp"], shown["clientHostPassword"]) == (1000, 1060, "***")
    assert main(["endpoint", "inspect", *jwt_options, "--jwt-audience", "x", token]) == 2
    assert "InvalidAudienceError" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("token", "fault"),
    [
        (TOKEN[:-8], "not one that this proxy's CloudStack keys open"),
        ("a.b.c", "the token is a JWT"),
        ("", "no console token"),
        ("x&token=y", "token twice"),
    ],
)
def test_a_bad_token(token: str, fault: str, cloudstack_options: list[str], capsys: Output) -> None:
    assert main(["endpoint", "inspect", *cloudstack_options, token]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert fault in output.err


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ([], "give --key-file, or --jwt-algorithm"),
        (["--key-file", "missing"], "--key-file missing: No such file"),
        (["--key-file", "binary"], "not a text in UTF-8"),
        (["--key-file", "empty"], "not CloudStack's pair"),
        (["--jwt-algorithm", "HS256"], "--jwt-key-file is missing"),
        (
            ["--jwt-algorithm", "HS256", "--jwt-key-file", "empty", *SEALING_EMPTY],
            "must hold 32 bytes",
        ),
    ],
)
def test_bad_keys(
    options: list[str],
    fault: str,
    tmp_path: Path,
    capsys: Output,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty").touch()
    Path("binary").write_bytes(b"\xff\xfe")
    assert main(["endpoint", "inspect", *options, TOKEN]) == 2
    assert fault in capsys.readouterr().err


@pytest.mark.parametrize("form", ["gcm", "cbc"])
def test_create(form: str, cloudstack_options: list[str], capsys: Output) -> None:
    texts = ["--display-name", "web 01", "--source-ip", "203.0.113.7", "--session-uuid", "s"]
    endpoint = created([*cloudstack_options, *texts, "--form", form], capsys)
    assert endpoint == ConsoleEndpoint(
        session_uuid="s",
        vm_uuid="vm",
        host="192.0.2.9",
        port=5901,
        display_name="web 01",
        source_ip="203.0.113.7",
    )


def test_create_makes_a_new_session_each_time(
    cloudstack_options: list[str], capsys: Output
) -> None:
    sessions = {created(cloudstack_options, capsys).session_uuid for _ in range(3)}
    assert len(sessions) == 3


def test_create_takes_secrets_from_files(
    cloudstack_options: list[str],
    tmp_path: Path,
    capsys: Output,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    extra = tmp_path / "extra"
    extra.write_text("s3 cret\r\n")
    give(monkeypatch, " pass word \n")
    files = ["--password-file", "-", "--extra-file", str(extra)]
    endpoint = created([*cloudstack_options, *files], capsys)
    assert (endpoint.password, endpoint.extra) == (" pass word ", "s3 cret")


def test_create_a_jwt(jwt_options: list[str], capsys: Output) -> None:
    endpoint = created([*jwt_options, "--lifetime", "90"], capsys)
    assert endpoint.expires_at is not None
    assert endpoint.not_before is not None
    assert endpoint.expires_at - endpoint.not_before == 90


@pytest.mark.parametrize(
    ("base", "start"),
    [
        ("https://proxy.test:8443", "https://proxy.test:8443/resource/noVNC/vnc.html?"),
        ("http://192.0.2.1:8080/", "http://192.0.2.1:8080/resource/noVNC/vnc.html?"),
        ("https://[2001:db8::1]", "https://[2001:db8::1]/resource/noVNC/vnc.html?"),
    ],
)
def test_create_a_url(
    base: str,
    start: str,
    cloudstack_options: list[str],
    tmp_path: Path,
    capsys: Output,
) -> None:
    extra = tmp_path / "extra"
    extra.write_text("50% & more")
    options = [*cloudstack_options, "--extra-file", str(extra), "--locale", "jp"]
    assert main(["endpoint", "create", *TARGET, *options, "--url-base", base]) == 0
    url = capsys.readouterr().out.strip()
    assert url.startswith(start)
    assert url.endswith("&language=jp")
    query = parse_console_query(urlsplit(url).query)
    assert query.extra == TokenCodec(KEYS, None).decode(query.token).extra == "50% & more"


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        (["--port", "70000"], "no usable address"),
        (["--host", "unix:relative"], "not the absolute path of a unix socket"),
        (["--instance-name", "i-2-3-VM"], "CloudStack's tokens cannot carry it"),
        (["--vm-uuid", "a b"], "clientTag is missing, too long"),
        (["--password-file", "-", "--extra-file", "-"], "cannot all be standard input"),
        (["--password-file", "missing"], "--password-file missing: No such file"),
        (["--url-base", "proxy.test"], "is not like https://host:8443"),
        (["--url-base", "https://proxy.test:x"], "is not like https://host:8443"),
        (["--url-base", "https://proxy.test/path"], "is not like https://host:8443"),
    ],
)
def test_create_says_what_is_wrong(
    options: list[str],
    fault: str,
    cloudstack_options: list[str],
    tmp_path: Path,
    capsys: Output,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["endpoint", "create", *TARGET, *cloudstack_options, *options]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert fault in output.err


def test_create_for_every_way_to_a_screen(
    jwt_options: list[str], tmp_path: Path, capsys: Output
) -> None:
    (tmp_path / "ticket").write_text("wss://esx.test/ticket/secret\n")
    (tmp_path / "session").write_text("OpaqueRef:1\n")
    assert created([*jwt_options, "--host", "unix:/run/vnc.sock"], capsys).host == (
        "unix:/run/vnc.sock"
    )
    tunnel = ["--tunnel-url", "https://xen.test/console?ref=OpaqueRef:2"]
    tunnel += ["--tunnel-session-file", str(tmp_path / "session")]
    endpoint = created([*jwt_options, *tunnel], capsys)
    assert endpoint.tunnel_url == "https://xen.test/console?ref=OpaqueRef:2"
    assert endpoint.tunnel_session == "OpaqueRef:1"
    ticket = ["--websocket-url-file", str(tmp_path / "ticket")]
    endpoint = created([*jwt_options, *ticket, "--instance-name", "i-2-3-VM"], capsys)
    assert endpoint.websocket_url == "wss://esx.test/ticket/secret"
    assert endpoint.instance_name == "i-2-3-VM"


def test_create_needs_one_form(
    cloudstack_options: list[str], jwt_options: list[str], capsys: Output
) -> None:
    for options in ([], [*cloudstack_options, *jwt_options]):
        assert main(["endpoint", "create", *TARGET, *options]) == 2
        assert "give either --key-file, or --jwt-algorithm" in capsys.readouterr().err
