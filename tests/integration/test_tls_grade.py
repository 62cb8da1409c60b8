"""What a scanner finds at the console port: nothing weak."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.integration.fixtures.cloud import Cloud, Machine, running_cloud
from tests.integration.fixtures.pki import Pki
from tests.integration.fixtures.qemu import required
from tests.integration.test_renewal import install

_MACHINE = Machine("web-1", "d59c31a5-e4c8-454f-a9ff-432bc8910fcb", 1)
_HARMLESS = {"OK", "INFO"}
# Of the scanner's own openssl, not of the port.
_NOT_OURS = {"engine_problem"}


@pytest.fixture
def cloud(tmp_path: Path, pki: Pki) -> Iterator[Cloud]:
    install(pki, pki.server, tmp_path / "certs")
    with running_cloud(
        tmp_path,
        [_MACHINE],
        ssl_enabled=True,
        url_domain="localhost",
        keystore_path=str(tmp_path / "certs"),
    ) as running:
        yield running


@pytest.mark.timeout(180)
def test_nothing_weak(tmp_path: Path, cloud: Cloud) -> None:
    found = tmp_path / "found.json"
    what = ("-p", "-s", "-f", "-U")  # protocols, ciphers, forward secrecy, vulnerabilities
    quiet = ("--quiet", "--color", "0", "--warnings", "batch")
    subprocess.run(
        [
            *(required("testssl"), *quiet, "--jsonfile", str(found), *what),
            f"127.0.0.1:{cloud.proxy.port}",
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        check=False,  # Its status counts findings, harmless ones too.
    )
    findings = {entry["id"]: entry for entry in json.loads(found.read_text())}
    weak = {
        name: entry["finding"]
        for name, entry in findings.items()
        if entry["severity"] not in _HARMLESS and name not in _NOT_OURS
    }
    assert weak == {}
    told = {name: entry["finding"] for name, entry in findings.items()}
    assert (told["TLS1_2"], told["TLS1_3"]) == ("offered", "offered with final")
    assert {told[old] for old in ("SSLv2", "SSLv3", "TLS1", "TLS1_1")} == {"not offered"}
    assert told["ALPN"] == "http/1.1"
    assert told["cipherlist_AVERAGE"] == "not offered"
    assert {"heartbleed", "ROBOT", "CRIME_TLS", "LUCKY13", "secure_client_renego"} < told.keys()


def test_browsers_are_told_to_stay_with_tls(cloud: Cloud, pki: Pki) -> None:
    answer = requests.get(
        f"https://localhost:{cloud.proxy.port}/healthz", verify=str(pki.root), timeout=10
    )
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    admin = requests.get(f"http://127.0.0.1:{cloud.proxy.admin_port}/metrics", timeout=10)
    assert "Strict-Transport-Security" not in admin.headers
    assert "\nconsoleproxy_certificate_not_after_seconds 1" in admin.text
