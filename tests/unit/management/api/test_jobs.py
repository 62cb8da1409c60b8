from pathlib import Path

from consoleproxy.errors import ParameterInvalid
from consoleproxy.management.accounts.caller import Role
from consoleproxy.management.api.call import Call
from consoleproxy.management.api.jobs import Jobs
from tests.unit.management.world import World, in_world


def test_jobs_are_their_accounts_own_and_root_admins(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        jobs = Jobs(world.server.issuer.database, world.clock)
        keys = {
            "web": await world.user("web", "ROOT/acme"),
            "same name": await world.user("web", "ROOT/other"),
            "boss": await world.user("boss", "ROOT/acme", Role.DOMAIN_ADMIN),
        }
        caller = world.server.account.caller
        mine = await jobs.succeeded(Call(caller, "", {}), "Any", {"a": 1})
        result = await world.call("queryAsyncJobResult", **mine)  # type: ignore[arg-type]
        assert (result["jobstatus"], result["jobresult"]) == (1, {"a": 1})
        for who in keys.values():
            refused = await world.call("queryAsyncJobResult", who, **mine)  # type: ignore[arg-type]
            assert (refused["errorcode"], refused["cserrorcode"]) == (431, 4350)

    in_world(tmp_path, scenario)


def test_failed_jobs_have_the_error(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        jobs = Jobs(world.server.issuer.database, world.clock)
        call = Call(world.server.account.caller, "", {})
        started = await jobs.failed(call, "Any", ParameterInvalid("why"))
        result = await world.call("queryAsyncJobResult", **started)  # type: ignore[arg-type]
        assert (result["jobstatus"], result["jobresultcode"]) == (2, 431)
        assert result["jobresult"] == {"errorcode": 431, "errortext": "why"}
        unknown = await world.call("queryAsyncJobResult", jobid="unknown")
        assert "there is no such job" in unknown["errortext"]

    in_world(tmp_path, scenario)
