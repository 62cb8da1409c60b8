"""The certificate in use follows its source; a bad one is refused, and the old one stays."""

import asyncio
import datetime
import logging
from collections.abc import Awaitable, Callable

from consoleproxy.errors import KeystoreInvalid, ManagementUnavailable
from consoleproxy.keystore.model import Keystore, certificate_name
from consoleproxy.keystore.validity import check_keystore

_log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.5
_RETRY_SECONDS = 5.0
_DAY_SECONDS = 86400.0


class Renewal:
    """Looks at the source twice a second, and at once when asked.

    Args:
        stamp: something that differs when the source has changed.
        load: reads the source; ``None`` where there is no keystore.
        use: puts a keystore into effect.
        in_use: what is in effect already.
        url_domain: ``consoleproxy.url.domain``.
    """

    def __init__(
        self,
        *,
        stamp: Callable[[], object],
        load: Callable[[], Awaitable[Keystore | None]],
        use: Callable[[Keystore], Awaitable[None]],
        in_use: Keystore | None,
        url_domain: str,
    ) -> None:
        self._stamp = stamp
        self._load = load
        self._use = use
        self._url_domain = url_domain
        self._seen = stamp()
        self._asked = asyncio.Event()
        self._again: asyncio.TimerHandle | None = None
        self.in_use = in_use

    def ask(self) -> None:
        """Read the source again, whatever it looks like (SIGHUP, a new one at management)."""
        self._asked.set()

    def stop(self) -> None:
        """Ask no more; ``run`` is cancelled by its owner."""
        if self._again is not None:
            self._again.cancel()

    async def run(self) -> None:
        """Follow the source until cancelled."""
        loop = asyncio.get_running_loop()
        warned = loop.time()
        while True:
            try:
                async with asyncio.timeout(_LOOK_SECONDS):
                    await self._asked.wait()
            except TimeoutError:
                if loop.time() - warned >= _DAY_SECONDS and self.in_use is not None:
                    warned = loop.time()
                    log_warnings(self.in_use, self._url_domain)
            stamp = self._stamp()
            if self._asked.is_set() or stamp != self._seen:
                self._asked.clear()
                self._seen = stamp
                try:
                    await self.renew()
                except ManagementUnavailable as error:
                    _log.error("the new keystore could not be had yet: %s", error)
                    self._again = loop.call_later(_RETRY_SECONDS, self.ask)

    async def renew(self) -> None:
        """Put the source's keystore into effect; a bad one changes nothing.

        Raises:
            ManagementUnavailable: the source did not answer.
        """
        try:
            keystore = await self._load()
            if keystore is None:
                if self.in_use is not None:
                    _log.warning("the keystore is gone; the certificate in use stays")
                return
            if self.in_use is not None and _same(self.in_use, keystore):
                return
            now = datetime.datetime.now(datetime.UTC)
            check_keystore(keystore, now, self._url_domain)
            await self._use(keystore)
        except KeystoreInvalid as fault:
            _log.error("the new keystore is not used, and nothing changes: %s", fault)
        except OSError as error:
            _log.error("the new keystore could not be put into effect: %s", error)
        else:
            self.in_use = keystore
            certificate = keystore.certificate
            _log.info(
                "new handshakes get the certificate '%s', serial number %x, until %s",
                certificate_name(certificate),
                certificate.serial_number,
                f"{certificate.not_valid_after_utc:%Y-%m-%d}",
            )
            log_warnings(keystore, self._url_domain)


def log_warnings(keystore: Keystore, url_domain: str) -> None:
    """Log what an operator should look at; a keystore that is bad by now is an error."""
    now = datetime.datetime.now(datetime.UTC)
    try:
        for warning in check_keystore(keystore, now, url_domain):
            _log.warning("keystore: %s", warning)
    except KeystoreInvalid as fault:
        # A certificate that browsers complain about is better than no console at all.
        _log.error("keystore: %s", fault)


def _same(one: Keystore, other: Keystore) -> bool:
    return (one.certificate, one.intermediates, one.roots) == (
        other.certificate,
        other.intermediates,
        other.roots,
    ) and one.private_key.public_key() == other.private_key.public_key()
