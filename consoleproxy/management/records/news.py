"""What CPVMs are told, read from the database: for one of them, and for all at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, select

from consoleproxy.management.channel.news import News
from consoleproxy.management.records.keystores import served_version
from consoleproxy.management.records.settings import stored_settings, version_of
from consoleproxy.management.storage.schema import console_proxy, console_session

_orders = select(console_session.c.proxy, console_session.c.uuid).where(
    console_session.c.end_requested.is_not(None)
)
_in_maintenance = select(console_proxy.c.name).where(console_proxy.c.maintenance.is_not(None))


@dataclass(frozen=True, slots=True)
class Board:
    """What all CPVMs are told.

    Args:
        common: what is the same for each.
        maintenance: names of those in maintenance.
        orders: for some CPVMs, by name, uuids of sessions that an operator ended.
    """

    common: News = field(default_factory=News)
    maintenance: frozenset[str] = frozenset()
    orders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def news_for(self, proxy: str) -> News:
        """Return what one CPVM is told."""
        return replace(
            self.common,
            maintenance=proxy in self.maintenance,
            ended=self.orders.get(proxy, ()),
        )


def board(db: Connection) -> Board:
    """Return what all CPVMs are told."""
    orders: dict[str, tuple[str, ...]] = {}
    for proxy, uuid in db.execute(_orders.order_by(console_session.c.id)):
        orders[proxy] = (*orders.get(proxy, ()), uuid)
    return Board(_common(db), frozenset(db.execute(_in_maintenance).scalars()), orders)


def news_of(db: Connection, proxy: str) -> News:
    """Return what one CPVM is told."""
    maintained = db.execute(_in_maintenance.where(console_proxy.c.name == proxy)).first()
    orders = db.execute(_orders.where(console_session.c.proxy == proxy))
    return replace(
        _common(db),
        maintenance=maintained is not None,
        ended=tuple(uuid for _, uuid in orders),
    )


def _common(db: Connection) -> News:
    settings = stored_settings(db)
    return News(
        keystore_version=served_version(db),
        settings_version=version_of(settings),
        settings=settings,
    )
