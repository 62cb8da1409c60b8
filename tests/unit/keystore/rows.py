"""Makes rows of CloudStack's table ``keystore``."""

from consoleproxy.keystore import SERVER_CERTIFICATE_NAME
from consoleproxy.keystore.rows import KeystoreRow
from tests.unit.keystore.authority import DOMAIN, Chain, Issued


def chain_row(name: str, one: Issued, seq: int) -> KeystoreRow:
    return KeystoreRow(name=name, certificate=one.pem.decode().strip(), seq=seq)


def server_row(server: Issued, domain_suffix: str = DOMAIN) -> KeystoreRow:
    return KeystoreRow(
        name=SERVER_CERTIFICATE_NAME,
        certificate=server.pem.decode().strip(),
        key=server.key_pem.decode().strip(),
        domain_suffix=domain_suffix,
    )


def chain_rows(chain: Chain) -> list[KeystoreRow]:
    """Root and intermediates under the names that CloudStack's guide gives them."""
    return [
        chain_row("root1", chain.root, 1),
        chain_row("intermed1", chain.upper, 2),
        chain_row("intermed2", chain.lower, 3),
    ]


def rows_of(chain: Chain) -> list[KeystoreRow]:
    return [*chain_rows(chain), server_row(chain.server)]
