"""``/client/api``: requests as CloudStack's clients send them, answers as they expect them."""

import json
import logging
from dataclasses import dataclass
from typing import Any

from consoleproxy.errors import ApiLimitReached, ManagementRequestRefused
from consoleproxy.management.api.admission import Admission
from consoleproxy.management.api.call import Answer, Call
from consoleproxy.management.api.commands import Commands, is_repeatable
from consoleproxy.management.api.parameters import check_parameters
from consoleproxy.management.api.query import read_parameters
from consoleproxy.management.query_free import QueryFreeHandler

_log = logging.getLogger(__name__)

# CloudStack's code of a ServerApiException.
_CS_ERROR_CODE = 9999


@dataclass(frozen=True, slots=True)
class Api:
    """What the handler works on."""

    commands: Commands
    admission: Admission


class ApiHandler(QueryFreeHandler):
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
        parameters = read_parameters(encoded)
        name = parameters.get("command", "")
        command = self._api.commands.find(name)
        if command is not None:
            self._response_name = f"{name.lower()}response"
        address = self.request.remote_ip or ""
        once = not is_repeatable(name)
        caller = await self._api.admission.admit(parameters, address, once=once)
        if command is None or caller.role not in command.roles:
            raise ManagementRequestRefused(
                432, "The given command does not exist or it is not available for user"
            )
        if parameters.get("response", "json").lower() != "json":
            raise ManagementRequestRefused(431, "only response=json is answered here")
        check_parameters(name, command.takes, parameters)
        return await command.run(Call(caller, address, parameters))

    def _refuse(self, refusal: ManagementRequestRefused) -> None:
        _log.warning("API request of %s refused: %s", self.request.remote_ip, refusal)
        if isinstance(refusal, ApiLimitReached):
            self.set_header("Retry-After", str(refusal.seconds))
        self.set_status(refusal.status, _REASONS.get(refusal.status))
        self._send(self._error(refusal.status, refusal.cs_code, str(refusal)))

    def _error(self, status: int, cs_code: int, text: str) -> Answer:
        error: Answer = {
            "uuidList": [],
            "errorcode": status,
            "cserrorcode": cs_code,
            "errortext": text,
        }
        return {self._response_name: error}

    def _send(self, document: Answer) -> None:
        # As bytes: a dict would make Tornado answer with its own content type.
        self.finish(json.dumps(document).encode())

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer for what this program did not refuse on purpose, without saying more."""
        self._send(self._error(status_code, _CS_ERROR_CODE, self._reason))


# CloudStack's own status codes, which HTTP has no phrase for.
_REASONS = {
    431: "Parameter Error",
    432: "Unsupported Action",
    530: "Internal Error",
    531: "Account Error",
}
