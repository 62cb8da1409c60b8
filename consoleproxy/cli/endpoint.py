"""``consoleproxy endpoint``: look into a console token, or make one."""

import argparse
import json
import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from consoleproxy.endpoint import cloudstack, jwt
from consoleproxy.endpoint.cloudstack import EncryptionKeys
from consoleproxy.endpoint.codec import TokenCodec
from consoleproxy.endpoint.document import SECRET_FIELDS, to_document
from consoleproxy.endpoint.jwt import JwtKeys
from consoleproxy.endpoint.jwt_keys import parse_sealing_key
from consoleproxy.endpoint.model import ConsoleEndpoint
from consoleproxy.endpoint.query import parse_console_query
from consoleproxy.errors import HypervisorUnreachable, SettingsInvalid
from consoleproxy.hypervisor.target import choose_target
from consoleproxy.names.console_url import console_url

_STDIN = "-"
_SECRET_FILES = (
    "--password-file",
    "--extra-file",
    "--tunnel-session-file",
    "--websocket-url-file",
)


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``endpoint inspect`` and ``endpoint create`` to the program's commands."""
    parser = subparsers.add_parser("endpoint", help="look into a console token, or make one")
    actions = parser.add_subparsers(required=True, metavar="ACTION")

    inspect = actions.add_parser("inspect", help="print what a token holds, without its secrets")
    inspect.add_argument(
        "token", metavar="TOKEN", help="- reads it from standard input; -- goes before one with a -"
    )
    _add_key_options(inspect)
    inspect.set_defaults(run=run_inspect)

    create = actions.add_parser(
        "create",
        help="make a token for a proxy that asks no management server (it has no ticket)",
    )
    create.add_argument(
        "--host", default="", help="the VNC server's name or address, or unix:/path of its socket"
    )
    create.add_argument("--port", default=0, type=int, help="the VNC server's port")
    create.add_argument("--tunnel-url", default="", help="XenServer's console URL")
    create.add_argument("--tunnel-session-file", default="", help="file with XenServer's session")
    create.add_argument(
        "--websocket-url-file", default="", help="file with VMware's wss:// URL, which is a secret"
    )
    create.add_argument("--username", default="", help="where the VNC server asks for one")
    create.add_argument(
        "--instance-name",
        default="",
        help="what the hypervisor calls the VM; another one's screen is not shown (JWT only)",
    )
    create.add_argument("--vm-uuid", required=True)
    create.add_argument("--session-uuid", default="", help="default: a new one")
    create.add_argument("--display-name", default="", help="title of the viewer")
    create.add_argument(
        "--password-file", default="", help="file with the VNC password; - is standard input"
    )
    create.add_argument(
        "--extra-file", default="", help="file with the extra value; - is standard input"
    )
    create.add_argument("--source-ip", default="", help="address that the browser must have")
    create.add_argument("--locale", default="", help="keyboard of the guest, e.g. jp")
    create.add_argument(
        "--form",
        choices=("gcm", "cbc"),
        default="gcm",
        help="of a CloudStack token; cbc for proxies that know nothing newer (default: gcm)",
    )
    create.add_argument(
        "--lifetime", type=int, default=60, help="of a JWT, in seconds (default: 60)"
    )
    create.add_argument(
        "--url-base",
        default="",
        help="print the console URL instead, e.g. https://192-0-2-10.console.example:8443",
    )
    _add_key_options(create)
    create.set_defaults(run=run_create)


def run_inspect(args: argparse.Namespace) -> int:
    """Print one JSON object with CloudStack's field names.

    Raises:
        TokenMissing, TokenInvalid: the keys do not open it.
        SettingsInvalid: a key cannot be used.
    """
    codec = TokenCodec(_cloudstack_keys(args), _jwt_keys(args))
    if codec.cloudstack_keys is None and codec.jwt_keys is None:
        raise SettingsInvalid(["no key to open it with: give --key-file, or --jwt-algorithm"])
    text = _standard_input() if args.token == _STDIN else args.token
    # As if it came in a URL, where its "+", "/" and "=" may be percent-encoded.
    endpoint = codec.decode(parse_console_query(f"token={text.strip()}").token)
    print(json.dumps(_printable(endpoint), indent=2))
    return 0


def run_create(args: argparse.Namespace) -> int:
    """Print a token, or with ``--url-base`` the console URL.

    Raises:
        SettingsInvalid: a key cannot be used, or a value cannot be in a token.
    """
    cloudstack_keys, jwt_keys = _cloudstack_keys(args), _jwt_keys(args)
    endpoint = _endpoint(args)
    if cloudstack_keys is not None and jwt_keys is None:
        if endpoint.instance_name:
            raise SettingsInvalid(["--instance-name: CloudStack's tokens cannot carry it"])
        token = cloudstack.encode(endpoint, cloudstack_keys, form=args.form)
    elif jwt_keys is not None and cloudstack_keys is None:
        token = jwt.encode(endpoint, jwt_keys, datetime.now(UTC).timestamp(), args.lifetime)
    else:
        raise SettingsInvalid(["which form? give either --key-file, or --jwt-algorithm"])
    print(_url(args.url_base, token, endpoint) if args.url_base else token)
    return 0


