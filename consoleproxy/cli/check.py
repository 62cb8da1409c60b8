"""``consoleproxy check``: preflight for an operator; one line a thing, with what to do."""

import argparse
import asyncio
import datetime
import ipaddress
import socket
from collections.abc import Iterator
from dataclasses import dataclass

from consoleproxy.cli.cpvm import proxy_name
from consoleproxy.cli.door import Door
from consoleproxy.cli.reach import reach_from
from consoleproxy.cli.running import add_settings_arguments, settings_from
from consoleproxy.cli.sealing import sealer_of
from consoleproxy.cli.started import differences, settings_over_the_api
from consoleproxy.errors import KeystoreInvalid, ManagementUnavailable, SettingsInvalid
from consoleproxy.keystore.model import Keystore
from consoleproxy.keystore.pem import parse_keystore
from consoleproxy.keystore.port import ConsolePort
from consoleproxy.keystore.validity import check_keystore
from consoleproxy.management.channel.client import ManagementClient
from consoleproxy.names.console_host import console_host
from consoleproxy.settings import Settings


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look showed, and what to do if it is not good."""

    good: bool
    text: str

    def __str__(self) -> str:
        return f"{'ok  ' if self.good else 'FAIL'}  {self.text}"


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "check", help="look at settings, keystore, ports, names and management before serving"
    )
    add_settings_arguments(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the findings; 1 if any of them is not good."""
    findings = list(_findings(settings_from(args).settings))
    for finding in findings:
        print(finding)
    return 0 if all(finding.good for finding in findings) else 1


def _findings(own: Settings) -> Iterator[Finding]:
    yield Finding(True, "settings: every value can be used")
    settings, management = _management(own)
    for difference in differences(own, settings):
        yield Finding(True, f"settings: {difference}")
    door, keystore = Door(settings), None
    where = settings.keystore_path
    try:
        keystore = door.first_keystore()
        if keystore is None and settings.ssl_enabled and management.good:
            where = "the management server's"
            keystore = _handed_over(settings)
        if keystore is not None:
            now = datetime.datetime.now(datetime.UTC)
            for warning in check_keystore(keystore, now, settings.url_domain):
                yield Finding(True, f"keystore: {warning}")
            yield Finding(True, f"keystore: {where} can be used")
    except (KeystoreInvalid, ManagementUnavailable) as fault:
        yield Finding(False, f"keystore: {where}: {fault}")
    yield _tls(settings, door.port(keystore))
    for number in door.ports(keystore):
        yield free_port(settings.listen_address, number)
    yield free_port(settings.admin_address, settings.admin_port)
    yield from reach_findings(settings)
    yield _name(settings)
    yield from _sealing(settings)
    yield management


def _tls(settings: Settings, port: ConsolePort) -> Finding:
    number = settings.port or port.port
    if port.tls:
        return Finding(True, f"TLS: on, port {number}")
    return Finding(not settings.ssl_enabled, f"TLS: off, port {number}: {port.reason}")


def free_port(address: str, number: int) -> Finding:
    """Say whether this port can be listened on."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, number))
        except OSError as error:
            return Finding(
                False,
                f"port: {address} port {number} cannot be had: {error.strerror}; end what "
                "listens there, or set another address or port",
            )
    return Finding(True, f"port: {address} port {number} is free")


def reach_findings(settings: Settings) -> Iterator[Finding]:
    """Say whether the settings of the way to hypervisors can be used."""
    try:
        reach_from(settings)
    except SettingsInvalid as fault:
        for problem in fault.problems:
            yield Finding(False, f"hypervisors: {problem}")
        return
    where = settings.hypervisor_allowed or "any address that is not special"
    yield Finding(
        True,
        f"hypervisors: may be at {where}, encryption {settings.hypervisor_encryption}, trusted by "
        f"{settings.hypervisor_tls_ca_file or 'the system'}",
    )


def _name(settings: Settings) -> Finding:
    try:
        host = console_host(settings.public_address, settings.url_domain)
        found = {entry[4][0] for entry in socket.getaddrinfo(host, None)}
    except SettingsInvalid as fault:
        return Finding(False, f"name: {fault}")
    except OSError as error:
        return Finding(
            False,
            f"name: {host} does not resolve ({error.strerror}); add it to your DNS, with the "
            f"address {settings.public_address}",
        )
    if _is_address(settings.public_address) and settings.public_address not in found:
        return Finding(
            False,
            f"name: {host} resolves to {', '.join(map(str, sorted(found, key=str)))} and not to "
            f"{settings.public_address}; this is right only behind a load balancer",
        )
    return Finding(True, f"name: {host} resolves")


def _sealing(settings: Settings) -> Iterator[Finding]:
    if not settings.manage_encryption_key_file and not settings.manage_encryption_key:
        return
    try:
        key = sealer_of(settings).ring.keys[0]
    except SettingsInvalid as fault:
        yield Finding(False, f"secrets at rest: {fault}")
    else:
        yield Finding(True, f"secrets at rest: key {key.id} seals")


def _management(own: Settings) -> tuple[Settings, Finding]:
    """Ask the management server as ``serve`` does; return what this proxy is to start with, too."""
    url = own.management_url
    if not url:
        return own, Finding(True, "management: none is set, tokens alone decide")
    if not own.management_secret:
        return own, Finding(False, "management: consoleproxy.management.secret is empty; set it")
    try:
        settings = settings_over_the_api(own, proxy_name(own))
    except ManagementUnavailable as error:
        return own, Finding(False, f"management: {error}; is consoleproxy manage running there?")
    return settings, Finding(True, f"management: {url} answers and takes the secret")


def _handed_over(settings: Settings) -> Keystore | None:
    """Return the management server's keystore, which counts where there are no files."""
    if not settings.management_url:
        return None

    async def ask() -> bytes:
        client = ManagementClient(
            settings.management_url, settings.management_secret, proxy_name(settings)
        )
        try:
            return await client.keystore()
        finally:
            client.close()

    pem = asyncio.run(ask())
    return parse_keystore([("the management server's keystore", pem)]) if pem else None


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
