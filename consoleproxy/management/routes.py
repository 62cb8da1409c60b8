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
from consoleproxy.management.fleet.metrics import Metrics, MetricsHandler
from consoleproxy.management.pages.certificate_page import CertificatePage
from consoleproxy.management.pages.pages import (
    TEMPLATES,
    ConsoleButton,
    InventoryPage,
    NotFound,
    Pages,
    Style,
)

_log = logging.getLogger(__name__)


def make_application(api: Api, channel: Channel, pages: Pages, metrics: Metrics) -> Application:
    """Return the application; the arguments are what the handlers of each part work on."""
    return Application(
        [
            ("/client/api", ApiHandler, {"api": api}),
            (REGISTER_PATH, RegisterHandler, {"channel": channel}),
            (AUTHENTICATE_PATH, AuthenticateHandler, {"channel": channel}),
            (LOAD_PATH, LoadHandler, {"channel": channel}),
            (KEYSTORE_PATH, KeystoreHandler, {"channel": channel}),
            (WATCH_PATH, WatchHandler, {"channel": channel}),
            ("/", InventoryPage, {"pages": pages}),
            ("/certificates", CertificatePage, {"pages": pages}),
            ("/metrics", MetricsHandler, {"pages": pages, "metrics": metrics}),
            ("/style.css", Style, {"pages": pages}),
            ("/console/([0-9a-f-]{36})", ConsoleButton, {"pages": pages}),
        ],
        default_handler_class=NotFound,
        default_handler_args={"pages": pages},
        template_path=str(TEMPLATES),
        log_function=_log_request,
    )


def _log_request(handler: RequestHandler) -> None:
    """Log without the query, which has signatures and extra tokens.

    What goes well between CPVM and management server happens every few seconds, and is no news.
    """
    request = handler.request
    routine = request.path.startswith("/cpvm/") and handler.get_status() == 200
    _log.log(
        logging.DEBUG if routine else logging.INFO,
        "%s %s from %s: %d in %.1f ms",
        request.method,
        request.path,
        request.remote_ip,
        handler.get_status(),
        request.request_time() * 1000,
    )
