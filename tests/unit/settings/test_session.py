from consoleproxy.session.registry import SecondViewer
from consoleproxy.settings import Settings
from consoleproxy.settings.session import SessionSettings


def test_cloudstacks_defaults() -> None:
    settings = SessionSettings()
    assert settings.loadscan_interval == 5000
    assert settings.session_max == 50
    assert settings.session_timeout == 300_000
    assert not settings.extra_required
    assert not settings.source_ip_check


def test_policy_is_one_that_the_registry_knows() -> None:
    assert SecondViewer(Settings().session_policy) is SecondViewer.REPLACE
