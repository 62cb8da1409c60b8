"""What a CPVM starts with: its own settings, and over them what administrators changed."""

import asyncio
import logging
from collections.abc import Iterator, Mapping

from consoleproxy.errors import ManagementUnavailable
from consoleproxy.management.channel.documents import WATCH_PATH
from consoleproxy.management.channel.news import News, Watch
from consoleproxy.management.channel.transport import Transport
from consoleproxy.settings import Effect, Settings, declared_settings
from consoleproxy.sources import overlaid

_log = logging.getLogger(__name__)

_LIMIT_SECONDS = 3.0
# No version of settings: who knows it knows nothing, and is answered at once.
_UNHEARD_OF = "none"


def settings_to_start_with(own: Settings, proxy: str) -> Settings:
    """Return the own settings with those changed ones that count from a start on.

    Without an answer of the management server the own ones have to do; what differs is logged
    once it answers.

    Args:
        proxy: this proxy's name.
    """
    if not own.management_url or not own.management_secret:
        return own
    try:
        started = settings_over_the_api(own, proxy)
    except ManagementUnavailable as error:
        _log.warning("starting with this proxy's own settings: %s", error)
        return own
    for difference in differences(own, started):
        _log.info("%s", difference)
    return started


def settings_over_the_api(own: Settings, proxy: str) -> Settings:
    """Return the own settings with those changed ones that count from a start on.

    Raises:
        ManagementUnavailable: the management server gave no answer that makes sense.
    """
    return overlaid(own, asyncio.run(_changed(own, proxy)), frozenset({Effect.RESTART})).settings


def differences(own: Settings, started: Settings) -> Iterator[str]:
    """Yield a line for each setting that an administrator changed."""
    for declared in declared_settings():
        value = getattr(started, declared.field)
        if value != getattr(own, declared.field):
            yield f"{declared.setting.name} is {declared.written(value)}, as set over the API"


async def _changed(own: Settings, proxy: str) -> Mapping[str, str]:
    transport = Transport(own.management_url, own.management_secret)
    watch = Watch(proxy=proxy, settings_version=_UNHEARD_OF)
    try:
        async with asyncio.timeout(_LIMIT_SECONDS):
            news = await transport.ask(WATCH_PATH, watch.to_json(), News.from_json)
    except TimeoutError:
        raise ManagementUnavailable(
            f"{own.management_url} did not answer within {_LIMIT_SECONDS:g} s"
        ) from None
    finally:
        transport.close()
    return news.settings
