"""Who is let in, how often, and that what changes something comes once."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from consoleproxy.errors import ApiLimitReached, ManagementRequestRefused
from consoleproxy.management.accounts.caller import Role
from consoleproxy.management.api.admission import Admission
from consoleproxy.management.api.call import api_date
from consoleproxy.management.api.query import read_parameters
from consoleproxy.management.configuration.live import Live
from consoleproxy.management.records.accounts import State, account_named, set_account_state
from consoleproxy.management.records.users import Keys
from consoleproxy.management.storage.schema import user
from consoleproxy.settings import Settings
from tests.unit.management.world import SEALER, START, Clock, World, in_world

ADDRESS = "192.0.2.7"


def admission(world: World, **settings: Any) -> Admission:
    """One with a clock of its own, which stands still."""
    live = Live(replace(Settings(), **settings))
    database = world.server.issuer.database
    return Admission(database, SEALER, live, world.clock, Clock(0.0))


def parameters(world: World, keys: Keys | None = None, **given: str) -> Mapping[str, str]:
    return read_parameters(world.signed("createConsoleEndpoint", keys, **given))


async def refused(
    admission: Admission, given: Mapping[str, str], once: bool = True
) -> ManagementRequestRefused:
    with pytest.raises(ManagementRequestRefused) as caught:
        await admission.admit(given, ADDRESS, once=once)
    return caught.value


def test_a_caller_is_the_user_of_the_key(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        keys = await world.user("web", "ROOT/acme", Role.DOMAIN_ADMIN, "jane")
        caller = await admission(world).admit(parameters(world, keys), ADDRESS, once=True)
        assert (caller.user, caller.account, caller.domain, caller.role) == (
            "jane",
            "web",
            "ROOT/acme",
            Role.DOMAIN_ADMIN,
        )

    in_world(tmp_path, scenario)


def test_what_changes_something_is_taken_once(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        given = parameters(world)
        gate, beside = admission(world), admission(world)
        await gate.admit(given, ADDRESS, once=True)
        for again in (gate, beside):
            refusal = await refused(again, given)
            assert refusal.status == 401
            assert "received before" in str(refusal)
            assert "nonce" in str(refusal)
        # Letter case is not signed, so another spelling is the same request.
        await refused(gate, {**given, "command": given["command"].upper()})
        await gate.admit(parameters(world), ADDRESS, once=True)

    in_world(tmp_path, scenario)


def test_what_only_shows_something_may_be_sent_again(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        given, gate = parameters(world), admission(world)
        for _ in range(3):
            await gate.admit(given, ADDRESS, once=False)

    in_world(tmp_path, scenario)


def test_what_changes_something_expires_soon(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        gate = admission(world)
        far = parameters(world, expires=api_date(START + 1201))
        assert "too far ahead" in str(await refused(gate, far))
        await gate.admit(far, ADDRESS, once=False)
        await gate.admit(parameters(world, expires=api_date(START + 1200)), ADDRESS, once=True)
        past = parameters(world, expires=api_date(START - 1))
        assert "has expired" in str(await refused(gate, past, once=False))

    in_world(tmp_path, scenario)


def test_requests_that_never_expire(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        everything = dict(parameters(world))
        bare = {
            name: value
            for name, value in everything.items()
            if name not in ("expires", "signatureversion", "signature", "nonce")
        }
        bare["signature"] = world.sign(bare)
        gate = admission(world)
        assert "api.signature.expires.required" in str(await refused(gate, bare))
        await gate.admit(bare, ADDRESS, once=False)
        lenient = admission(world, expires_required=False)
        for _ in range(2):
            await lenient.admit(bare, ADDRESS, once=True)

    in_world(tmp_path, scenario)


def test_who_is_disabled_is_told_so_if_the_signature_is_right(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        keys, gate = await world.user("web"), admission(world)
        database = world.server.issuer.database

        async def set_states(of_user: State, of_account: State) -> None:
            owner = await database.run(lambda db: account_named(db, "ROOT", "web"))
            assert owner is not None
            of = user.c.account == owner.uuid
            change = update(user).where(of).values(state=of_user.value)
            await database.run(lambda db: db.execute(change))
            await database.run(lambda db: set_account_state(db, owner.uuid, of_account))

        for states in ((State.DISABLED, State.ENABLED), (State.ENABLED, State.DISABLED)):
            await set_states(*states)
            refusal = await refused(gate, parameters(world, keys))
            assert refusal.status == 401
            assert "disabled" in str(refusal)
            wrong = parameters(world, Keys(keys.api_key, "wrong"))
            assert "disabled" not in str(await refused(gate, wrong))
        await set_states(State.ENABLED, State.ENABLED)
        await gate.admit(parameters(world, keys), ADDRESS, once=True)

    in_world(tmp_path, scenario)


def test_requests_of_a_key_are_bounded(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        keys = await world.user("web")
        gate = admission(world, throttling_max=3, throttling_interval=30)
        for _ in range(3):
            await gate.admit(parameters(world, keys), ADDRESS, once=False)
        refusal = await refused(gate, parameters(world, keys), once=False)
        assert isinstance(refusal, ApiLimitReached)
        assert (refusal.status, refusal.seconds) == (429, 10)
        assert "limit of 3 requests in 30 s (api.throttling.max): try again in 10 s" in str(refusal)
        await gate.admit(parameters(world), ADDRESS, once=False)
        ticks = gate.ticks
        assert isinstance(ticks, Clock)
        ticks.now += 10
        await gate.admit(parameters(world, keys), ADDRESS, once=False)

    in_world(tmp_path, scenario)


def test_requests_may_be_unbounded(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        gate = admission(world, throttling_max=1, throttling_enabled=False)
        for _ in range(3):
            await gate.admit(parameters(world), ADDRESS, once=False)

    in_world(tmp_path, scenario)


def test_keys_are_not_guessed_at_speed(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        gate = admission(world, signature_failures_max=3)
        wrong = parameters(world, Keys(world.server.account.api_key, "wrong"))
        for _ in range(3):
            assert (await refused(gate, wrong)).status == 401
        for given in (wrong, parameters(world)):
            refusal = await refused(gate, given)
            assert (refusal.status, "your address" in str(refusal)) == (429, True)
        await gate.admit(parameters(world), "192.0.2.8", once=True)
        ticks = gate.ticks
        assert isinstance(ticks, Clock)
        ticks.now += 20
        await gate.admit(parameters(world), ADDRESS, once=True)

    in_world(tmp_path, scenario)


def test_expired_requests_are_no_guesses(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        gate = admission(world, signature_failures_max=1)
        past = parameters(world, expires=api_date(START - 1))
        for _ in range(3):
            assert "has expired" in str(await refused(gate, past))

    in_world(tmp_path, scenario)
