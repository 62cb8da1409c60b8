"""``/settings/{name}``: a form to change one setting, or to take it back."""

from http import HTTPStatus
from urllib.parse import urlencode

from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.configuration.changes import changeable_setting
from consoleproxy.management.configuration.entries import entry_of
from consoleproxy.management.pages.handler import PageHandler

# CloudStack's errorcode for a value that cannot be.
_PARAMETER_ERROR = 431


class _OneSetting(PageHandler):
    def prepare_setting(self, name: str) -> bool:
        """Return whether it may be changed, by this form; else refuse."""
        if self.request.method == "POST" and not self.sent_from_here():
            self.refuse(HTTPStatus.FORBIDDEN, "Settings are changed on the pages themselves.")
            return False
        try:
            changeable_setting(name)
        except ManagementRequestRefused as refusal:
            self.refuse(HTTPStatus.NOT_FOUND, f"{refusal}.")
            return False
        return True

    @property
    def who(self) -> str:
        """Who changes it, for the log."""
        return f"an operator at {self.request.remote_ip}, on the pages"

    def saved(self, name: str) -> None:
        """Go back to the list, which says what was done."""
        self.redirect(f"/settings?{urlencode({'saved': name})}", status=HTTPStatus.SEE_OTHER)


class SettingPage(_OneSetting):
    """Shows the form, and takes it."""

    def get(self, name: str) -> None:
        if self.prepare_setting(name):
            self._show(name)

    async def post(self, name: str) -> None:
        if not self.prepare_setting(name):
            return
        value = self.get_body_argument("value", "")
        try:
            await self._pages.changes.put(name, value, self.who)
        except ManagementRequestRefused as refusal:
            if refusal.status != _PARAMETER_ERROR:
                raise
            self.set_status(HTTPStatus.UNPROCESSABLE_ENTITY)
            self._show(name, fault=f"{refusal}.", given=value)
            return
        self.saved(name)

    def _show(self, name: str, *, fault: str = "", given: str | None = None) -> None:
        declared = changeable_setting(name)
        live = self._pages.changes.follow.live
        entry = entry_of(declared, live.settings)
        choices = declared.setting.choices
        # What is secret leaves here neither as it counts nor as it was sent.
        secret = declared.setting.secret
        self.render(
            "setting.html",
            entry=entry,
            setting=declared.setting,
            choices=("true", "false") if declared.type is bool else choices,
            number=declared.type is int,
            value="" if secret else entry.value if given is None else given,
            secret=secret,
            changed=name in live.changed,
            fault=fault,
        )


class SettingReset(_OneSetting):
    """``POST``: each process goes by its own sources again."""

    async def post(self, name: str) -> None:
        if self.prepare_setting(name):
            await self._pages.changes.reset(name, self.who)
            self.saved(name)
