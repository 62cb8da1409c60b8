from pathlib import Path

from tests.unit.management.world import SECRET, World, in_world


def test_all_settings_and_a_search(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        text = (await world.fetch("/settings")).body.decode()
        assert 'href="/settings/consoleproxy.session.max"' in text
        assert 'href="/settings/consoleproxy.management.secret"' not in text
        assert "consoleproxy.restart" in text
        assert SECRET not in text
        assert len(text) < 100_000
        text = (await world.fetch("/settings?q=standby")).body.decode()
        assert "consoleproxy.capacity.standby" in text
        assert "consoleproxy.session.max<" not in text
        assert "Nothing found" in (await world.fetch("/settings?q=%3Cb%3E")).body.decode()

    in_world(tmp_path, scenario, management_secret=SECRET)


def test_only_a_setting_is_said_to_be_saved(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        saved = (await world.fetch("/settings?saved=consoleproxy.session.max")).body.decode()
        assert 'role="status">Saved' in saved
        assert "Saved" not in (await world.fetch("/settings?saved=x")).body.decode()

    in_world(tmp_path, scenario)
