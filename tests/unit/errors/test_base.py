"""Every refusal can be told to a person through a close frame."""

import pytest

from consoleproxy import errors
from consoleproxy.errors import ConsoleRefused

# RFC 6455 section 5.5: a control frame carries 125 bytes, two of them the close code.
_CLOSE_REASON_BYTES = 123

# These are raised before the link is used up, or give it back.
_REFUSED_BEFORE_USE = {
    errors.TokenNotYetValid,
    errors.ManagementUnavailable,
    errors.SessionOccupied,
    errors.ProxyFull,
}


def _refusals(root: type[ConsoleRefused]) -> list[type[ConsoleRefused]]:
    return [root, *(leaf for child in root.__subclasses__() for leaf in _refusals(child))]


@pytest.mark.parametrize("refusal", _refusals(ConsoleRefused))
def test_sentence_fits_a_close_frame_and_says_something(refusal: type[ConsoleRefused]) -> None:
    assert 20 < len(refusal.sentence.encode()) <= _CLOSE_REASON_BYTES
    assert refusal.sentence.endswith(".")


@pytest.mark.parametrize("refusal", _refusals(ConsoleRefused))
def test_close_code_is_one_that_may_be_sent(refusal: type[ConsoleRefused]) -> None:
    assert refusal.close_code in {1001, 1002} or 4400 <= refusal.close_code <= 4599


@pytest.mark.parametrize("refusal", _refusals(ConsoleRefused))
def test_who_is_told_to_try_again_has_a_link_that_works(refusal: type[ConsoleRefused]) -> None:
    """The viewer offers another try where the sentence does."""
    assert ("try again" in refusal.sentence.lower()) == (
        refusal.may_return or refusal in _REFUSED_BEFORE_USE
    )


def test_cause_is_for_the_log_and_not_for_the_person() -> None:
    refusal = ConsoleRefused("10.0.0.5:5901 refused the connection")
    assert "10.0.0.5" in str(refusal)
    assert "10.0.0.5" not in refusal.sentence
