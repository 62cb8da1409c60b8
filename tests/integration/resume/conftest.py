"""A guest with a password, and its cloud."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.fixtures.cloud import Cloud, Machine, running_cloud
from tests.integration.fixtures.qemu import Qemu
from tests.integration.resume.said import PASSWORD


@pytest.fixture
def guest(qemu_factory: Callable[..., Qemu]) -> Qemu:
    return qemu_factory(password=PASSWORD)


@pytest.fixture
def machine(guest: Qemu) -> Machine:
    return Machine("web-1", str(uuid.uuid4()), guest.port, PASSWORD)


@pytest.fixture
def cloud(tmp_path: Path, machine: Machine) -> Iterator[Cloud]:
    with running_cloud(tmp_path, [machine]) as cloud:
        yield cloud
