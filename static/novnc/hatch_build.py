"""Builds the viewer when a wheel is made, so that an installed wheel needs no npm."""

import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_HERE = Path(__file__).parent
_BUILT = _HERE.parents[1] / "consoleproxy" / "front" / "novnc" / "manifest.json"
_INPUTS = ("package.json", "package-lock.json", "build.mjs", "vnc.html", "src/**/*")


class ViewerBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs npm and esbuild, unless the viewer is built from these very files."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build into the package, before its files are collected.

        Raises:
            RuntimeError: Node.js or npm is missing, or the build failed.
        """
        inputs = _hash_of_inputs()
        if _built_from() == inputs:
            return
        node, npm = shutil.which("node"), shutil.which("npm")
        if node is None or npm is None:
            raise RuntimeError(
                "The viewer is built with Node.js 18 or newer and npm. Install them, on Debian "
                "with: apt install nodejs npm"
            )
        _run(npm, "ci", "--no-fund", "--no-audit")
        _run(node, "build.mjs", inputs)


def _hash_of_inputs() -> str:
    digest = hashlib.sha256()
    for path in sorted(
        path for pattern in _INPUTS for path in _HERE.glob(pattern) if path.is_file()
    ):
        digest.update(f"{path.relative_to(_HERE)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _built_from() -> str:
    try:
        return str(json.loads(_BUILT.read_text(encoding="utf-8"))["inputs"])
    except (OSError, ValueError, KeyError):
        return ""


def _run(*command: str) -> None:
    done = subprocess.run(command, cwd=_HERE, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
