"""A management server on a port of its own, a clock that tests set, and how to talk to it."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate
from sqlalchemy import Connection
from tornado.httpclient import AsyncHTTPClient, HTTPResponse

from consoleproxy.keystore.development import development_keystore
from consoleproxy.keystore.model import Keystore
from consoleproxy.management.accounts.caller import Role
from consoleproxy.management.accounts.scope import EVERYTHING
from consoleproxy.management.api.call import api_date
from consoleproxy.management.api.signature import sign
from consoleproxy.management.app import ManagementServer
from consoleproxy.management.channel.documents import ProxyDescription
from consoleproxy.management.config import ManagementConfig
from consoleproxy.management.inventory.machines import Inventory, VirtualMachine
from consoleproxy.management.records.accounts import Account, account_named, add_account
from consoleproxy.management.records.domains import (
    Domain,
    add_domain,
    domain_at,
    domains_within,
    root_domain,
)
from consoleproxy.management.records.hidden_values import hidden_value
from consoleproxy.management.records.users import (
    Keys,
    User,
    UserFilter,
    add_user,
    find_users,
    new_keys,
    put_keys,
)
from consoleproxy.management.storage.sealed_columns import HIDDEN_VALUES
from consoleproxy.management.storage.sealing import Sealer
from consoleproxy.management.storage.sealing_keys import key_of_secret
from consoleproxy.management.storage.store import Store
from consoleproxy.settings import Settings

SECRET = "shared between proxies and management"
SEALER = Sealer.of(key_of_secret(SECRET))
START = 1_767_225_600.0

WEB = VirtualMachine(
    uuid="d59c31a5-e4c8-454f-a9ff-432bc8910fcb",
    name="web01",
    host="192.168.122.10",
    port=5901,
    password="Rm4wQ2x1dTEyMzQ1Njc4OQ",
)
DATABASE = VirtualMachine(
    uuid="11111111-2222-4333-8444-555555555555",
    name="db01",
    host="2001:db8::10",
    port=5902,
    state="Stopped",
    hypervisor="VMware",
)
INVENTORY = Inventory([WEB, DATABASE])

DOMAIN = "console.example.org"

PROXY = ProxyDescription(
    name="cpvm-1",
    address="192.0.2.10",
    host="192-0-2-10.console.example.org",
    port=8443,
    tls=True,
    session_max=2,
    load_interval=5.0,
)


def made_keystore(days_ago: int = 0) -> Keystore:
    """A new root, intermediate and server certificate for ``PROXY``'s domain."""
    moment = datetime.fromtimestamp(START, UTC) - timedelta(days=days_ago)
    return development_keystore(DOMAIN, moment)


def pem_of(*certificates: Certificate) -> str:
    return b"".join(one.public_bytes(Encoding.PEM) for one in certificates).decode()


def chain_of(keystore: Keystore) -> str:
    """Its intermediates and its root."""
    return pem_of(*keystore.intermediates, *keystore.roots)


@dataclass
class Clock:
    """Seconds since 1970, moved by the test."""

    now: float = START

    def __call__(self) -> float:
        return self.now


