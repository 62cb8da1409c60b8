from dataclasses import replace

import pytest

from consoleproxy.endpoint.model import ConsoleEndpoint
from consoleproxy.endpoint.policy import AccessRequest, AccessRules, check_access
from consoleproxy.errors import (
    ConsoleRefused,
    ExtraMismatch,
    SourceAddressMismatch,
    TokenExpired,
    TokenNotYetValid,
)

NOW = 1_767_225_600.0
PLAIN = ConsoleEndpoint(session_uuid="s", vm_uuid="vm")
HELD = replace(PLAIN, extra="s3crét")
FROM = "203.0.113.7"
NO_RULES = AccessRules(extra_required=False, source_ip_check=False)
EXTRA = AccessRules(extra_required=True, source_ip_check=False)
SOURCE = AccessRules(extra_required=False, source_ip_check=True)


def outcome(
    endpoint: ConsoleEndpoint, extra: str = "", source: str = FROM, rules: AccessRules = NO_RULES
) -> type[ConsoleRefused] | None:
    try:
        check_access(endpoint, AccessRequest(extra, source), rules, NOW)
    except ConsoleRefused as refused:
        assert "s3crét" not in str(refused)
        return type(refused)
    return None


@pytest.mark.parametrize("rules", [NO_RULES, EXTRA])
def test_the_extra_of_a_token_must_be_brought(rules: AccessRules) -> None:
    assert outcome(HELD, "s3crét", rules=rules) is None
    for wrong in ("", "s3cré", "s3crét ", "S3CRÉT"):
        assert outcome(HELD, wrong, rules=rules) is ExtraMismatch


def test_a_token_without_extra() -> None:
    assert outcome(PLAIN, "anything") is None
    assert outcome(PLAIN, "", rules=EXTRA) is ExtraMismatch
    assert outcome(PLAIN, "anything", rules=EXTRA) is ExtraMismatch


@pytest.mark.parametrize(
    ("made_for", "comes_from", "same"),
    [
        (FROM, FROM, True),
        (FROM, "::ffff:203.0.113.7", True),
        ("::ffff:cb00:7107", FROM, True),
        ("2001:DB8::1", "2001:db8:0:0:0:0:0:1", True),
        (FROM, "203.0.113.8", False),
        (FROM, "2001:db8::1", False),
        ("", FROM, False),
        ("", "", False),
        ("localhost", "localhost", False),
        ("203.0.113.07", FROM, False),
    ],
)
def test_source_addresses(made_for: str, comes_from: str, same: bool) -> None:
    endpoint = replace(PLAIN, source_ip=made_for)
    expected = None if same else SourceAddressMismatch
    assert outcome(endpoint, source=comes_from, rules=SOURCE) is expected
    assert outcome(endpoint, source=comes_from) is None


def test_the_end_has_no_leeway() -> None:
    assert outcome(replace(PLAIN, expires_at=NOW + 0.001)) is None
    assert outcome(replace(PLAIN, expires_at=NOW)) is TokenExpired
    assert outcome(replace(PLAIN, expires_at=0.0)) is TokenExpired


def test_the_beginning_has_leeway_for_clocks() -> None:
    assert outcome(replace(PLAIN, not_before=NOW)) is None
    assert outcome(replace(PLAIN, not_before=NOW + 60)) is None
    assert outcome(replace(PLAIN, not_before=NOW + 60.1)) is TokenNotYetValid
