"""Assembly of a CPVM from its settings."""

import logging
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from consoleproxy.cli.door import Door, following
from consoleproxy.cli.reach import reach_from
from consoleproxy.console.consoles import Consoles
from consoleproxy.console.model import Limits, Surroundings
from consoleproxy.endpoint.cloudstack import EncryptionKeys
from consoleproxy.endpoint.codec import TokenCodec
from consoleproxy.endpoint.jwt_keys import JwtKeys, parse_sealing_key
from consoleproxy.endpoint.policy import AccessRules
from consoleproxy.errors import SettingsInvalid
from consoleproxy.front.entrance import Entrance
from consoleproxy.front.lifecycle import Cloud, ConsoleProxy, Listening
from consoleproxy.front.origin import parse_allowed_origins
from consoleproxy.front.source import LoadBalancers
from consoleproxy.loadscan import LoadScan
from consoleproxy.management.channel import ProxyDescription, Registration
from consoleproxy.management.client import ManagementClient
from consoleproxy.names.console_host import console_host
from consoleproxy.session.registry import Registry, SecondViewer, SessionRules
from consoleproxy.settings import Settings

_log = logging.getLogger(__name__)


@asynccontextmanager
async def running_cpvm(settings: Settings) -> AsyncIterator[ConsoleProxy]:
    """Run a CPVM for as long as the context is open.

    Raises:
        SettingsInvalid, KeystoreInvalid: what to change.
        OSError: a port is taken.
    """
    door = Door(settings)
    keystore = door.first_keystore()
    port = door.port(keystore)
    surroundings = _surroundings(settings)
    listening = Listening(
        address=settings.listen_address,
        port=settings.port or port.port,
        tls=door.tls(keystore),
        admin_address=settings.admin_address,
        admin_port=settings.admin_port,
        entrance=_entrance(settings),
    )
    async with AsyncExitStack() as stack:
        client = _management_client(settings, surroundings, lambda _: proxy.reload())
        if client is None:
            proxy = ConsoleProxy(Consoles(surroundings), listening)
        else:
            stack.callback(client.close)
            scan = LoadScan(surroundings.registry, client, settings.loadscan_interval / 1000)
            surroundings.authenticator = client
            surroundings.changed = scan.wake
            proxy = ConsoleProxy(
                Consoles(surroundings),
                listening,
                Cloud(lambda p, tls: client.register(_description(settings, p, tls=tls)), scan),
            )
        await proxy.start()
        _log.info(
            "console port %s port %d, TLS %s",
            settings.listen_address,
            proxy.port,
            "on" if port.tls else f"off: {port.reason}",
        )
        stack.push_async_callback(proxy.stop)
        await stack.enter_async_context(following(door, proxy, client, keystore))
        yield proxy


def _entrance(settings: Settings) -> Entrance:
    host = console_host(settings.public_address, settings.url_domain)
    return Entrance(
        balancers=LoadBalancers.parse(
            settings.loadbalancer_networks, settings.loadbalancer_client_address
        ),
        own_hosts=frozenset({host, settings.public_address}),
        allowed_origins=parse_allowed_origins(settings.allowed_origins),
    )


def _description(settings: Settings, port: int, *, tls: bool) -> ProxyDescription:
    return ProxyDescription(
        name=proxy_name(settings),
        address=settings.public_address,
        host=console_host(settings.public_address, settings.url_domain),
        port=settings.public_port or port,
        tls=tls if settings.public_ssl == "auto" else settings.public_ssl == "on",
        session_max=settings.session_max,
        load_interval=settings.loadscan_interval / 1000,
    )


def proxy_name(settings: Settings) -> str:
    """Return the proxy's name: ``consoleproxy.name``, or the host's."""
    return settings.name or socket.gethostname()


def _surroundings(settings: Settings) -> Surroundings:
    return Surroundings(
        registry=Registry(
            SessionRules(
                settings.session_max,
                SecondViewer(settings.session_policy),
                settings.session_reconnection_window / 1000,
            )
        ),
        authenticator=None,
        reach=reach_from(settings),
        limits=Limits(
            login=settings.login_timeout / 1000,
            idle=settings.session_timeout / 1000,
        ),
        changed=_nobody_to_tell,
        codec=_codec_of_files(settings),
        rules=AccessRules(
            extra_required=settings.extra_required, source_ip_check=settings.source_ip_check
        ),
    )


def _management_client(
    settings: Settings, surroundings: Surroundings, keystore_changed: Callable[[str], None]
) -> ManagementClient | None:
    """Return a client whose every registration brings its keys and rules into effect."""
    if not settings.management_url:
        if not settings.token_key_file and not settings.jwt_algorithm:
            raise SettingsInvalid(
                [
                    "nothing can open tokens: set consoleproxy.management.url, "
                    "consoleproxy.token.key.file or consoleproxy.token.jwt.algorithm"
                ]
            )
        return None
    if not settings.management_secret:
        raise SettingsInvalid(
            [
                "consoleproxy.management.secret is empty: give this proxy and the management "
                "server the same random text"
            ]
        )

    def registered(registration: Registration) -> None:
        surroundings.codec = TokenCodec(
            EncryptionKeys.parse(registration.encryption_keys),
            _jwt_keys(settings),
            accept_cbc=settings.accept_cbc,
        )
        surroundings.rules = AccessRules(
            extra_required=settings.extra_required or registration.extra_required,
            source_ip_check=settings.source_ip_check or registration.source_ip_check,
        )

    return ManagementClient(
        settings.management_url,
        settings.management_secret,
        proxy_name(settings),
        registered,
        keystore_changed,
    )


def _codec_of_files(settings: Settings) -> TokenCodec:
    keys = None
    if settings.token_key_file:
        keys = EncryptionKeys.parse(_read("consoleproxy.token.key.file", settings.token_key_file))
    return TokenCodec(keys, _jwt_keys(settings), accept_cbc=settings.accept_cbc)


def _jwt_keys(settings: Settings) -> JwtKeys | None:
    if not settings.jwt_algorithm:
        return None
    sealing = _read("consoleproxy.token.jwt.sealing.key.file", settings.jwt_sealing_key_file)
    return JwtKeys(
        algorithm=settings.jwt_algorithm,
        key=_read("consoleproxy.token.jwt.key.file", settings.jwt_key_file),
        sealing_key=parse_sealing_key(sealing),
        audience=settings.jwt_audience,
    )


def _read(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsInvalid([f"{name}: {path or 'is empty'}: {error.strerror}"]) from error


def _nobody_to_tell() -> None:
    """Changes are told to nobody where no management server takes reports."""