@dataclass
class World:
    """A running server and a client to it."""

    server: ManagementServer
    clock: Clock
    http: AsyncHTTPClient

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    async def fetch(
        self,
        path: str,
        *,
        body: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HTTPResponse:
        return await self.http.fetch(
            self.url + path,
            method="GET" if body is None else "POST",
            body=body,
            headers=dict(headers or {}),
            follow_redirects=False,
            raise_error=False,
        )

    def signed(self, command: str, keys: Keys | None = None, /, **parameters: str) -> str:
        """The query of a signed request; ``keys`` are the administrator's if none are given."""
        admin = self.server.account
        keys = keys or Keys(admin.api_key, admin.secret_key)
        everything = {
            "command": command,
            "response": "json",
            "apiKey": keys.api_key,
            "signatureVersion": "3",
            "expires": api_date(self.clock.now + 600),
            "nonce": uuid.uuid4().hex,
            **parameters,
        }
        everything["signature"] = sign(everything, keys.secret_key)
        return urlencode(everything)

    def sign(self, parameters: Mapping[str, str]) -> str:
        """The administrator's signature."""
        return sign(parameters, self.server.account.secret_key)

    async def user(
        self, account: str, domain: str = "ROOT", role: Role = Role.USER, name: str = ""
    ) -> Keys:
        """The keys of a new user; account and domain are made if they are not there."""
        keys = new_keys()

        def work(db: Connection) -> None:
            user = stored_user(db, account, domain, role, name or account)
            put_keys(db, SEALER, user.uuid, keys)

        await self.server.issuer.database.run(work)
        return keys

    async def ids(self) -> dict[str, str]:
        """Ids: of domains by name, of accounts by name, of users by name with ``'s``."""
        run = self.server.issuer.database.run
        domains = await run(lambda db: domains_within(db, "ROOT"))
        _, users = await run(lambda db: find_users(db, UserFilter(scope=EVERYTHING), 0, 99))
        found = {domain.name: domain.uuid for domain in domains}
        for user in users:
            found |= {user.account.name: user.account.uuid, f"{user.username}'s": user.uuid}
        return found

    async def call(
        self, command: str, keys: Keys | None = None, /, **parameters: str
    ) -> dict[str, Any]:
        """What is inside ``<command>response`` of a signed request."""
        query = self.signed(command, keys, **parameters)
        response = await self.fetch(f"/client/api?{query}")
        document: dict[str, dict[str, Any]] = json.loads(response.body)
        assert list(document) == [f"{command.lower()}response"]
        return document[f"{command.lower()}response"]

    async def console(self, **parameters: str) -> dict[str, Any]:
        """The ``consoleendpoint`` for a VM."""
        answer = await self.call("createConsoleEndpoint", **parameters)
        endpoint: dict[str, Any] = answer["consoleendpoint"]
        return endpoint

    async def channel(self, path: str, body: str, secret: str = SECRET) -> HTTPResponse:
        """A request as a CPVM sends it."""
        return await self.fetch(path, body=body, headers={"Authorization": f"Bearer {secret}"})

    async def register(self, proxy: ProxyDescription = PROXY) -> None:
        response = await self.channel("/cpvm/register", proxy.to_json())
        assert response.code == 200


def config_in(folder: Path) -> ManagementConfig:
    return ManagementConfig(
        inventory=INVENTORY, secret=SECRET, database=str(folder / "management.db"), port=0
    )


@asynccontextmanager
async def running_world(folder: Path, **changes: Any) -> AsyncIterator[World]:
    """A management server; ``changes`` are to its ``ManagementConfig`` and to its settings."""
    clock = Clock()
    of_config = {field.name for field in fields(ManagementConfig)}
    settings = Settings(**{name: changes.pop(name) for name in set(changes) - of_config})
    config = replace(config_in(folder), **{"settings": settings, **changes})
    server = ManagementServer(config, clock)
    await server.start()
    http = AsyncHTTPClient(force_instance=True)
    try:
        yield World(server, clock, http)
    finally:
        http.close()
        await server.stop()


def in_world(folder: Path, scenario: Callable[[World], Awaitable[None]], **changes: Any) -> None:
    """Run a test in ``running_world``."""

    async def main() -> None:
        async with running_world(folder, **changes) as world:
            await scenario(world)

    asyncio.run(main())


def stored_user(db: Connection, account: str, path: str, role: Role, name: str) -> User:
    """A user without keys, with account and domain, of which some may be there."""
    above = root_domain(db)
    for part in path.split("/")[1:]:
        below = domain_at(db, f"{above.path}/{part}")
        if below is None:
            below = Domain(str(uuid.uuid4()), part, f"{above.path}/{part}", above.uuid)
            add_domain(db, below)
        above = below
    owner = account_named(db, path, account)
    if owner is None:
        owner = Account(str(uuid.uuid4()), account, above.uuid, path, role)
        add_account(db, owner)
    user = User(str(uuid.uuid4()), name, owner)
    add_user(db, user)
    return user


def hidden_keys(folder: Path) -> tuple[str, str]:
    """The encryption key pair of the stopped or running server, and its hash key."""
    store = Store(str(folder / "management.db"))
    try:
        key, iv, hash_key = (
            store.run(partial(hidden_value, name=name, sealer=SEALER)) for name in HIDDEN_VALUES
        )
        return json.dumps({"base64EncodedKeyBytes": key, "base64EncodedIvBytes": iv}), hash_key
    finally:
        store.close()
