"""``consoleproxy keystore``: check what is to be served, or make a keystore for development."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from consoleproxy.errors import KeystoreInvalid
from consoleproxy.keystore.development import DevelopmentPki, make_development_pki
from consoleproxy.keystore.model import Keystore, certificate_name, name_text
from consoleproxy.keystore.pem import load_keystore
from consoleproxy.keystore.validity import check_keystore, hosts_text
from consoleproxy.names.console_host import check_url_domain, is_host_name


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``keystore check`` and ``keystore dev`` to the program's commands."""
    parser = subparsers.add_parser("keystore", help="check or make TLS keys and certificates")
    actions = parser.add_subparsers(required=True, metavar="ACTION")

    check = actions.add_parser("check", help="say whether these files make a keystore, or why not")
    check.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="PEM file, or a folder of them: key, server certificate, intermediates, root; or a"
        " Java keystore, or PKCS#12",
    )
    check.add_argument(
        "--password-file",
        type=Path,
        metavar="FILE",
        help="file whose first line is the password of a Java keystore or of PKCS#12",
    )
    check.add_argument(
        "--domain", default="", help="consoleproxy.url.domain that it must cover, e.g. *.dom.org"
    )
    check.set_defaults(run=run_check)

    dev = actions.add_parser(
        "dev", help="make a development root, intermediate and wildcard certificate"
    )
    dev.add_argument("--domain", required=True, help="domain of the proxies' names, without *.")
    dev.add_argument("--out", type=Path, default=Path("certs"), help="folder (default: certs)")
    dev.add_argument("--force", action="store_true", help="replace the files of an earlier run")
    dev.set_defaults(run=run_dev)


def run_check(args: argparse.Namespace) -> int:
    """Print chain and warnings.

    Raises:
        KeystoreInvalid, SettingsInvalid: the fault.
    """
    domain = check_url_domain(args.domain)
    keystore = load_keystore(args.files, _password(args.password_file))
    warnings = check_keystore(keystore, datetime.now(UTC), domain)
    for line in _chain_lines(keystore):
        print(line)
    for warning in warnings:
        print(f"warning: {warning}")
    print(f"The keystore is good{f' for {domain}' if domain else ''}.")
    return 0


def run_dev(args: argparse.Namespace) -> int:
    """Write the files and print what to do with them.

    Raises:
        KeystoreInvalid: the domain is none, or the files cannot be written.
    """
    domain = str(args.domain).removeprefix("*.")
    if not is_host_name(domain):
        raise KeystoreInvalid(
            f"--domain {args.domain!r} is not a domain: give a name such as console.test"
        )
    pki = make_development_pki(domain, args.out, datetime.now(UTC), overwrite=args.force)
    print(_next_steps(domain, args.out, pki))
    return 0


def _password(file: Path | None) -> str:
    if file is None:
        return ""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        raise KeystoreInvalid(f"{file} is not UTF-8 text: write the password to it") from None
    except OSError as error:
        raise KeystoreInvalid(f"{file} cannot be read: {error.strerror}") from error
    if not lines or not lines[0]:
        raise KeystoreInvalid(f"the first line of {file} is empty: write the password to it")
    return lines[0]


def _chain_lines(keystore: Keystore) -> list[str]:
    rows = [
        ("server certificate", keystore.certificate),
        *(("intermediate", certificate) for certificate in keystore.intermediates),
        *(("root, not sent", certificate) for certificate in keystore.roots),
    ]
    lines = [
        f"{f'{role}:':<20}{certificate_name(certificate)}"
        f" (until {certificate.not_valid_after_utc:%Y-%m-%d})"
        for role, certificate in rows
    ]
    lines.insert(1, f"{'for:':<20}{hosts_text(keystore.certificate)}")
    top = rows[-1][1]
    if top.issuer != top.subject:
        lines.append(f"{'root, not given:':<20}{name_text(top.issuer)}, which browsers must know")
    return lines


def _next_steps(domain: str, folder: Path, pki: DevelopmentPki) -> str:
    return f"""\
{pki.root}
{pki.intermediate}
{pki.certificate}
{pki.private_key}

Next:
1. Trust the root {pki.root} in the browser. Debian: certutil -d sql:$HOME/.pki/nssdb -A -t C,, \
-n "consoleproxy development" -i {pki.root}
   (Chromium); Firefox: Settings, Certificates, Authorities, Import. The authorities' keys were
   not kept, so nobody can issue more certificates under this root.
2. Set   consoleproxy.sslEnabled=true
         consoleproxy.url.domain=*.{domain}
         consoleproxy.keystore.path={folder}
   and restart; viewer and console are then on port 8443.
3. Make the proxy's name resolve: 127.0.0.1 is 127-0-0-1.{domain}, e.g. in /etc/hosts.
4. When done, remove these files, and the root from the browser: none of this is for production."""
