"""The viewer's modules that need no page, run by Node.js."""

import subprocess
from pathlib import Path

import pytest

from tests.integration.fixtures.qemu import required

pytestmark = pytest.mark.server

_HERE = Path(__file__).parent


@pytest.mark.parametrize("name", sorted(path.name for path in _HERE.glob("*.test.mjs")))
def test_module(name: str) -> None:
    command = (required("node"), "--test", name)
    done = subprocess.run(command, cwd=_HERE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
