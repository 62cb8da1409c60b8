"""What the management server is told."""

from dataclasses import dataclass, field

from consoleproxy.errors import SettingsInvalid
from consoleproxy.management.inventory.machines import Inventory
from consoleproxy.management.loopback import is_loopback
from consoleproxy.management.records.users import Keys
from consoleproxy.management.storage.sealing import Sealer
from consoleproxy.management.storage.sealing_keys import key_of_secret
from consoleproxy.settings import Settings
from consoleproxy.settings.fleet import check_webhook


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagementConfig:
    """What the management server is told.

    Args:
        secret: ``consoleproxy.management.secret``, shared with the CPVMs.
        address, port: where it listens; port 0 lets the system choose.
        page_key: what opens the operator's pages; needed where it does not listen on loopback.
        database: path of an SQLite file, or URL of a MariaDB database.
        sealer: seals secrets at rest; ``None``: under a key made from ``secret``.
        account: keys of the account ``admin``; ``None`` for stored ones, made on first use.
        ticket_minutes: for how many minutes a console link that nobody has used is good.
        settings: what this server's own sources say; administrators may change some of it.
    """

    inventory: Inventory
    secret: str = field(repr=False)
    database: str = field(repr=False)
    address: str = "127.0.0.1"
    port: int = 8088
    page_key: str = field(default="", repr=False)
    sealer: Sealer | None = None
    account: Keys | None = None
    ticket_minutes: int = 2
    settings: Settings = field(default_factory=Settings, repr=False)

    @property
    def sealing(self) -> Sealer:
        """What seals secrets at rest."""
        return self.sealer or Sealer.of(key_of_secret(self.secret))

    def check(self) -> None:
        """Refuse what would be open to strangers, or cannot work.

        Raises:
            SettingsInvalid: with every mistake.
        """
        problems = []
        if not self.secret:
            problems.append(
                "consoleproxy.management.secret is empty: give the management server and the "
                "proxies the same random text"
            )
        if not self.page_key and not is_loopback(self.address):
            problems.append(
                f"consoleproxy.manage.address={self.address} can be reached from other machines: "
                "set consoleproxy.manage.page.key, or listen on 127.0.0.1"
            )
        try:
            check_webhook(self.settings.capacity_webhook)
        except ValueError as error:
            problems.append(f"consoleproxy.capacity.webhook {error}")
        if problems:
            raise SettingsInvalid(problems)
