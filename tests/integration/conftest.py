"""Real components for integration tests; all are stopped at the end of the test."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.fixtures.qemu import Qemu, assemble_echo
from tests.waiting import free_port


@pytest.fixture(scope="session")
def echo_image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A boot sector that echoes keys."""
    return assemble_echo(tmp_path_factory.mktemp("boot"))


@pytest.fixture
def qemu_factory(echo_image: Path) -> Iterator[Callable[..., Qemu]]:
    """Starts guests; takes the arguments of ``Qemu`` but the image."""
    guests: list[Qemu] = []

    def start(**options: Any) -> Qemu:
        guests.append(Qemu(echo_image, **options))
        return guests[-1]

    yield start
    for guest in guests:
        guest.stop()


@pytest.fixture
def unused_port() -> int:
    """A port on loopback where nobody listens."""
    return free_port()


@pytest.fixture(autouse=True)
def _leaves_nothing(nothing_left: None) -> None:
    """Watch every integration test; set up first, so that it looks when all else is torn down."""
