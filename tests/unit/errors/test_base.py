"""Every refusal can be told to a person through a close frame."""

import re

import pytest

from consoleproxy import errors
from consoleproxy.errors import ConsoleRefused

# RFC 6455 section 5.5: a control frame carries 125 bytes, two of them the close code.
_CLOSE_REASON_BYTES = 123


def _refusals(root: type[ConsoleRefused]) -> list[type[ConsoleRefused]]:
    return [root, *(leaf for child in root.__subclasses__() for leaf in _refusals(child))]


@pytest.mark.parametrize("refusal", _refusals(ConsoleRefused))
def test_sentence_fits_a_close_frame_and_says_something(refusal: type[ConsoleRefused]) -> None:
    assert len(refusal.sentence) > 20
    assert len(refusal("").told(named=True).encode()) <= _CLOSE_REASON_BYTES
    assert refusal.sentence.endswith(".")


@pytest.mark.parametrize("refusal", _refusals(ConsoleRefused))
def test_close_code_is_one_that_may_be_sent(refusal: type[ConsoleRefused]) -> None:
    assert refusal.close_code in {1001, 1002} or 4400 <= refusal.close_code <= 4599


@pytest.mark.parametrize("refusal", _refusals(ConsoleRefused))
def test_who_is_told_to_try_again_has_a_link_that_works(refusal: type[ConsoleRefused]) -> None:
    """The viewer offers another try where the sentence does."""
    assert ("try again" in refusal.sentence.lower()) == (refusal.may_return or refusal.unused)


@pytest.mark.parametrize("refusal", _refusals(ConsoleRefused))
def test_each_sentence_has_a_key_of_its_own(refusal: type[ConsoleRefused]) -> None:
    all_refusals = _refusals(ConsoleRefused)
    assert {other.sentence for other in all_refusals if other.key == refusal.key} == {
        refusal.sentence
    }
    assert re.fullmatch("[a-z-]+", refusal.key)


def test_a_viewer_that_asks_for_it_is_told_the_key_of_the_sentence() -> None:
    assert errors.SessionUsed().told(named=True) == f"used: {errors.SessionUsed.sentence}"
    assert errors.HypervisorSilent().told(named=True).startswith("silent+: ")
    assert errors.ProxyFull().told(named=True).startswith("full+: ")
    assert errors.SessionUsed().told(named=False) == errors.SessionUsed.sentence


def test_cause_is_for_the_log_and_not_for_the_person() -> None:
    refusal = ConsoleRefused("10.0.0.5:5901 refused the connection")
    assert "10.0.0.5" in str(refusal)
    assert "10.0.0.5" not in refusal.sentence
