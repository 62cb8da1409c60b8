"""Whatever is asked of the API, no answer and no line of the log has a secret in it."""

import asyncio
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.management.storage.sealing_keys import new_key
from tests.unit.management.world import (
    SECRET,
    WEB,
    World,
    hidden_keys,
    made_keystore,
    pem_of,
    running_world,
)

KEYSTORE = made_keystore()
PRIVATE_KEY = KEYSTORE.key_pem().decode()
EXTRA = "an extra value that nobody else knows"
PAGE_KEY = "the key of the operator's pages"
WEBHOOK = "http://127.0.0.1:9/the-secret-path"
KEY = new_key()

COMMANDS = (
    *("createConsoleEndpoint", "listVirtualMachines", "listSystemVms", "listConsoleSessions"),
    *("endConsoleSession", "prepareHostForMaintenance", "cancelHostMaintenance"),
    *("destroySystemVm", "listConfigurations", "updateConfiguration", "resetConfiguration"),
    *("uploadCustomCertificate", "queryAsyncJobResult", "nothing", ""),
)
NAMES = (
    *("id", "virtualmachineid", "name", "value", "keyword", "page", "pagesize", "startdate"),
    *("account", "domainid", "jobid", "domainsuffix", "certificate", "category", "listall"),
)
VALUES = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        (
            *(WEB.uuid, WEB.name, "cpvm-1", "1", "-1", "true", "admin", "console.example.org"),
            *("consoleproxy.management.secret", "consoleproxy.manage.encryption.key"),
            *("consoleproxy.session.max", "security.hash.key", "security.encryption.key"),
            pem_of(KEYSTORE.certificate),
        )
    ),
)
HIDDEN = st.fixed_dictionaries(
    {},
    optional={
        "privatekey": st.sampled_from(
            (PRIVATE_KEY, PRIVATE_KEY[:-40], PRIVATE_KEY.replace("\n", " "))
        ),
        "token": st.just(EXTRA),
    },
)


@dataclass(frozen=True)
class Watched:
    """A management server, its log, and what may be in no answer and no line."""

    loop: asyncio.AbstractEventLoop
    world: World
    lines: list[str]
    secrets: dict[str, str]

    def told(self, text: str) -> list[str]:
        return [what for what, secret in self.secrets.items() if secret in text]


def secrets_of(world: World, folder: Path) -> dict[str, str]:
    pair, hash_key = hidden_keys(folder)
    keys = json.loads(pair)
    return {
        "VNC password": WEB.password,
        "secret key": world.server.account.secret_key,
        "shared secret": SECRET,
        "page key": PAGE_KEY,
        "webhook": "the-secret-path",
        "encryption key": KEY.line(),
        "security.encryption.key": keys["base64EncodedKeyBytes"],
        "security.encryption.iv": keys["base64EncodedIvBytes"],
        "security.hash.key": hash_key,
        "private key": PRIVATE_KEY.splitlines()[1],
    }


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("secrecy")
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(logging.Formatter().format(record))  # type: ignore[method-assign]
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    loop = asyncio.new_event_loop()
    running = running_world(
        folder,
        page_key=PAGE_KEY,
        management_secret=SECRET,
        manage_page_key=PAGE_KEY,
        capacity_webhook=WEBHOOK,
        manage_encryption_key=KEY.line(),
    )
    world = loop.run_until_complete(running.__aenter__())
    loop.run_until_complete(world.register())
    try:
        yield Watched(loop, world, lines, secrets_of(world, folder))
    finally:
        loop.run_until_complete(running.__aexit__(None, None, None))
        loop.close()
        root.removeHandler(handler)
        root.setLevel(level)


@given(
    command=st.sampled_from(COMMANDS),
    plain=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4),
    hidden=HIDDEN,
    forged=st.booleans(),
)
def test_no_answer_and_no_line_tells_a_secret(
    watched: Watched, command: str, plain: dict[str, str], hidden: dict[str, str], forged: bool
) -> None:
    world = watched.world
    query = world.signed(command, **plain, **hidden)
    if forged:
        query += urlencode({"another": "parameter"})
    before = len(watched.lines)
    response = watched.loop.run_until_complete(world.fetch(f"/client/api?{query}"))
    answer = response.body.decode()
    lines = "\n".join(watched.lines[before:])
    assert watched.told(answer) == []
    assert watched.told(lines) == []
    assert EXTRA not in lines
    if response.code != 200:
        assert EXTRA not in answer
        assert json.loads(answer), "it is in CloudStack's form"


def test_a_console_and_a_certificate_tell_none(watched: Watched) -> None:
    """What goes well, too: the answer has the token, in which the password is encrypted."""
    world = watched.world
    for command, parameters in (
        ("createConsoleEndpoint", {"virtualmachineid": WEB.uuid, "token": EXTRA}),
        (
            "uploadCustomCertificate",
            {
                "certificate": pem_of(KEYSTORE.certificate, *KEYSTORE.intermediates),
                "privatekey": PRIVATE_KEY,
                "domainsuffix": "console.example.org",
            },
        ),
        ("listConfigurations", {}),
    ):
        query = world.signed(command, **parameters)
        response = watched.loop.run_until_complete(world.fetch(f"/client/api?{query}"))
        assert response.code == 200, response.body
        assert watched.told(response.body.decode()) == []
    assert watched.told("\n".join(watched.lines)) == []
