"""Whether a request is let in: whose it is, how often one may come, and that it comes once."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from consoleproxy.errors import ApiLimitReached, ManagementRequestRefused
from consoleproxy.management.accounts.caller import Caller
from consoleproxy.management.api.signature import BAD_CREDENTIALS, expiry, is_signed_by
from consoleproxy.management.buckets import Buckets, site_of
from consoleproxy.management.configuration.live import Live
from consoleproxy.management.records.used_signatures import use_signature
from consoleproxy.management.records.users import holder_of
from consoleproxy.management.storage.database import Database
from consoleproxy.management.storage.sealing import Sealer

_log = logging.getLogger(__name__)

_FAILURE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Admission:
    """Lets requests in.

    What is counted is counted by this management server alone; signatures that were used are
    remembered in the database, for all.

    Args:
        clock: seconds since 1970.
        ticks: seconds of a clock that never goes back.
    """

    database: Database
    sealer: Sealer
    live: Live
    clock: Callable[[], float]
    ticks: Callable[[], float] = time.monotonic
    _requests: Buckets = field(default_factory=Buckets, init=False)
    _failures: Buckets = field(default_factory=Buckets, init=False)

    async def admit(self, parameters: Mapping[str, str], address: str, *, once: bool) -> Caller:
        """Return who sent a request.

        Args:
            parameters: all of them by lower-cased name.
            address: that it came from.
            once: it is good only once.

        Raises:
            ManagementRequestRefused: 401, it is nobody's, has expired, or came before; 429, the
                caller, or the address, sent too many.
        """
        self._hear(address)
        api_key = parameters.get("apikey", "")
        holder = await self.database.run(lambda db: holder_of(db, self.sealer, api_key))
        signed = is_signed_by(parameters, holder.secret_key if holder else "")
        if holder is None or not signed:
            self._count_failure(address)
            raise ManagementRequestRefused(401, BAD_CREDENTIALS)
        now = self.clock()
        expires = expiry(parameters, now)
        if not holder.user.enabled:
            raise ManagementRequestRefused(
                401, "the user or the account is disabled: an administrator can enable it again"
            )
        self._throttle(holder.user.uuid)
        if once:
            await self._use(holder.user.uuid, parameters["signature"], expires, now)
        return holder.user.caller()

    def _hear(self, address: str) -> None:
        most = self.live.settings.signature_failures_max
        wait = self._failures.wait(site_of(address), self.ticks(), most, _FAILURE_SECONDS)
        if wait:
            raise ApiLimitReached("too many requests from your address had a wrong signature", wait)

    def _count_failure(self, address: str) -> None:
        most = self.live.settings.signature_failures_max
        self._failures.take(site_of(address), self.ticks(), most, _FAILURE_SECONDS)

    def _throttle(self, user_uuid: str) -> None:
        settings = self.live.settings
        if not settings.throttling_enabled:
            return
        most, seconds = settings.throttling_max, float(settings.throttling_interval)
        wait = self._requests.take(user_uuid, self.ticks(), most, seconds)
        if wait:
            raise ApiLimitReached(
                f"this user has reached the limit of {most} requests in {seconds:g} s "
                "(api.throttling.max)",
                wait,
            )

    async def _use(self, user_uuid: str, signature: str, expires: float | None, now: float) -> None:
        settings = self.live.settings
        if expires is None:
            if settings.expires_required:
                raise ManagementRequestRefused(
                    401,
                    "this command needs expires and signatureVersion=3, so that nobody can send "
                    "the request again later: see that your client sends them, or set "
                    "api.signature.expires.required to false",
                )
            return
        if expires > now + settings.expires_max:
            raise ManagementRequestRefused(
                401,
                f"expires lies too far ahead: for this command it may be "
                f"{settings.expires_max} s (api.signature.expires.max); check the clocks of both "
                "machines",
            )
        first = await self.database.run(
            lambda db: use_signature(db, user_uuid, signature, expires, now)
        )
        if not first:
            raise ManagementRequestRefused(
                401,
                "this very request was received before, and it is good once: sign it anew with "
                "another expires, or with a parameter nonce of your choice",
            )
