"""What a process tree has used: CPU time to the nanosecond, and memory as its share of pages."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_KIB = 1024


@dataclass(frozen=True, slots=True)
class Tree:
    """A process and all that descend from it.

    Args:
        root: process id.
    """

    root: int

    def pids(self) -> list[int]:
        """Return the living processes, the root first."""
        found = [self.root]
        for pid in found:
            found += _children(pid)
        return found

    def cpu_seconds(self) -> float:
        """Return user and system time of the living, and of the dead that were waited for."""
        # Children first: one that ends meanwhile is its parent's then.
        return sum(_own_seconds(pid) + _dead_children_seconds(pid) for pid in reversed(self.pids()))

    def pss_bytes(self) -> int:
        """Return the proportional set size: shared pages count once, over their sharers.

        Kernel memory, e.g. socket buffers, is not in it.
        """
        return sum(map(_pss_bytes, self.pids()))


def _children(pid: int) -> list[int]:
    children: list[int] = []
    for listing in Path("/proc", str(pid), "task").glob("*/children"):
        try:
            children += map(int, listing.read_text(encoding="ascii").split())
        except (FileNotFoundError, ProcessLookupError):
            continue
    return children


def _own_seconds(pid: int) -> float:
    # clock_getcpuclockid(3), which Python lacks: the bits of the kernel's CPUCLOCK_SCHED.
    clock = (~pid << 3) | 2
    try:
        return time.clock_gettime(clock)
    except OSError:
        return 0.0


def _dead_children_seconds(pid: int) -> float:
    try:
        stat = Path("/proc", str(pid), "stat").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    # cutime and cstime of proc(5), behind the name, which may have spaces and brackets.
    return sum(map(int, stat.rpartition(")")[2].split()[13:15])) / _TICKS


def _pss_bytes(pid: int) -> int:
    try:
        rollup = Path("/proc", str(pid), "smaps_rollup").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    for line in rollup.splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * _KIB
    return 0
