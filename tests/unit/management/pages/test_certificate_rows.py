from datetime import timedelta
from pathlib import Path

import pytest

from consoleproxy.management.certificates import Certificates
from consoleproxy.management.configuration.live import Live
from consoleproxy.management.pages.certificate_rows import (
    CertificateRow,
    ServedCertificates,
    served_certificates,
)
from consoleproxy.settings import Settings
from tests.unit.management.world import (
    DOMAIN,
    SEALER,
    World,
    chain_of,
    in_world,
    made_keystore,
    pem_of,
)

KEYSTORE = made_keystore()
_END = KEYSTORE.certificate.not_valid_after_utc


@pytest.mark.parametrize(
    ("left", "text", "mood"),
    [
        (timedelta(days=400, hours=3), "400 days left", "good"),
        (timedelta(days=30), "30 days left", "good"),
        (timedelta(days=29, hours=23), "29 days left", "warn"),
        (timedelta(days=1, hours=1), "1 day left", "warn"),
        (timedelta(hours=1), "0 days left", "warn"),
        (timedelta(hours=-1), "expired 0 days ago", "bad"),
        (timedelta(days=-3, hours=-2), "expired 3 days ago", "bad"),
    ],
)
def test_time_that_is_left(left: timedelta, text: str, mood: str) -> None:
    row = CertificateRow.of(KEYSTORE.certificate, "Server", _END - left)
    assert (row.left, row.mood) == (text, mood)


def test_served_certificates(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        database = world.server.issuer.database
        live = Live(Settings(url_domain=f"*.{DOMAIN}"))
        certificates = Certificates(database, SEALER, live, world.clock)
        assert await served_certificates(certificates) == ServedCertificates()
        assert ServedCertificates().first is None
        await certificates.upload_all(
            pem_of(KEYSTORE.certificate), KEYSTORE.key_pem().decode(), chain_of(KEYSTORE)
        )
        served = await served_certificates(certificates)
        assert [row.role for row in served.rows] == [
            "Server",
            "Intermediate",
            "Root, not sent to browsers",
        ]
        assert served.expiring == ()
        assert served.first is not None
        assert served.first.seconds == min(row.seconds for row in served.rows)
        world.clock.now = _END.timestamp() + 86400 * 2 + 1
        served = await served_certificates(certificates)
        assert served.expiring[0].mood == "bad"
        assert "expired" in served.warnings[0]

    in_world(tmp_path, scenario)
