"""``POST /proxies/maintenance`` and ``/proxies/remove``: the buttons of a proxy."""

from http import HTTPStatus
from urllib.parse import urlencode

from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.pages.handler import PageHandler

_PARAMETER_ERROR = 431


class _ProxyButton(PageHandler):
    async def post(self) -> None:
        if not self.sent_from_here():
            self.refuse(HTTPStatus.FORBIDDEN, "Proxies are managed on the pages themselves.")
            return
        name = self.get_body_argument("name", "", strip=False)
        try:
            await self.order(name, f"an operator at {self.request.remote_ip}, on the pages")
        except ManagementRequestRefused as refusal:
            if refusal.status != _PARAMETER_ERROR:
                raise
            self.refuse(HTTPStatus.CONFLICT, f"{refusal}.")
            return
        query = urlencode({"changed": name})
        self.redirect(f"/proxies?{query}", status=HTTPStatus.SEE_OTHER)

    async def order(self, name: str, who: str) -> None:
        """Do what the button says."""
        raise NotImplementedError


class MaintenanceButton(_ProxyButton):
    """Begins maintenance, or ends it."""

    async def order(self, name: str, who: str) -> None:
        begin = self.get_body_argument("begin", "") == "true"
        await self._pages.orders.maintain(name, who, begin=begin)


class RemoveButton(_ProxyButton):
    """Takes a Disconnected proxy out of the books."""

    async def order(self, name: str, who: str) -> None:
        await self._pages.orders.destroy(name, who)
