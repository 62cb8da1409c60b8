"""``POST /console/{uuid}``: on to the console of that VM."""

import secrets
from http import HTTPStatus

from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.issuer import ConsoleRequest
from consoleproxy.management.pages.handler import PageHandler

_EXTRA_BYTES = 16


class ConsoleButton(PageHandler):
    """Makes a link and sends the browser there."""

    async def post(self, vm_uuid: str) -> None:
        if not self.sent_from_here():
            self.refuse(HTTPStatus.FORBIDDEN, "Consoles are opened from the pages themselves.")
            return
        request = ConsoleRequest(
            vm_uuid=vm_uuid,
            caller=self._pages.caller,
            source_address=self.request.remote_ip or "",
            extra=secrets.token_urlsafe(_EXTRA_BYTES),
        )
        try:
            console = await self._pages.issuer.issue(request)
        except ManagementRequestRefused as refusal:
            self.refuse(HTTPStatus.SERVICE_UNAVAILABLE, str(refusal))
            return
        self.redirect(console.url, status=HTTPStatus.SEE_OTHER)
