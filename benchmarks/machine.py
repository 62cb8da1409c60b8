"""The machine and the versions that figures were measured with."""

import datetime
import importlib.metadata
import os
import platform
import re
import shutil
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

_PACKAGES = ("consoleproxy", "tornado", "websockify", "numpy", "websockets", "uvloop")
_PROGRAMS = (("haproxy", "-v"), ("go", "version"), ("gcc", "--version"))
_GIB = 1024**3


@dataclass(frozen=True, slots=True)
class Machine:
    """What figures depend on beside the code; ``versions`` are name and version, in print order."""

    measured: str
    cpu: str
    cores: int
    memory_gib: float
    kernel: str
    system: str
    versions: dict[str, str]

    def lines(self) -> list[str]:
        """Return it for people."""
        return [
            f"{self.cpu}, {self.cores} cores, {self.memory_gib:.0f} GiB; {self.system}, Linux"
            f" {self.kernel}; {self.measured}",
            ", ".join(f"{name} {version}" for name, version in self.versions.items()),
        ]


def this_machine(now: datetime.datetime) -> Machine:
    """Describe this machine; ``now`` is when the measuring began, with its zone."""
    versions = {"Python": platform.python_version(), "OpenSSL": ssl.OPENSSL_VERSION.split()[1]}
    for package in _PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    for program, option in _PROGRAMS:
        if version := _version(program, option):
            versions[program] = version
    return Machine(
        measured=now.isoformat(timespec="minutes"),
        cpu=_cpu(),
        cores=len(os.sched_getaffinity(0)),
        memory_gib=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / _GIB,
        kernel=platform.release(),
        system=platform.freedesktop_os_release().get("PRETTY_NAME", "Linux"),
        versions=versions,
    )


def _cpu() -> str:
    text = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    model = re.search(r"^model name\s*: (.+)$", text, re.MULTILINE)
    return model[1].strip() if model else platform.machine()


def _version(program: str, option: str) -> str | None:
    path = shutil.which(program, path=os.environ.get("PATH", os.defpath) + ":/usr/sbin")
    if path is None:
        return None
    answer = subprocess.run([path, option], capture_output=True, text=True, check=False).stdout
    number = re.search(r"\d+(?:\.\d+)+", answer)
    return number[0] if number else None
