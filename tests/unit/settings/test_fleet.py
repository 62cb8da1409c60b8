import pytest

from consoleproxy.settings import Settings
from consoleproxy.settings.fleet import check_webhook


def test_cloudstacks_defaults() -> None:
    settings = Settings()
    assert settings.session_retention_hours == 240
    assert settings.session_cleanup_hours == 180
    assert settings.capacity_standby == 10
    assert settings.capacity_scan_interval == 30_000
    assert settings.launch_max == 10
    assert settings.show_dot


@pytest.mark.parametrize(
    "url", ["", "http://scaler:8000/x", "https://user:secret@scaler.example.org/", "http://[::1]/"]
)
def test_urls(url: str) -> None:
    check_webhook(url)


@pytest.mark.parametrize(
    "url",
    [
        *("scaler", "scaler:80/s3cret", "ftp://h/s3cret", "http://", "http:///s3cret"),
        *("http://h:s3cret/", "http://h:99999/s3cret", "http://[s3cret/", "http://h/s3cret#x"),
        *("http://h/s3cret\r\n", "http://h/ s3cret", "http://hö/s3cret"),
    ],
)
def test_what_is_no_url_is_told_without_showing_it(url: str) -> None:
    with pytest.raises(ValueError, match="must be a URL") as caught:
        check_webhook(url)
    assert "s3cret" not in str(caught.value)