def _add_key_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--key-file",
        default="",
        help="CloudStack's pair of key and IV: consoleproxy.token.key.file",
    )
    parser.add_argument("--jwt-algorithm", default="", help="consoleproxy.token.jwt.algorithm")
    parser.add_argument("--jwt-key-file", default="", help="consoleproxy.token.jwt.key.file")
    parser.add_argument(
        "--jwt-sealing-key-file", default="", help="consoleproxy.token.jwt.sealing.key.file"
    )
    parser.add_argument(
        "--jwt-audience", default="consoleproxy", help="consoleproxy.token.jwt.audience"
    )


def _cloudstack_keys(args: argparse.Namespace) -> EncryptionKeys | None:
    if not args.key_file:
        return None
    return EncryptionKeys.parse(_read("--key-file", args.key_file))


def _jwt_keys(args: argparse.Namespace) -> JwtKeys | None:
    if not args.jwt_algorithm:
        return None
    return JwtKeys(
        algorithm=args.jwt_algorithm,
        key=_read("--jwt-key-file", args.jwt_key_file),
        sealing_key=parse_sealing_key(_read("--jwt-sealing-key-file", args.jwt_sealing_key_file)),
        audience=args.jwt_audience,
    )


def _endpoint(args: argparse.Namespace) -> ConsoleEndpoint:
    files = {
        option: getattr(args, option.removeprefix("--").replace("-", "_"))
        for option in _SECRET_FILES
    }
    from_stdin = [option for option, path in files.items() if path == _STDIN]
    if len(from_stdin) > 1:
        raise SettingsInvalid([f"{' and '.join(from_stdin)} cannot all be standard input"])
    secrets = {option: _secret(option, path) for option, path in files.items()}
    endpoint = ConsoleEndpoint(
        session_uuid=args.session_uuid or str(uuid.uuid4()),
        vm_uuid=args.vm_uuid,
        display_name=args.display_name,
        host=args.host,
        port=args.port,
        username=args.username,
        password=secrets["--password-file"],
        tunnel_url=args.tunnel_url,
        tunnel_session=secrets["--tunnel-session-file"],
        websocket_url=secrets["--websocket-url-file"],
        instance_name=args.instance_name,
        locale=args.locale,
        source_ip=args.source_ip,
        extra=secrets["--extra-file"],
    )
    try:
        choose_target(
            host=endpoint.host,
            port=endpoint.port,
            tunnel_url=endpoint.tunnel_url,
            tunnel_session=endpoint.tunnel_session,
            websocket_url=endpoint.websocket_url,
            hyperv_host=endpoint.hyperv_host,
        )
    except HypervisorUnreachable as fault:
        raise SettingsInvalid([f"no way to the screen: {fault}"]) from None
    return endpoint


def _secret(option: str, path: str) -> str:
    """Return a file's text without the line's end; empty where no file is given."""
    if not path:
        return ""
    text = _standard_input() if path == _STDIN else _read(option, path)
    return text.rstrip("\r\n")


def _standard_input() -> str:
    try:
        return sys.stdin.read()
    except UnicodeDecodeError:
        raise SettingsInvalid(["standard input: not a text in UTF-8"]) from None


def _read(option: str, path: str) -> str:
    if not path:
        raise SettingsInvalid([f"{option} is missing"])
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsInvalid([f"{option} {path}: {error.strerror}"]) from error
    except UnicodeDecodeError:
        raise SettingsInvalid([f"{option} {path}: not a text in UTF-8"]) from None


def _printable(endpoint: ConsoleEndpoint) -> dict[str, str | int | bool | float]:
    document: dict[str, str | int | bool | float] = {
        name: "***" if name in SECRET_FIELDS else value
        for name, value in to_document(endpoint).items()
    }
    if endpoint.not_before is not None:
        document["nbf"] = endpoint.not_before
    if endpoint.expires_at is not None:
        document["exp"] = endpoint.expires_at
    return document


def _url(base: str, token: str, endpoint: ConsoleEndpoint) -> str:
    try:
        parts = urlsplit(base)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
        raise SettingsInvalid([f"--url-base {base!r} is not like https://host:8443"])
    tls = parts.scheme == "https"
    return console_url(
        parts.hostname,
        port or (443 if tls else 80),
        tls,
        token,
        endpoint.extra,
        endpoint.locale,
    )
