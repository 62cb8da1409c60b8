"""The routes of the console port and of the admin listener, on one screen."""

from collections.abc import Awaitable, Callable

from tornado.web import Application

from consoleproxy.console.consoles import Consoles
from consoleproxy.front.admin import (
    Books,
    CommandHandler,
    DrainHandler,
    MetricsHandler,
    SessionHandler,
    SessionsHandler,
)
from consoleproxy.front.base import NotFound, no_access_log
from consoleproxy.front.entrance import Entrance
from consoleproxy.front.health import HealthHandler, ReadyHandler
from consoleproxy.front.upgrade import UpgradeHandler
from consoleproxy.front.viewer import viewer_routes


def console_application(
    consoles: Consoles, why_not_ready: Callable[[], Awaitable[str]], entrance: Entrance
) -> Application:
    """What browsers and load balancers reach."""
    return Application(
        [
            *viewer_routes(entrance),
            ("/websockify", UpgradeHandler, {"consoles": consoles, "entrance": entrance}),
            ("/healthz", HealthHandler),
            ("/readyz", ReadyHandler, {"why_not": why_not_ready}),
        ],
        default_handler_class=NotFound,
        log_function=no_access_log,
    )


def admin_application(books: Books) -> Application:
    """What the operator and the management server reach, on an address that is never public."""
    given = {"books": books}
    return Application(
        [
            ("/metrics", MetricsHandler, given),
            ("/sessions", SessionsHandler, given),
            ("/sessions/([^/]+)", SessionHandler, given),
            ("/cmd", CommandHandler, given),
            ("/cmd/getstatus", CommandHandler, given),
            ("/drain", DrainHandler, given),
        ],
        default_handler_class=NotFound,
        log_function=no_access_log,
    )
