"""The management server's paths, on one screen."""

import logging

from tornado.web import Application, RequestHandler

from consoleproxy.management.api.handler import Api, ApiHandler
from consoleproxy.management.channel.documents import (
    AUTHENTICATE_PATH,
    KEYSTORE_PATH,
    LOAD_PATH,
    REGISTER_PATH,
    WATCH_PATH,
)
from consoleproxy.management.channel.handlers import (
    AuthenticateHandler,
    Channel,
    KeystoreHandler,
    LoadHandler,
    RegisterHandler,
    WatchHandler,
)
from consoleproxy.management.pages.assets import TEMPLATES
from consoleproxy.management.pages.certificate_page import CertificatePage
from consoleproxy.management.pages.console_button import ConsoleButton
from consoleproxy.management.pages.end_page import EndPage
from consoleproxy.management.pages.handler import NotFound, Pages
from consoleproxy.management.pages.login_page import LoginPage, Logout
from consoleproxy.management.pages.machines_page import MachinesPage
from consoleproxy.management.pages.metrics import MetricsHandler
from consoleproxy.management.pages.overview_page import OverviewPage
from consoleproxy.management.pages.proxies_page import ProxiesPage
from consoleproxy.management.pages.proxy_orders import MaintenanceButton, RemoveButton
from consoleproxy.management.pages.sessions_page import SessionsPage
from consoleproxy.management.pages.setting_page import SettingPage, SettingReset
from consoleproxy.management.pages.settings_page import SettingsPage
from consoleproxy.management.pages.stylesheet import Stylesheet
from consoleproxy.management.probes import HealthHandler, ReadyHandler
from consoleproxy.management.storage.database import Database

_log = logging.getLogger(__name__)

HEALTH_PATH, READY_PATH = "/healthz", "/readyz"
_ROUTINE = ("/cpvm/", HEALTH_PATH, READY_PATH)


_PAGES = (
    ("/", OverviewPage),
    ("/proxies", ProxiesPage),
    ("/proxies/maintenance", MaintenanceButton),
    ("/proxies/remove", RemoveButton),
    ("/sessions", SessionsPage),
    ("/sessions/([0-9a-f-]{36})/end", EndPage),
    ("/machines", MachinesPage),
    ("/settings", SettingsPage),
    ("/settings/([A-Za-z0-9.]{1,100})", SettingPage),
    ("/settings/([A-Za-z0-9.]{1,100})/reset", SettingReset),
    ("/certificates", CertificatePage),
    ("/console/([0-9a-f-]{36})", ConsoleButton),
    ("/login", LoginPage),
    ("/logout", Logout),
    ("/style.css", Stylesheet),
)


def make_application(api: Api, channel: Channel, pages: Pages, database: Database) -> Application:
    """Return the application; the arguments are what the handlers of each part work on."""
    return Application(
        [
            ("/client/api", ApiHandler, {"api": api}),
            (REGISTER_PATH, RegisterHandler, {"channel": channel}),
            (AUTHENTICATE_PATH, AuthenticateHandler, {"channel": channel}),
            (LOAD_PATH, LoadHandler, {"channel": channel}),
            (KEYSTORE_PATH, KeystoreHandler, {"channel": channel}),
            (WATCH_PATH, WatchHandler, {"channel": channel}),
            (HEALTH_PATH, HealthHandler),
            (READY_PATH, ReadyHandler, {"database": database}),
            ("/metrics", MetricsHandler, {"pages": pages}),
            *((path, handler, {"pages": pages}) for path, handler in _PAGES),
        ],
        default_handler_class=NotFound,
        default_handler_args={"pages": pages},
        template_path=str(TEMPLATES),
        log_function=_log_request,
    )


def _log_request(handler: RequestHandler) -> None:
    """Log without the query, which has signatures and extra tokens.

    What goes well between CPVM and management server happens every few seconds, and is no news; nor
    are probes.
    """
    request = handler.request
    routine = request.path.startswith(_ROUTINE) and handler.get_status() == 200
    _log.log(
        logging.DEBUG if routine else logging.INFO,
        "%s %s from %s: %d in %.1f ms",
        request.method,
        request.path,
        request.remote_ip,
        handler.get_status(),
        request.request_time() * 1000,
    )
