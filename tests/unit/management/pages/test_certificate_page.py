import asyncio
import base64
import secrets
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from tornado.httpclient import HTTPResponse

from tests.unit.management.world import (
    DOMAIN,
    World,
    chain_of,
    made_keystore,
    pem_of,
    running_world,
)

KEYSTORE = made_keystore()
PARTS = {
    "certificate": pem_of(KEYSTORE.certificate),
    "key": KEYSTORE.key_pem().decode(),
    "chain": chain_of(KEYSTORE),
}
SERIAL = f"{KEYSTORE.certificate.serial_number:x}"


def run(folder: Path, scenario: Callable[[World], Awaitable[None]], **changes: Any) -> None:
    async def main() -> None:
        async with running_world(folder, url_domain=f"*.{DOMAIN}", **changes) as world:
            await scenario(world)

    asyncio.run(main())


async def send(
    world: World,
    fields: Mapping[str, str | bytes],
    headers: Mapping[str, str] | None = None,
) -> HTTPResponse:
    """Send the form as a browser does; what is bytes is a file that was chosen."""
    boundary = secrets.token_hex(8)
    body = b""
    for name, value in fields.items():
        text = value.encode() if isinstance(value, str) else value
        file = '; filename="server.pem"' if isinstance(value, bytes) else ""
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
        body += head.encode() + text + b"\r\n"
    return await world.http.fetch(
        f"{world.url}/certificates",
        method="POST",
        body=body + f"--{boundary}--\r\n".encode(),
        headers={
            "Origin": world.url,
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            **(headers or {}),
        },
        raise_error=False,
    )


def test_page_shows_what_is_served(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        empty = (await world.fetch("/certificates")).body.decode()
        assert "No certificate" in empty
        assert 'href="/certificates"' in (await world.fetch("/")).body.decode()
        response = await send(world, PARTS)
        assert response.code == 200
        for page in (response, await world.fetch("/certificates")):
            text = page.body.decode()
            assert SERIAL in text
            assert f"*.{DOMAIN}" in text
            assert "CN=consoleproxy development intermediate" in text
            assert "2027-02-01 23:00 UTC" in text
            assert "PRIVATE KEY-----\n" not in text
            assert "<script" not in text
        world.clock.now += 380 * 86400
        assert "expires in 16 days" in (await world.fetch("/certificates")).body.decode()

    run(tmp_path, scenario)


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_texts_and_files(tmp_path: Path, line_end: str) -> None:
    async def scenario(world: World) -> None:
        texts = {name: text.replace("\n", line_end) for name, text in PARTS.items()}
        as_files = {f"{name}-file": text.encode() for name, text in texts.items()}
        response = await send(world, texts)
        assert response.code == 200
        assert "Repaired" not in response.body.decode()
        assert (await send(world, {**as_files, **dict.fromkeys(texts, "")})).code == 200
        response = await send(world, {**texts, "chain": "", "key-file": b""})
        assert "what console proxies serve already" in response.body.decode()

    run(tmp_path, scenario)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"key": ""}, "private key"),
        ({"certificate": ""}, "certificate"),
        ({"certificate": PARTS["certificate"] + PARTS["key"]}, "private key"),
        ({"key": made_keystore().key_pem().decode()}, "belongs to none"),
        ({"chain": ""}, "intermediate"),
        ({"certificate-file": b"x"}, "server.pem was chosen, and text was pasted beside it"),
        (
            {
                "certificate": "",
                "certificate-file": KEYSTORE.certificate.public_bytes(Encoding.DER),
            },
            "openssl x509 -inform der -in server.pem",
        ),
    ],
)
def test_faults_in_plain_words(tmp_path: Path, changes: dict[str, str | bytes], fault: str) -> None:
    async def scenario(world: World) -> None:
        response = await send(world, {**PARTS, **changes})
        text = response.body.decode()
        assert response.code == 422
        assert 'role="alert"' in text
        assert fault in text
        assert PARTS["key"].splitlines()[1] not in text
        assert "No certificate" in (await world.fetch("/certificates")).body.decode()

    run(tmp_path, scenario)


def test_what_is_served_stays_when_an_upload_is_refused(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        await send(world, PARTS)
        expired = made_keystore(days_ago=400)
        response = await send(
            world,
            {
                "certificate": pem_of(expired.certificate),
                "key": expired.key_pem().decode(),
                "chain": chain_of(expired),
            },
        )
        assert response.code == 422
        assert "expired on" in response.body.decode()
        assert SERIAL in response.body.decode()

    run(tmp_path, scenario)


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://evil.example"}, {"Origin": ""}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_form_of_another_page(tmp_path: Path, headers: dict[str, str]) -> None:
    async def scenario(world: World) -> None:
        assert (await send(world, PARTS, headers)).code == 403
        assert "No certificate" in (await world.fetch("/certificates")).body.decode()

    run(tmp_path, scenario)


def test_page_key(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        assert (await world.fetch("/certificates")).code == 401
        assert (await send(world, PARTS)).code == 401
        key = "Basic " + base64.b64encode(b"me:the key").decode()
        assert (await send(world, PARTS, {"Authorization": key})).code == 200

    run(tmp_path, scenario, page_key="the key")


def test_no_answer_under_other_names(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        host = f"evil.example:{world.server.port}"
        assert (await send(world, PARTS, {"Host": host, "Origin": f"http://{host}"})).code == 403

    run(tmp_path, scenario)


def test_a_form_that_is_cut_off(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        headers = {"Origin": world.url, "Content-Type": "multipart/form-data; boundary=x"}
        response = await world.fetch("/certificates", body="--x\r\nnothing", headers=headers)
        assert response.code in (400, 422)

    run(tmp_path, scenario)
