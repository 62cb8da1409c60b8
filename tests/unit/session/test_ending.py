import pytest

from consoleproxy import errors
from consoleproxy.session.ending import EndReason, reason_of


@pytest.mark.parametrize(
    ("refusal", "word"),
    [
        (errors.SessionEndedByOperator(), "operator"),
        (errors.SessionReplaced(), "replaced"),
        (errors.SessionIdle(), "idle"),
        (errors.ProxyDraining(), "proxy-stopped"),
        (errors.ScreenLost(), "guest-lost"),
        (errors.HypervisorSilent(), "guest-unreachable"),
        (errors.MachineNotRunning(), "guest-ended"),
        (errors.ViewerSilent(), "viewer-fault"),
        (errors.AuthenticationRefused(), "refused"),
        (errors.ConsoleRefused(), "refused"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_refusals_have_a_word(refusal: errors.ConsoleRefused, word: str) -> None:
    assert reason_of(refusal) == word


def test_words_are_short_and_plain() -> None:
    assert all(len(word) < 32 and word.replace("-", "").islower() for word in EndReason)
