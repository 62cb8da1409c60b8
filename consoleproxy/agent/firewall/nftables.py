"""Ports opened in nftables: a chain of our own, and a jump to it from the system's.

An own table would open nothing: a packet that one table accepts still has to be accepted by the
others (nft(8), VERDICT STATEMENTS). So the chain stands in the table of the chain that drops.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from consoleproxy.agent.firewall.opening import Opening
from consoleproxy.errors import ProgramFailed, SettingsInvalid
from consoleproxy.programs import run_program, try_program

CHAIN = "consoleproxy"
_FAMILIES = ("inet", "ip", "ip6")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True)
class Nftables:
    """Args:
    family, table, chain: the system's chain for what comes in.
    """

    family: str
    table: str
    chain: str

    @classmethod
    def parse(cls, text: str) -> "Nftables":
        """Read ``inet filter input``.

        Raises:
            SettingsInvalid: it is no chain's address.
        """
        words = text.split()
        if (
            len(words) != 3
            or words[0] not in _FAMILIES
            or not all(_NAME.fullmatch(word) for word in words[1:])
            or words[2] == CHAIN
        ):
            raise SettingsInvalid(
                [
                    f"consoleproxy.agent.firewall.chain: {text} must be family, table and chain, "
                    "as inet filter input"
                ]
            )
        return cls(*words)

    def open(self, openings: Sequence[Opening]) -> None:
        """See ``Firewall``."""
        jumps = self._jumps()
        if jumps is None:
            raise ProgramFailed(
                f"nftables has no chain {self._theirs}: set consoleproxy.agent.firewall.chain to "
                "the chain that filters what comes in"
            )
        # One transaction: there is no moment without the rules.
        run_program(["nft", "-f", "-"], "\n".join([*self._opening(openings, jumps), ""]))

    def close(self) -> None:
        """See ``Firewall``."""
        jumps = self._jumps()
        if jumps is None or try_program(["nft", "list", "chain", *self._ours.split()]).status:
            return
        run_program(["nft", "-f", "-"], "\n".join([*self._closing(jumps), ""]))

    @property
    def _theirs(self) -> str:
        return f"{self.family} {self.table} {self.chain}"

    @property
    def _ours(self) -> str:
        return f"{self.family} {self.table} {CHAIN}"

    def _opening(self, openings: Sequence[Opening], jumps: Sequence[int]) -> Iterator[str]:
        yield f"add chain {self._ours}"
        yield f"flush chain {self._ours}"
        for opening in openings:
            if opening.ports:
                ports = ", ".join(map(str, sorted(opening.ports)))
                matches = f'iifname "{opening.interface}" tcp dport {{ {ports} }}'
                yield f"add rule {self._ours} {matches} accept"
        yield from self._without(jumps)
        yield f"insert rule {self._theirs} jump {CHAIN}"

    def _closing(self, jumps: Sequence[int]) -> Iterator[str]:
        yield from self._without(jumps)
        yield f"flush chain {self._ours}"
        yield f"delete chain {self._ours}"

    def _without(self, jumps: Sequence[int]) -> Iterator[str]:
        for handle in jumps:
            yield f"delete rule {self._theirs} handle {handle}"

    def _jumps(self) -> tuple[int, ...] | None:
        """Return the handles of the jumps to our chain; ``None`` without the system's chain."""
        ended = try_program(["nft", "-j", "-a", "list", "chain", *self._theirs.split()])
        if ended.status:
            if "No such file or directory" in ended.errors:
                return None
            raise ProgramFailed(f"nft cannot be used: {ended.errors.strip()[:200]}")
        return tuple(jump_handles(ended.output))


def jump_handles(listing: str) -> Iterator[int]:
    """Yield the handles of rules that jump to our chain, in what ``nft -j`` lists.

    Raises:
        ProgramFailed: it is no such listing.
    """
    try:
        for entry in json.loads(listing)["nftables"]:
            rule = entry.get("rule", {})
            for statement in rule.get("expr", ()):
                jump = statement.get("jump") if isinstance(statement, dict) else None
                if isinstance(jump, dict) and jump.get("target") == CHAIN:
                    yield int(rule["handle"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ProgramFailed("nft lists what cannot be read") from error
