import pytest

from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.configuration.changes import changeable_setting


def test_setting_that_can_be_changed() -> None:
    assert changeable_setting("consoleproxy.session.max").field == "session_max"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("consoleproxy.management.secret", "it is a secret"),
        ("consoleproxy.restart", "does nothing here"),
        ("consoleproxy.assignment.lock", "there is no setting"),
        ("x" * 1000, "there is no setting x"),
    ],
)
def test_others_and_why_not(name: str, reason: str) -> None:
    with pytest.raises(ManagementRequestRefused, match=reason) as refused:
        changeable_setting(name)
    assert refused.value.status == 431
    assert len(str(refused.value)) < 400
