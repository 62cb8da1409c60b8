import asyncio
import json
import logging
from collections.abc import Mapping

import pytest

from consoleproxy.cli.changes import Changes, session_rules
from consoleproxy.console.admission import RegistryAdmission
from consoleproxy.endpoint.codec import TokenCodec
from consoleproxy.endpoint.policy import AccessRules
from consoleproxy.loadscan import LoadScan
from consoleproxy.management.channel.documents import Registration
from consoleproxy.session.load import Load
from consoleproxy.session.registry import Registry, SecondViewer
from consoleproxy.settings import Settings

KEYS = json.dumps({"base64EncodedKeyBytes": "A" * 22, "base64EncodedIvBytes": "A" * 22})
EXTRA = "consoleproxy.extra.security.validation.enabled"


class Rig:
    """A CPVM's books, and what its consoles were told."""

    def __init__(self, **started: str | int | bool) -> None:
        settings = Settings(**started)  # type: ignore[arg-type]
        self.told: list[Mapping[str, str]] = []
        self.admission = RegistryAdmission(
            registry=Registry(session_rules(settings)),
            codec=TokenCodec(None, None),
            rules=AccessRules(
                extra_required=settings.extra_required, source_ip_check=settings.source_ip_check
            ),
        )
        self.changes = Changes(settings, self.admission, self.told.append)

    def change(self, **changed: str) -> None:
        self.changes.changed(
            {f"consoleproxy.{name.replace('_', '.')}": value for name, value in changed.items()}
        )


def test_what_is_changed_counts_until_it_is_reset() -> None:
    rig = Rig(session_max=7, session_reconnection_window=2000)
    rig.change(session_max="1", session_policy="refuse")
    rules = rig.admission.registry.rules
    assert (rules.maximum, rules.second_viewer) == (1, SecondViewer.REFUSE)
    assert rules.reconnection_window == 2.0
    assert rig.changes.now.session_max == 1
    rig.change()
    assert rig.admission.registry.rules == session_rules(
        Settings(session_max=7, session_reconnection_window=2000)
    )
    assert rig.told == [
        {"consoleproxy.session.max": "1", "consoleproxy.session.policy": "refuse"},
        {},
    ]


@pytest.mark.parametrize(
    ("own", "management", "changed", "expected"),
    [
        (False, False, None, False),
        (True, False, None, True),
        (False, True, None, True),
        (True, True, "false", False),
        (False, False, "true", True),
    ],
)
def test_an_administrator_comes_before_both_servers_own_rules(
    own: bool, management: bool, changed: str | None, expected: bool
) -> None:
    rig = Rig(extra_required=own)
    change = {} if changed is None else {EXTRA: changed}
    for _ in range(2):
        rig.changes.changed(change)
        rig.changes.registered(Registration(KEYS, False, management))
        assert rig.admission.rules.extra_required is expected
    assert rig.admission.rules.source_ip_check is False
    rig.changes.changed({})
    assert rig.admission.rules.extra_required is (own or management)


def test_older_tokens_may_be_refused_from_now_on() -> None:
    rig = Rig()
    rig.changes.registered(Registration(KEYS, False, False))
    keys = rig.admission.codec.cloudstack_keys
    rig.change(token_cbc_accepted="false")
    assert not rig.admission.codec.accept_cbc
    assert rig.admission.codec.cloudstack_keys is keys
    rig.changes.registered(Registration(KEYS, False, False))
    assert not rig.admission.codec.accept_cbc
    assert not rig.changes.now.accept_cbc


def test_the_log_says_what_counts_and_what_waits(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    rig = Rig(port=8080)
    rig.change(session_max="1", port="9000", workers="many", session_timeout="1")
    assert caplog.messages == [
        "consoleproxy.session.timeout (set over the API) is not used: must be at least 1000 (ms)",
        "consoleproxy.session.max is 1 now",
        "consoleproxy.workers (set over the API) is not used: must be a whole number (processes)",
        "consoleproxy.port is to be 9000, and this proxy runs with 8080: start it anew",
    ]
    caplog.clear()
    rig.change(session_max="1")
    assert caplog.messages == []


class _Sink:
    async def report(self, load: Load) -> frozenset[str]:
        return frozenset()


async def _nothing_new() -> None:
    """The registry knows all there is."""


def test_what_waits_is_reported() -> None:
    async def story() -> None:
        rig = Rig(port=8080)
        scan = LoadScan(rig.admission.registry, _nothing_new, _Sink(), 5.0)
        rig.changes.scan = scan
        rig.change(port="9000", session_max="1")
        assert scan.waiting == ("consoleproxy.port",)
        rig.change(session_max="1")
        assert not scan.waiting

    asyncio.run(story())
