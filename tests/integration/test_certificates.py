"""Certificates on their way: uploaded by ``cs``, by hand or by the page, handed over to CPVMs."""

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from cs import CloudStackApiException

from consoleproxy.keystore.development import development_keystore
from consoleproxy.keystore.model import Keystore
from consoleproxy.keystore.pem import parse_keystore
from consoleproxy.management.api.signature import sign
from consoleproxy.management.channel.client import Listener, ManagementClient
from consoleproxy.settings import Settings
from tests.integration.fixtures.mariadb import MariaDb, session_server
from tests.integration.test_management_api import PROXY, SECRET, Management, config_in, running
from tests.unit.management.world import chain_of, pem_of
from tests.waiting import free_port

DOMAIN = "console.example.org"


@pytest.fixture(scope="session")
def mariadb(request: pytest.FixtureRequest) -> MariaDb:
    return session_server(request)


@pytest.fixture(params=["SQLite", "MariaDB"])
def database(request: pytest.FixtureRequest, mariadb: MariaDb, tmp_path: Path) -> str:
    """A ``consoleproxy.manage.database`` of either kind, without anything in it."""
    return mariadb.make_database() if request.param == "MariaDB" else str(tmp_path / "test.db")


@pytest.fixture
def management(tmp_path: Path, database: str) -> Iterator[Management]:
    config = replace(config_in(tmp_path, database), settings=Settings(url_domain=f"*.{DOMAIN}"))
    with running(config) as management:
        management.register()
        yield management


def made_keystore() -> Keystore:
    return development_keystore(DOMAIN, datetime.now(UTC))


def uploads_of(keystore: Keystore) -> list[dict[str, str]]:
    """What CloudStack's guide has an operator send, one after the other."""
    return [
        {"id": "1", "name": "root1", "certificate": pem_of(*keystore.roots)},
        {"id": "2", "name": "intermed1", "certificate": pem_of(*keystore.intermediates)},
        {
            "certificate": pem_of(keystore.certificate),
            "privatekey": keystore.key_pem().decode(),
        },
    ]


def served(management: Management) -> Keystore | None:
    """What a CPVM fetches."""

    async def fetch() -> bytes:
        client = ManagementClient(management.url, SECRET, PROXY.name)
        try:
            return await client.keystore()
        finally:
            client.close()

    pem = asyncio.run(fetch())
    return parse_keystore([("keystore", pem)]) if pem else None


def keystore_parts(keystore: Keystore) -> tuple[object, ...]:
    """What makes a keystore, however it was come by."""
    chain = (keystore.certificate, keystore.intermediates, keystore.roots)
    return (keystore.key_pem(), *chain)


def served_parts(management: Management) -> tuple[object, ...]:
    keystore = served(management)
    assert keystore is not None
    return keystore_parts(keystore)


def upload_with_cs(management: Management, upload: dict[str, str], **how: Any) -> str:
    client = management.client(poll_interval=0.01, fetch_result=True, **how)
    answer = client.uploadCustomCertificate(**upload, domainsuffix=DOMAIN)
    return str(answer["customcertificate"]["message"])


def sign_and_post(management: Management, parameters: dict[str, str]) -> dict[str, Any]:
    """A request that is signed by hand, as CloudStack's guide shows it with curl."""
    account = management.server.account
    expires = datetime.now(UTC) + timedelta(minutes=10)
    query = {
        "apiKey": account.api_key,
        "response": "json",
        "signatureVersion": "3",
        "expires": expires.strftime("%Y-%m-%dT%H:%M:%S%z"),
        **parameters,
    }
    query["signature"] = sign(query, account.secret_key)
    response = requests.post(
        f"{management.url}/client/api",
        data=urlencode(query),
        headers={"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"},
        timeout=5,
    )
    document: dict[str, dict[str, Any]] = response.json()
    return document[f"{parameters['command'].lower()}response"]


@pytest.mark.parametrize("method", ["get", "post"])
def test_upload_with_cs(management: Management, method: str) -> None:
    _upload_and_look(management, {"method": method})


def test_upload_by_a_client_whose_requests_never_expire(tmp_path: Path, database: str) -> None:
    settings = Settings(url_domain=f"*.{DOMAIN}", expires_required=False)
    with running(replace(config_in(tmp_path, database), settings=settings)) as management:
        management.register()
        _upload_and_look(management, {"method": "post", "expiration": -1})


def _upload_and_look(management: Management, how: dict[str, Any]) -> None:
    keystore = made_keystore()
    root, intermediate, server = uploads_of(keystore)
    for upload in (root, intermediate):
        message = upload_with_cs(management, upload, **how)
        assert "Console proxies serve none yet." in message
        assert served(management) is None
    assert "serve it within seconds" in upload_with_cs(management, server, **how)
    assert served_parts(management) == keystore_parts(keystore)


