"""The route check: the operator's program that makes an address reachable before it is dialled.

CloudStack's agent does the same in ``ensureRoute``.
"""

import asyncio
import contextlib
import os
import signal
from asyncio.subprocess import Process
from dataclasses import dataclass, field

from consoleproxy.errors import HypervisorUnreachable

_FRESH_SECONDS = 60.0
_ADDRESSES_KEPT = 1024
_OUTPUT_KEPT = 4096
_PIPE_BYTES = 65536  # pipe(7)
_CAUSE_LENGTH = 200


@dataclass(frozen=True, slots=True)
class RouteCheck:
    """Asks the program, and not again for a minute once it has said yes to an address.

    Args:
        command: path of the program, which gets the address as its one argument; empty: none.
    """

    command: str = ""
    _ensured: dict[str, float] = field(default_factory=dict, init=False, repr=False, compare=False)

    async def ensure(self, address: str) -> None:
        """Return when there is a route to the address; the caller limits the time.

        Raises:
            HypervisorUnreachable: the program says no, and why; or it cannot be run.
        """
        if not self.command:
            return
        now = asyncio.get_running_loop().time()
        if self._ensured.get(address, now) > now:
            return
        status, output = await self._run(address)
        if status:
            reason = f"status {status}" if status > 0 else f"signal {-status}"
            raise HypervisorUnreachable(
                f"no route to {address}: {self.command} ended with {reason}{_last_line(output)}"
            )
        self._keep(address, now)

    async def _run(self, address: str) -> tuple[int, bytes]:
        """Return the program's exit status and the end of its stderr."""
        with _Tail() as tail:
            starting = asyncio.get_running_loop().create_task(
                asyncio.create_subprocess_exec(
                    self.command,
                    address,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=asyncio.subprocess.DEVNULL,
                    stderr=tail.write_end,
                    start_new_session=True,
                ),
                name=f"route check of {address}",
            )
            try:
                # Cancelled itself, it would end the program without the program's children.
                process = await asyncio.shield(starting)
                return await process.wait(), tail.end()
            except OSError as error:
                raise HypervisorUnreachable(
                    f"no route to {address}: {self.command} cannot be run: {error.strerror}"
                ) from error
            except BaseException:
                await _end(starting)
                raise

    def _keep(self, address: str, now: float) -> None:
        ensured = self._ensured
        ensured.pop(address, None)
        while ensured and (len(ensured) >= _ADDRESSES_KEPT or next(iter(ensured.values())) <= now):
            del ensured[next(iter(ensured))]
        ensured[address] = now + _FRESH_SECONDS


class _Tail:
    """A pipe of which the last bytes are kept.

    Not the event loop's own: with that, a program that leaves a daemon behind, which keeps the
    pipe open, would never be over.
    """

    def __init__(self) -> None:
        self._read_end, self.write_end = os.pipe()
        os.set_blocking(self._read_end, False)
        self._kept = b""

    def __enter__(self) -> "_Tail":
        asyncio.get_running_loop().add_reader(self._read_end, self._read)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.get_running_loop().remove_reader(self._read_end)
        os.close(self._read_end)
        os.close(self.write_end)

    def _read(self) -> bool:
        try:
            data = os.read(self._read_end, _OUTPUT_KEPT)
        except BlockingIOError:
            return False
        self._kept = (self._kept + data)[-_OUTPUT_KEPT:]
        return True

    def end(self) -> bytes:
        """Return the last bytes that are there now."""
        for _ in range(_PIPE_BYTES // _OUTPUT_KEPT):
            if not self._read():
                break
        return self._kept


async def _end(starting: asyncio.Task[Process]) -> None:
    """End the program, and what it has started: it has a session of its own."""
    try:
        process = await starting
    except OSError:
        return
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


def _last_line(output: bytes) -> str:
    lines = output.decode("utf-8", "replace").strip().splitlines()
    if not lines:
        return ""
    line = "".join(character for character in lines[-1] if character.isprintable())
    return f": {line[:_CAUSE_LENGTH]}"
