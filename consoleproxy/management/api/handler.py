"""``/client/api``: requests as CloudStack's clients send them, answers as they expect them."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from tornado.web import RequestHandler

from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.api.call import Answer, Call
from consoleproxy.management.api.commands import Commands
from consoleproxy.management.api.signature import verify
from consoleproxy.management.records.users import holder_of
from consoleproxy.management.storage.database import Database
from consoleproxy.management.storage.sealing import Sealer

_log = logging.getLogger(__name__)

_MOST_PARAMETERS = 200

# CloudStack's code of a ServerApiException
_CS_ERROR_CODE = 9999


@dataclass(frozen=True, slots=True)
class Api:
    """What the handler works on; ``clock`` gives seconds since 1970."""

    commands: Commands
    database: Database
    sealer: Sealer
    clock: Callable[[], float]


class ApiHandler(RequestHandler):
    """Checks the signature, runs the command, shapes the answer.

    Every answer is JSON; CloudStack's other form, XML, is refused if it is asked for.
    """

    def initialize(self, api: Api) -> None:
        self._api = api
        self._response_name = "errorresponse"

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        self.set_header("Content-Type", "application/json; charset=UTF-8")
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Content-Type-Options", "nosniff")

    async def get(self) -> None:
        await self._answer(self.request.query)

    async def post(self) -> None:
        content_type = self.request.headers.get("Content-Type", "").partition(";")[0].strip()
        if content_type != "application/x-www-form-urlencoded" and self.request.body:
            self._refuse(ManagementRequestRefused(431, "send the parameters as a form"))
            return
        form = self.request.body.decode("latin-1")
        await self._answer("&".join(filter(None, (self.request.query, form))))

    async def _answer(self, encoded: str) -> None:
        try:
            answer = await self._run(encoded)
        except ManagementRequestRefused as refusal:
            self._refuse(refusal)
            return
        self._send({self._response_name: answer})

    async def _run(self, encoded: str) -> Answer:
        parameters = _parameters(encoded)
        name = parameters.get("command", "")
        command = self._api.commands.find(name)
        if command is not None:
            self._response_name = f"{name.lower()}response"
        api_key = parameters.get("apikey", "")
        sealer = self._api.sealer
        holder = await self._api.database.run(lambda db: holder_of(db, sealer, api_key))
        verify(parameters, holder.secret_key if holder else None, self._api.clock())
        if parameters.get("response", "json").lower() != "json":
            raise ManagementRequestRefused(431, "only response=json is answered here")
        if command is None or holder is None:
            raise ManagementRequestRefused(
                432, "The given command does not exist or it is not available for user"
            )
        return await command.run(
            Call(holder.user.caller(), self.request.remote_ip or "", parameters)
        )

    def _refuse(self, refusal: ManagementRequestRefused) -> None:
        _log.warning("API request of %s refused: %s", self.request.remote_ip, refusal)
        self.set_status(refusal.status, _REASONS.get(refusal.status))
        error: Answer = {
            "uuidList": [],
            "errorcode": refusal.status,
            "cserrorcode": _CS_ERROR_CODE,
            "errortext": str(refusal),
        }
        self._send({self._response_name: error})

    def _send(self, document: Answer) -> None:
        # As bytes: a dict would make Tornado answer with its own content type.
        self.finish(json.dumps(document).encode())

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer for what this program did not refuse on purpose, without saying more."""
        error = {
            "uuidList": [],
            "errorcode": status_code,
            "cserrorcode": _CS_ERROR_CODE,
            "errortext": self._reason,
        }
        self._send({self._response_name: error})


# CloudStack's own status codes, which HTTP has no phrase for.
_REASONS = {431: "Parameter Error", 432: "Unsupported Action", 530: "Internal Error"}


def _parameters(encoded: str) -> dict[str, str]:
    """Read the parameters by lower-cased name.

    Raises:
        ManagementRequestRefused: 431; one that comes twice too: which of the two was meant?
    """
    try:
        pairs = parse_qsl(
            encoded,
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_PARAMETERS,
        )
    except ValueError:
        raise ManagementRequestRefused(
            431, f"parameters must be UTF-8, percent-encoded, and at most {_MOST_PARAMETERS}"
        ) from None
    parameters = {name.lower(): value for name, value in pairs}
    if len(parameters) != len(pairs):
        raise ManagementRequestRefused(431, "a parameter was sent twice")
    return parameters
