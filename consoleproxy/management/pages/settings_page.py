"""``/settings``: every setting with its value, by group."""

from consoleproxy.management.configuration.entries import entries
from consoleproxy.management.pages.handler import PageHandler
from consoleproxy.management.pages.setting_rows import setting_groups


class SettingsPage(PageHandler):
    """The list of settings; each that can be changed leads to its form."""

    def get(self) -> None:
        text = self.get_query_argument("q", "")
        live = self._pages.changes.follow.live
        groups = setting_groups(entries(live.settings), live.changed, text)
        shown = {row.name for group in groups for row in group.rows}
        saved = self.get_query_argument("saved", "")
        self.render(
            "settings.html", groups=groups, text=text, saved=saved if saved in shown else ""
        )