def test_refused_upload_with_cs(management: Management) -> None:
    keystore = made_keystore()
    for upload in uploads_of(keystore):
        upload_with_cs(management, upload, method="post")
    stranger = uploads_of(made_keystore())[-1]
    with pytest.raises(CloudStackApiException) as caught:
        upload_with_cs(management, stranger, method="post")
    assert caught.value.error["errorcode"] == 431
    assert "does not link up" in caught.value.error["errortext"]
    with pytest.raises(CloudStackApiException) as caught:
        management.client(method="post", fetch_result=True).uploadCustomCertificate(
            **uploads_of(keystore)[-1], domainsuffix="other.example.net"
        )
    assert "does not cover the domain suffix" in caught.value.error["errortext"]
    assert served_parts(management) == keystore_parts(keystore)


def test_a_check_before_serving_judges_what_was_uploaded(management: Management) -> None:
    settings = {
        "consoleproxy.management.url": management.url,
        "consoleproxy.management.secret": SECRET,
        "consoleproxy.keystore.path": "",
        "consoleproxy.sslEnabled": "true",
        "consoleproxy.url.domain": f"*.{DOMAIN}",
        "consoleproxy.port": str(free_port()),
    }
    arguments = (f"--set={name}={value}" for name, value in settings.items())
    command = [sys.executable, "-m", "consoleproxy", "check", *arguments]

    def checked() -> str:
        return subprocess.run(command, capture_output=True, text=True, timeout=60).stdout

    assert "FAIL  TLS: off" in checked()
    for upload in uploads_of(made_keystore()):
        upload_with_cs(management, upload, method="post")
    text = checked()
    assert "ok    keystore: the management server's can be used" in text
    assert f"ok    TLS: on, port {settings['consoleproxy.port']}" in text


def test_upload_that_is_signed_by_hand(management: Management) -> None:
    keystore = made_keystore()
    for upload in uploads_of(keystore):
        answer = sign_and_post(
            management, {"command": "uploadCustomCertificate", "domainsuffix": DOMAIN, **upload}
        )
        job = sign_and_post(management, {"command": "queryAsyncJobResult", **answer})
        assert (job["jobstatus"], job["jobresultcode"]) == (1, 0), job
    assert served_parts(management) == keystore_parts(keystore)


@pytest.mark.parametrize("as_files", [False, True])
def test_upload_by_the_page(management: Management, as_files: bool) -> None:
    keystore = made_keystore()
    key = keystore.key_pem().decode()
    texts = {
        "certificate": pem_of(keystore.certificate),
        "key": key,
        "chain": chain_of(keystore),
    }
    files = {f"{name}-file": (f"{name}.pem", text) for name, text in texts.items()}
    # Browsers send what was not chosen, too.
    unused = {f"{name}-file": ("", b"", "application/octet-stream") for name in texts}
    response = requests.post(
        f"{management.url}/certificates",
        data=dict.fromkeys(texts, "") if as_files else texts,
        files=files if as_files else unused,
        headers={"Origin": management.url},
        timeout=5,
    )
    assert response.status_code == 200, response.text
    page = requests.get(f"{management.url}/certificates", timeout=5).text
    for text in (response.text, page):
        assert f"<code>{keystore.certificate.serial_number:x}</code>" in text
        assert key.splitlines()[1] not in text
    assert not re.search(r"<script|onload|style=", page)
    assert served_parts(management) == keystore_parts(keystore)


def test_hand_over_survives_a_restart(tmp_path: Path, database: str) -> None:
    keystore = made_keystore()
    config = config_in(tmp_path, database)
    versions: list[str] = []

    async def register(url: str) -> None:
        listener = Listener(keystore_changed=versions.append)
        client = ManagementClient(url, SECRET, PROXY.name, listener)
        await client.register(PROXY)
        client.close()

    with running(config) as management:
        for upload in uploads_of(keystore):
            upload_with_cs(management, upload)
        asyncio.run(register(management.url))
    with running(config) as management:
        asyncio.run(register(management.url))
        assert served_parts(management) == keystore_parts(keystore)
    assert versions[0] == versions[1] != ""


def test_renewal_from_another_authority(management: Management) -> None:
    """The names of the rows stay the same; what is served changes with the last upload only."""
    old, new = made_keystore(), made_keystore()
    for upload in uploads_of(old):
        upload_with_cs(management, upload)
    for upload in uploads_of(new):
        assert served_parts(management) == keystore_parts(old)
        upload_with_cs(management, upload)
    assert served_parts(management) == keystore_parts(new)
