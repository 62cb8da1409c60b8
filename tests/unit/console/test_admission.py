"""Who is let in, and what the cloud is asked about who leaves and comes back meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import pytest

from consoleproxy.console.admission import RegistryAdmission
from consoleproxy.console.model import Admitted
from consoleproxy.endpoint.model import ConsoleEndpoint
from consoleproxy.endpoint.policy import AccessRules
from consoleproxy.endpoint.query import ConsoleQuery
from consoleproxy.errors import (
    AuthenticationRefused,
    ConsoleRefused,
    ExtraMismatch,
    ManagementUnavailable,
    ProxyDraining,
    SessionUsed,
    SourceAddressMismatch,
    TokenExpired,
)
from consoleproxy.session.ending import EndReason
from consoleproxy.session.returns import NO_CLAIM, Claim
from tests.unit.session.sample import endpoint, ignore
from tests.unit.workers.rig import CLIENT, CloudServer, Head, query, refusal_from, run, until

Story = Callable[[RegistryAdmission, CloudServer], Awaitable[None]]


def _with_cloud(story: Story, refusal: ConsoleRefused | None = None) -> None:
    async def main() -> None:
        cloud = CloudServer(refusal=refusal)
        admission = Head(cloud=cloud).admission
        await story(admission, cloud)
        admission.end_all(ProxyDraining())

    run(main)


def _admit(admission: RegistryAdmission) -> Admitted:
    return admission.decide(query("uuid-a"), NO_CLAIM, CLIENT, ignore)


def _ask(admission: RegistryAdmission, admitted: Admitted) -> asyncio.Task[ConsoleEndpoint]:
    asking = admission.authenticate(admitted, again=False)
    return asyncio.get_running_loop().create_task(asking)


async def _leave_too_early(admission: RegistryAdmission, cloud: CloudServer) -> None:
    """Ask, and leave before the answer."""
    admitted = _admit(admission)
    asking = _ask(admission, admitted)
    await cloud.asked.wait()
    asking.cancel()
    await asyncio.wait({asking})
    admission.leave(admitted.session, cut=True, reason=EndReason.VIEWER_LEFT)


def test_who_is_back_before_the_answer_shares_it() -> None:
    async def story(admission: RegistryAdmission, cloud: CloudServer) -> None:
        for _ in range(2):
            await _leave_too_early(admission, cloud)
        asking = _ask(admission, _admit(admission))
        cloud.allowed.set()
        assert (await asking).host == "10.1.1.99"
        assert cloud.reconnecting == [False]

    _with_cloud(story)


def test_who_is_back_after_a_yes_comes_back() -> None:
    async def story(admission: RegistryAdmission, cloud: CloudServer) -> None:
        await _leave_too_early(admission, cloud)
        cloud.allowed.set()
        await until(lambda: not admission._asking)
        assert (await _ask(admission, _admit(admission))).host == "10.1.1.99"
        assert cloud.reconnecting == [False, True]

    _with_cloud(story)


def test_who_is_back_after_a_no_is_not_asked_about_again() -> None:
    async def story(admission: RegistryAdmission, cloud: CloudServer) -> None:
        await _leave_too_early(admission, cloud)
        cloud.allowed.set()
        await until(lambda: not admission._asking)
        with pytest.raises(SessionUsed):
            _admit(admission)
        assert cloud.reconnecting == [False]

    _with_cloud(story, AuthenticationRefused("too old"))


def test_who_is_back_before_a_no_is_refused_for_good() -> None:
    async def story(admission: RegistryAdmission, cloud: CloudServer) -> None:
        await _leave_too_early(admission, cloud)
        back = _admit(admission)
        asking = _ask(admission, back)
        cloud.allowed.set()
        assert isinstance(await refusal_from(asking), AuthenticationRefused)
        admission.leave(back.session, cut=True, reason=EndReason.VIEWER_LEFT)
        with pytest.raises(SessionUsed):
            _admit(admission)

    _with_cloud(story, AuthenticationRefused("too old"))


def test_where_no_answer_came_the_next_is_asked_about_as_the_first() -> None:
    async def story(admission: RegistryAdmission, cloud: CloudServer) -> None:
        await _leave_too_early(admission, cloud)
        asking = _ask(admission, _admit(admission))
        cloud.allowed.set()
        assert isinstance(await refusal_from(asking), ManagementUnavailable)
        cloud.refusal = None
        assert (await _ask(admission, _admit(admission))).host == "10.1.1.99"
        assert cloud.reconnecting == [False, False]

    _with_cloud(story, ManagementUnavailable("away"))


def test_nobody_waits_for_an_answer_when_all_ends() -> None:
    async def story(admission: RegistryAdmission, cloud: CloudServer) -> None:
        await _leave_too_early(admission, cloud)
        (asking,) = admission._asking.values()
        admission.ask_no_more()
        await asyncio.wait({asking})
        assert asking.cancelled()
        assert not admission._asking

    _with_cloud(story)


@dataclass
class _Codec:
    """Opens any token."""

    endpoint: ConsoleEndpoint
    has_keys: bool = True

    def decode(self, token: str) -> ConsoleEndpoint:
        return self.endpoint


_FIRST = Claim("tab-1", "", "one")
_WITH_COOKIE = Claim("tab-1", "one", "two")
_WITHOUT = Claim("tab-1", "", "two")
_NEXT_TAB = Claim("tab-2", "", "two", (("tab-1", "one"),))


def _expired() -> tuple[RegistryAdmission, _Codec]:
    """Open a console with a token that expires, and lose it after that."""
    admission = Head().admission
    codec = _Codec(replace(endpoint("uuid-a"), extra="x", source_ip=CLIENT))
    admission.codec = codec  # type: ignore[assignment]
    session = admission.decide(ConsoleQuery("token", "x"), _FIRST, CLIENT, ignore).session
    admission.leave(session, cut=True, reason=EndReason.VIEWER_LOST)
    codec.endpoint = replace(codec.endpoint, expires_at=1.0)
    return admission, codec


@pytest.mark.parametrize("claim", [_WITH_COOKIE, _WITHOUT, _NEXT_TAB])
def test_who_comes_back_needs_no_token_that_is_good_still(claim: Claim) -> None:
    async def story() -> None:
        admission, _ = _expired()
        assert admission.decide(ConsoleQuery("token", "x"), claim, CLIENT, ignore).returning

    run(story)


def test_who_comes_back_is_held_to_all_else() -> None:
    async def story() -> None:
        admission, codec = _expired()
        for claim in (_WITHOUT, _NEXT_TAB):
            with pytest.raises(ExtraMismatch):
                admission.decide(ConsoleQuery("token", "y"), claim, CLIENT, ignore)
        admission.rules = AccessRules(source_ip_check=True)
        with pytest.raises(SourceAddressMismatch):
            admission.decide(ConsoleQuery("token", "x"), _WITH_COOKIE, "198.51.100.1", ignore)
        with pytest.raises(TokenExpired):
            admission.decide(ConsoleQuery("token", "x"), Claim("tab-3", "", "z"), CLIENT, ignore)
        codec.endpoint = replace(codec.endpoint, session_uuid="uuid-b")
        with pytest.raises(TokenExpired):
            admission.decide(ConsoleQuery("token", "x"), NO_CLAIM, CLIENT, ignore)

    run(story)
