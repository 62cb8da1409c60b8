"""The PyPI client ``cs`` drives every command of the API, in the three roles."""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cs import CloudStack, CloudStackApiException

from consoleproxy.management.inventory.file import load_inventory
from tests.integration.fixtures.mariadb import MariaDb, session_server
from tests.integration.test_management_api import PROXY, Management, config_in, running
from tests.unit.management.world import made_keystore, pem_of
from tests.waiting import wait_for

ACME_VM = "0d9c31a5-e4c8-454f-a9ff-432bc8910fcb"
ADMINS_VM = "d59c31a5-e4c8-454f-a9ff-432bc8910fcb"
INVENTORY = f"""
[[vm]]
name = "admins"
uuid = "{ADMINS_VM}"
address = "192.0.2.1:5901"

[[vm]]
name = "acmes"
uuid = "{ACME_VM}"
address = "192.0.2.1:5902"
domain = "ROOT/acme"
account = "web"
"""


class Caller:
    """A client of one user, which notes what it calls.

    Args:
        called: gets the names of the commands that were answered.
    """

    def __init__(self, management: Management, called: set[str], key: str, secret: str) -> None:
        self._client: Any = CloudStack(f"{management.url}/client/api", key, secret)
        self._called = called

    def __call__(self, command: str, **parameters: str) -> Any:
        """Return the answer, or the result of the job."""
        nonce = {} if command.startswith(("list", "query")) else {"nonce": secrets.token_hex(8)}
        answer = getattr(self._client, command)(**nonce, **parameters)
        self._called.add(command)
        if isinstance(answer, dict) and "jobid" in answer:
            self._called.add("queryAsyncJobResult")
            job = self._client.queryAsyncJobResult(jobid=answer["jobid"])
            assert job["jobstatus"] == 1, job
            return job["jobresult"]
        return answer

    def refused(self, command: str, **parameters: str) -> int:
        """Return the error code of a refusal."""
        with pytest.raises(CloudStackApiException) as caught:
            self(command, **parameters)
        error = caught.value.error
        assert error["errortext"]
        assert error["cserrorcode"] in (9999, 4250, 4350, 4365)
        return int(error["errorcode"])


@pytest.fixture(scope="session")
def mariadb(request: pytest.FixtureRequest) -> MariaDb:
    return session_server(request)


@pytest.fixture(params=["SQLite", "MariaDB"])
def management(
    request: pytest.FixtureRequest, mariadb: MariaDb, tmp_path: Path
) -> Iterator[Management]:
    on_mariadb = request.param == "MariaDB"
    database = mariadb.make_database() if on_mariadb else str(tmp_path / "test.db")
    config = config_in(tmp_path, database)
    (tmp_path / "inventory.toml").write_text(INVENTORY)
    inventory = load_inventory(tmp_path / "inventory.toml")
    with running(replace(config, inventory=inventory)) as management:
        management.register()
        yield management


def admin_of(management: Management, called: set[str]) -> Caller:
    account = management.server.account
    return Caller(management, called, key=account.api_key, secret=account.secret_key)


def new_caller(management: Management, called: set[str], admin: Caller, **account: str) -> Caller:
    """Make an account as a team does, and return its first user."""
    person = {"firstname": "J", "lastname": "D", "email": "j@example.org", "password": "x"}
    made = admin("createAccount", **account, **person)["account"]
    (user,) = made["user"]
    keys = admin("registerUserKeys", id=user["id"])["userkeys"]
    return Caller(management, called, key=keys["apikey"], secret=keys["secretkey"])


def test_every_command(management: Management) -> None:
    called: set[str] = set()
    admin = admin_of(management, called)
    acme = admin("createDomain", name="acme")["domain"]
    assert {one["path"] for one in admin("listDomains")["domain"]} == {"ROOT", "ROOT/acme"}
    boss = new_caller(
        management, called, admin, accounttype="2", username="boss", domainid=acme["id"]
    )
    web = new_caller(management, called, boss, accounttype="0", username="jane", account="web")
    people(admin, boss, web)
    consoles(admin, boss, web)
    operating(management, admin)
    admin("deleteDomain", id=acme["id"], cleanup="true")
    assert web.refused("listVirtualMachines") == 401
    known = {api["name"] for api in admin("listApis")["api"]}
    assert called == known


def people(admin: Caller, boss: Caller, web: Caller) -> None:
    (account,) = web("listAccounts")["account"]
    assert (account["name"], account["domainpath"]) == ("web", "ROOT/acme")
    peer = boss("createUser", username="peer", account="web")["user"]
    assert {user["username"] for user in boss("listUsers", account="web")["user"]} == {
        "jane",
        "peer",
    }
    assert web.refused("deleteUser", id=peer["id"]) == 432
    boss("deleteUser", id=peer["id"])
    assert boss("disableAccount", id=account["id"], lock="false")["account"]["state"] == "disabled"
    assert web.refused("listAccounts") == 401
    boss("enableAccount", id=account["id"])
    extra = boss("createAccount", accounttype="0", username="extra")["account"]
    assert web.refused("listConfigurations") == 432
    boss("deleteAccount", id=extra["id"])
    assert boss.refused("createAccount", accounttype="1", username="root") == 531
    assert {user["username"] for user in boss("listUsers", listall="true")["user"]} == {
        "boss",
        "jane",
    }
    assert "createAccount" not in {api["name"] for api in web("listApis")["api"]}
    assert web("listCapabilities")["capability"]["apilimitmax"] == 100


def consoles(admin: Caller, boss: Caller, web: Caller) -> None:
    for caller, machines in ((admin, 2), (boss, 1), (web, 1)):
        assert caller("listVirtualMachines", listall="true")["count"] == machines
        ours = caller("createConsoleEndpoint", virtualmachineid=ACME_VM)["consoleendpoint"]
        assert ours["success"], ours
        theirs = caller("createConsoleEndpoint", virtualmachineid=ADMINS_VM)["consoleendpoint"]
        assert theirs["success"] is (caller is admin)
        assert theirs.get("details") == (None if caller is admin else "Permission denied")
    assert admin("listConsoleSessions")["count"] == 4
    assert boss("listConsoleSessions")["count"] == 2
    (session,) = web("listConsoleSessions")["consolesession"]
    assert session["account"] == "web"
    (other,) = admin("listConsoleSessions", account="admin", virtualmachineid=ACME_VM)[
        "consolesession"
    ]
    assert web.refused("endConsoleSession", id=other["id"]) == 431
    web("endConsoleSession", id=session["id"])


def operating(management: Management, admin: Caller) -> None:
    (proxy,) = admin("listSystemVms")["systemvm"]
    admin("prepareHostForMaintenance", id=proxy["id"])
    admin("cancelHostMaintenance", id=proxy["id"])
    assert admin.refused("destroySystemVm", id=proxy["id"]) == 431
    management.post("/cpvm/register", replace(PROXY, name="gone", load_interval=0.1).to_json())
    wait_for(
        lambda: admin("listSystemVms", id="gone")["systemvm"][0]["state"] == "Disconnected",
        "a proxy that says nothing to be Disconnected",
    )
    admin("destroySystemVm", id="gone")
    name = "consoleproxy.session.max"
    assert admin("listConfigurations", name=name)["count"] == 1
    admin("updateConfiguration", name=name, value="7")
    admin("resetConfiguration", name=name)
    keystore = made_keystore()
    certificate = {"certificate": pem_of(keystore.roots[0]), "domainsuffix": "example.org"}
    admin("uploadCustomCertificate", **certificate, name="root", id="1")
