"""The hypervisor's side of a console: dial, and play the RFB client until ServerInit."""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from consoleproxy.endpoint.model import ConsoleEndpoint
from consoleproxy.errors import (
    HypervisorClosed,
    HypervisorOtherGuest,
    HypervisorRefused,
    HypervisorSilent,
)
from consoleproxy.hypervisor.dial import Dialling, Line
from consoleproxy.hypervisor.target import choose_target
from consoleproxy.hypervisor.tls import Secrecy, tls_fault
from consoleproxy.rfb.client import ClientLogin
from consoleproxy.rfb.messages import ServerInit
from consoleproxy.rfb.policy import Credentials, Link, SecurityPolicy
from consoleproxy.wire import Wire


@dataclass(frozen=True, slots=True)
class Guest:
    """A logged-in hypervisor; ``trailing`` came behind its ServerInit.

    ``keyboard`` is the machine's layout, as the cloud calls it.
    """

    wire: Wire
    secrecy: Secrecy
    keyboard: str
    server_init: ServerInit
    trailing: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How this proxy reaches screens: what it may dial, and which security it asks for.

    Args:
        login_limit: seconds for the RFB login, TLS inside it included.
    """

    dialling: Dialling
    security: SecurityPolicy
    login_limit: float

    async def guest(self, endpoint: ConsoleEndpoint, step: Callable[[str, str], None]) -> Guest:
        """Dial the endpoint's target and log in to it.

        Args:
            step: notes a step of the timeline, with a detail.

        Raises:
            HypervisorRefused: a subclass says what went wrong.
            UnsupportedConsole: the endpoint asks for a way that is not built.
        """
        target = choose_target(
            host=endpoint.host,
            port=endpoint.port,
            tunnel_url=endpoint.tunnel_url,
            tunnel_session=endpoint.tunnel_session,
            websocket_url=endpoint.websocket_url,
            hyperv_host=endpoint.hyperv_host,
        )
        credentials = Credentials(endpoint.password, endpoint.username)
        avoid: frozenset[int] = frozenset()
        while True:
            line = await self.dialling.dial(target)
            step("dial", str(target))
            login = ClientLogin(
                credentials, self.security, Link(private=line.private, tls=line.plain), avoid
            )
            try:
                server_init, secrecy = await self._log_in(line, login)
                step("login", f"RFB {login.version}, {login.security}")
                _check_name(server_init.name, endpoint.instance_name)
            except HypervisorRefused:
                line.wire.close()
                if not login.detour:
                    raise
                # RFB has no way back from a security type that led nowhere, but to begin anew.
                avoid = login.detour
            except BaseException:
                line.wire.close()
                raise
            else:
                if endpoint.display_name:
                    server_init = server_init.with_name(endpoint.display_name)
                return Guest(
                    line.wire, secrecy, endpoint.locale, server_init, login.trailing_data()
                )

    async def _log_in(self, line: Line, login: ClientLogin) -> tuple[ServerInit, Secrecy]:
        wire, secrecy = line.wire, line.secrecy
        try:
            async with asyncio.timeout(self.login_limit):
                if line.received:
                    login.receive_data(line.received)
                while True:
                    if answer := login.data_to_send():
                        await wire.send(answer)
                    if login.result is not None:
                        return login.result, secrecy
                    if login.start_tls is not None:
                        secrecy = await self.dialling.tls.start(
                            wire, line.host, anonymous=login.start_tls.anonymous
                        )
                        login.tls_started()
                    elif data := await wire.receive():
                        login.receive_data(data)
                    else:
                        login.receive_eof()
        except TimeoutError as error:
            raise HypervisorSilent(
                f"no answer in step {login.step} within {self.login_limit:g} s"
            ) from error
        except ssl.SSLError as error:
            # TLS 1.3 servers say only behind the handshake what they think of our certificate.
            raise tls_fault(error) from error
        except OSError as error:
            if isinstance(error, ConnectionResetError):
                login.receive_eof()
            raise HypervisorClosed(f"in step {login.step}: {error.strerror or error}") from error


def _check_name(name: str, instance_name: str) -> None:
    """Compare what the screen calls itself with what the cloud calls the VM, where it says so.

    QEMU's ServerInit has ``QEMU (name)``; other servers name the VM alone.
    """
    if instance_name and name not in (instance_name, f"QEMU ({instance_name})"):
        raise HypervisorOtherGuest(
            f"the screen is of {name!r}, and the console is for {instance_name!r}"
        )
