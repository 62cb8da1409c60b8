from dataclasses import replace
from functools import partial
from pathlib import Path

from consoleproxy.management.channel.documents import LoadReport
from consoleproxy.management.inventory.machines import Inventory
from consoleproxy.management.records.sessions import acquire, sessions
from tests.unit.management.world import PROXY, WEB, World, in_world


def test_lists(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        empty = (await world.fetch("/")).body.decode()
        assert "None has registered yet." in empty
        assert "No console proxy is connected." in empty
        await world.register()
        response = await world.fetch("/")
        text = response.body.decode()
        assert response.headers["Content-Type"].startswith("text/html")
        assert "web01" in text
        assert f'action="/console/{WEB.uuid}" target="_blank"' in text
        assert 'disabled aria-label="Console of db01"' in text
        assert "cpvm-1" in text
        assert "0 of 2" in text
        assert WEB.password not in text
        world.clock.now += 16
        text = (await world.fetch("/")).body.decode()
        assert "Disconnected" in text
        assert "1 console proxy is silent: cpvm-1." in text

    in_world(tmp_path, scenario)


def test_names_are_escaped(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        text = (await world.fetch("/")).body.decode()
        assert "<b>" not in text
        assert "&lt;b&gt;" in text

    in_world(tmp_path, scenario, inventory=Inventory([replace(WEB, name="<b>web</b>")]))


def test_open_consoles_and_links(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        await world.register()
        await world.console(virtualmachineid=WEB.uuid)
        assert "0 of 2, 1 expected" in (await world.fetch("/")).body.decode()
        database = world.server.issuer.database
        (session,) = await database.run(sessions)
        use = partial(
            acquire,
            uuid=session.uuid,
            vm_uuid=WEB.uuid,
            proxy="cpvm-1",
            client_address="203.0.113.7",
            now=world.clock.now,
        )
        await database.run(use)
        text = (await world.fetch("/")).body.decode()
        assert "203.0.113.7" in text
        assert "2026-01-01 00:00:00 UTC" in text

    in_world(tmp_path, scenario)


def test_a_large_fleet_makes_no_large_page(tmp_path: Path) -> None:
    machines = [replace(WEB, uuid=f"{n:08}{WEB.uuid[8:]}", name=f"m-{n}") for n in range(10_000)]

    async def scenario(world: World) -> None:
        for number in range(12):
            await world.register(replace(PROXY, name=f"cpvm-{number}"))
        response = await world.fetch("/")
        text = response.body.decode()
        assert len(response.body) < 30_000
        assert "All 12 console proxies" in text
        assert "All 10,000 virtual machines" in text
        assert (text.count(">m-"), text.count(">cpvm-")) == (10, 10)

    in_world(tmp_path, scenario, inventory=Inventory(machines))


def test_a_proxy_that_runs_with_another_value(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        await world.register()
        for waiting in (("consoleproxy.port",), ()):
            body = LoadReport.to_json("cpvm-1", '{"connections": []}', waiting=waiting)
            assert (await world.channel("/cpvm/load", body)).code == 200
            text = (await world.fetch("/")).body.decode()
            says = "1 console proxy goes by consoleproxy.port only when started anew: cpvm-1."
            assert (says in text) is bool(waiting)

    in_world(tmp_path, scenario)
