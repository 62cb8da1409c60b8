"""Ports opened in iptables, as a system VM has it: a chain of our own, and a jump from INPUT."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from consoleproxy.agent.firewall.opening import Opening
from consoleproxy.programs import run_program, try_program

CHAIN = "CONSOLEPROXY"
_WAIT_SECONDS = "5"  # for another program that changes the same tables
_JUMP = ("INPUT", "-j", CHAIN)


@dataclass(frozen=True, slots=True)
class Iptables:
    """Args:
    ipv6: whether ip6tables is changed as well.
    """

    ipv6: bool = False

    def open(self, openings: Sequence[Opening]) -> None:
        """See ``Firewall``."""
        for program in self._programs:
            # With --noflush, only the chain that is named is emptied, and all lines count at once.
            run_program(
                [f"{program}-restore", "-w", _WAIT_SECONDS, "--noflush"],
                "\n".join([*rules(openings), ""]),
            )
            if not self._jumps(program):
                run_program([program, "-w", _WAIT_SECONDS, "-I", "INPUT", "1", *_JUMP[1:]])

    def close(self) -> None:
        """See ``Firewall``."""
        for program in self._programs:
            command = [program, "-w", _WAIT_SECONDS]
            while self._jumps(program):
                run_program([*command, "-D", *_JUMP])
            if not try_program([*command, "-n", "-L", CHAIN]).status:
                run_program([*command, "-F", CHAIN])
                run_program([*command, "-X", CHAIN])

    @property
    def _programs(self) -> tuple[str, ...]:
        return ("iptables", "ip6tables") if self.ipv6 else ("iptables",)

    def _jumps(self, program: str) -> bool:
        return not try_program([program, "-w", _WAIT_SECONDS, "-C", *_JUMP]).status


def rules(openings: Sequence[Opening]) -> Iterator[str]:
    """Yield the lines for ``iptables-restore --noflush``."""
    yield "*filter"
    yield f":{CHAIN} - [0:0]"
    for opening in openings:
        for port in opening.ports:
            yield f"-A {CHAIN} -i {opening.interface} -p tcp -m tcp --dport {port} -j ACCEPT"
    yield "COMMIT"
