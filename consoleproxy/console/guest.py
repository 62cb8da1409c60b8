"""The hypervisor's side of a console: dial, and play the RFB client until ServerInit."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from consoleproxy.console.model import Limits
from consoleproxy.endpoint.model import ConsoleEndpoint
from consoleproxy.errors import HypervisorClosed, HypervisorSilent
from consoleproxy.hypervisor.dial import dial
from consoleproxy.hypervisor.target import choose_target
from consoleproxy.rfb.client import ClientLogin
from consoleproxy.rfb.messages import ServerInit
from consoleproxy.wire import Wire


@dataclass(frozen=True, slots=True)
class Guest:
    """A logged-in hypervisor; ``trailing`` came behind its ServerInit."""

    wire: Wire
    server_init: ServerInit
    trailing: bytes


async def reach_guest(
    endpoint: ConsoleEndpoint, limits: Limits, step: Callable[[str, str], None]
) -> Guest:
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
        websocket_url=endpoint.websocket_url,
        hyperv_host=endpoint.hyperv_host,
    )
    wire = await dial(target, limits.connect)
    step("dial", str(target))
    login = ClientLogin(endpoint.password)
    try:
        server_init = await _log_in(wire, login, limits.login)
    except BaseException:
        wire.close()
        raise
    step("login", f"RFB {login.version}, {login.security}")
    if endpoint.display_name:
        server_init = server_init.with_name(endpoint.display_name)
    return Guest(wire, server_init, login.trailing_data())


async def _log_in(wire: Wire, login: ClientLogin, limit: float) -> ServerInit:
    try:
        async with asyncio.timeout(limit):
            while login.result is None:
                if data := await wire.receive():
                    login.receive_data(data)
                else:
                    login.receive_eof()
                if answer := login.data_to_send():
                    await wire.send(answer)
    except TimeoutError as error:
        raise HypervisorSilent(f"no answer in step {login.step} within {limit:g} s") from error
    except OSError as error:
        raise HypervisorClosed(f"in step {login.step}: {error.strerror or error}") from error
    return login.result
