from consoleproxy.settings import Settings


def test_the_secure_way_is_the_default() -> None:
    settings = Settings()
    assert settings.throttling_enabled
    assert settings.expires_required


def test_cloudstacks_clients_are_within_the_bound() -> None:
    # cs: 10 minutes, cloudmonkey: 15; and some for clocks that differ.
    assert Settings().expires_max >= 15 * 60 + 120
