import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from consoleproxy.management.api.certificates import upload_message
from consoleproxy.management.certificates import Uploaded
from tests.unit.management.world import (
    DOMAIN,
    World,
    chain_of,
    made_keystore,
    pem_of,
    running_world,
)


def run(folder: Path, scenario: Callable[[World], Awaitable[None]]) -> None:
    async def main() -> None:
        async with running_world(folder, url_domain=f"*.{DOMAIN}") as world:
            await scenario(world)

    asyncio.run(main())


async def post(world: World, command: str, **parameters: str) -> dict[str, Any]:
    """What is inside the response to a form."""
    response = await world.fetch(
        "/client/api",
        body=world.signed(command, **parameters),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    document: dict[str, dict[str, Any]] = json.loads(response.body)
    return document[f"{command.lower()}response"]


async def uploaded(world: World, **parameters: str) -> dict[str, Any]:
    """The result of the job of an upload."""
    answer = await post(world, "uploadCustomCertificate", **parameters)
    assert list(answer) == ["jobid"], answer
    return await world.call("queryAsyncJobResult", **answer)


KEYSTORE = made_keystore()
CHAIN = {"certificate": chain_of(KEYSTORE), "domainsuffix": DOMAIN}
SERVER = {
    "certificate": pem_of(KEYSTORE.certificate),
    "privatekey": KEYSTORE.key_pem().decode(),
    "domainsuffix": DOMAIN,
}


def test_upload_and_its_job(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        chain = await uploaded(world, **CHAIN, name="chain", id="1")
        message = chain["jobresult"]["customcertificate"]["message"]
        assert message.startswith(
            "Certificate has been successfully updated. Console proxies serve none"
        )
        assert "Warning: not served yet: " in message
        job = await uploaded(world, **SERVER)
        assert "serve it within seconds" in job.pop("jobresult")["customcertificate"]["message"]
        assert len(job.pop("jobid")) == 36
        assert job == {
            "account": "admin",
            "cmd": "org.apache.cloudstack.api.command.admin.resource.UploadCustomCertificateCmd",
            "jobstatus": 1,
            "jobprocstatus": 0,
            "jobresultcode": 0,
            "jobresulttype": "object",
            "created": "2026-01-01T00:00:00+0000",
            "completed": "2026-01-01T00:00:00+0000",
        }
        again = await uploaded(world, **SERVER)
        assert "stays as it was" in again["jobresult"]["customcertificate"]["message"]

    run(tmp_path, scenario)


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({**SERVER, "name": "a"}, "Can't change the alias for private key certification"),
        ({**CHAIN, "id": "1"}, "alias can't be empty, if it's a certification chain"),
        ({**CHAIN, "name": "a"}, "index can't be empty, if it's a certifciation chain"),
        ({**CHAIN, "name": "a", "id": "0"}, "id must be a whole number from 1 on"),
        ({**SERVER, "certificate": "nothing"}, "is not PEM"),
        ({**CHAIN, "name": "CPVMCertificate", "id": "1"}, "send both"),
    ],
)
def test_uploads_that_fail_say_so_in_their_job(
    tmp_path: Path, parameters: dict[str, str], text: str
) -> None:
    async def scenario(world: World) -> None:
        job = await uploaded(world, **parameters)
        assert (job["jobstatus"], job["jobresultcode"]) == (2, 431)
        assert job["jobresult"]["errorcode"] == 431
        assert text in job["jobresult"]["errortext"]

    run(tmp_path, scenario)


@pytest.mark.parametrize(("name", "limit"), [("name", 64), ("domainsuffix", 256)])
def test_what_is_too_long(tmp_path: Path, name: str, limit: int) -> None:
    async def scenario(world: World) -> None:
        given = {**CHAIN, "name": "a", "id": "1", name: "a" * (limit + 1)}
        answer = await post(world, "uploadCustomCertificate", **given)
        assert answer["errorcode"] == 431
        assert f"{name}: it must not have more than {limit} characters" in answer["errortext"]

    run(tmp_path, scenario)


@pytest.mark.parametrize("missing", ["certificate", "domainsuffix"])
def test_what_must_be_there(tmp_path: Path, missing: str) -> None:
    async def scenario(world: World) -> None:
        answer = await post(world, "uploadCustomCertificate", **{**SERVER, missing: ""})
        assert answer["errorcode"] == 431
        assert f"due to missing parameter {missing}" in answer["errortext"]

    run(tmp_path, scenario)


def test_what_url_encoding_did_is_repaired_and_told(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        await uploaded(world, **CHAIN, name="chain", id="1")
        spoiled = {**SERVER, "certificate": SERVER["certificate"].replace("\n", "\r\n")}
        message = (await uploaded(world, **spoiled))["jobresult"]["customcertificate"]["message"]
        assert "Repaired: " in message

    run(tmp_path, scenario)


def test_jobs_are_their_accounts_own(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        answer = await post(world, "uploadCustomCertificate", **SERVER)
        other = await world.user("other")
        refused = await world.call("queryAsyncJobResult", other, **answer)
        assert refused["errorcode"] == 431
        unknown = await world.call("queryAsyncJobResult", jobid="unknown")
        assert "there is no such job" in unknown["errortext"]

    run(tmp_path, scenario)


def test_upload_must_be_signed_over_everything(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        body = world.signed("uploadCustomCertificate", **SERVER) + "&name=other"
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        response = await world.fetch("/client/api", body=body, headers=form)
        assert response.code == 401

    run(tmp_path, scenario)


def test_private_keys_are_in_no_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    line = SERVER["privatekey"].splitlines()[1]

    async def scenario(world: World) -> None:
        await world.fetch("/client/api?" + world.signed("uploadCustomCertificate", **SERVER))
        await uploaded(world, **{**SERVER, "certificate": SERVER["privatekey"]})

    with caplog.at_level(0):
        run(tmp_path, scenario)
    assert "/client/api" in caplog.text
    assert line not in caplog.text


def test_message_in_whole_sentences() -> None:
    done = Uploaded(("it expires soon",), ("it had blanks",), serving=True, changed=True)
    assert upload_message(done) == (
        "Certificate has been successfully updated. Console proxies serve it within seconds; open "
        "sessions go on. Repaired: it had blanks. Warning: it expires soon."
    )
