"""The cookie that holds the secret: who gets it, who does not, and what without it."""

import hashlib
import logging
from pathlib import Path

import pytest

from consoleproxy.frames import Opcode
from tests.integration.fixtures.cloud import Cloud, Machine, running_cloud
from tests.integration.fixtures.tab import Tab
from tests.integration.fixtures.viewer import Viewer
from tests.integration.resume.said import ELSEWHERE, OVER, USED, open_then_cut, refused
from tests.waiting import wait_for


def test_where_no_cookies_are_kept_the_token_leads_back_from_the_same_address(
    cloud: Cloud, machine: Machine
) -> None:
    tab, url = Tab(), cloud.console(machine)
    for _ in range(2):
        open_then_cut(cloud, tab, url)
        tab.cookies.clear()
    with tab.open(url, source=ELSEWHERE) as viewer:
        assert refused(viewer) == USED
    with tab.reload(url) as viewer:
        assert refused(viewer) == OVER


def test_cookies_of_long_closed_tabs_are_thrown_away(cloud: Cloud, machine: Machine) -> None:
    old = {f"consoleproxy-tab-number-{number:08}": "x" for number in range(30)}
    tab, url = Tab(cookies={"theme": "dark", **old}), cloud.console(machine)
    with tab.open(url) as viewer:
        viewer.log_in()
    assert len(tab.cookies) == 25
    assert tab.cookies["theme"] == "dark"
    assert "consoleproxy-tab-number-00000029" in tab.cookies
    assert tab.secret


def test_an_open_console_s_cookie_outlives_a_flood_of_others(
    cloud: Cloud, machine: Machine
) -> None:
    browser = {"theme": "dark"}
    tab, url = Tab(cookies=browser), cloud.console(machine)
    with tab.open(url) as viewer:
        viewer.log_in()
        for _ in range(30):
            with Tab(cookies=browser).open(url.replace("token=", "token=x")) as junk:
                assert refused(junk)[0] == 4400
        assert len(browser) == 25
    with tab.reload(url) as viewer:
        viewer.log_in()


def test_the_cookie_is_for_scripts_and_other_sites_out_of_reach(
    cloud: Cloud, machine: Machine
) -> None:
    with Tab().open(cloud.console(machine)) as viewer:
        (line,) = [line for line in viewer.answer.splitlines() if "Set-Cookie" in line]
        assert line.endswith("; Path=/websockify; HttpOnly; SameSite=Strict")
        assert viewer.frames.read()[0] == Opcode.PING
    with Viewer(cloud.console(machine)) as stock:
        assert "Set-Cookie" not in stock.answer
        assert stock.frames.read()[0] == Opcode.BINARY


def test_behind_a_balancer_s_tls_the_cookie_is_secure(tmp_path: Path, machine: Machine) -> None:
    trusted = {
        "loadbalancer_networks": "127.0.0.1",
        "loadbalancer_client_address": "x-forwarded",
    }
    forwarded = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}
    with running_cloud(tmp_path, [machine], **trusted) as cloud:
        with Tab().open(cloud.console(machine), headers=forwarded) as viewer:
            assert "; HttpOnly; Secure; SameSite=Strict\r\n" in viewer.answer
        url = cloud.console(machine)
        with Tab().open(url, headers=forwarded, says="&framed=1") as viewer:
            assert "; HttpOnly; Secure; SameSite=None; Partitioned\r\n" in viewer.answer


def test_behind_a_balancer_that_does_not_tell_of_its_tls_the_page_does(
    cloud: Cloud, machine: Machine
) -> None:
    page = {"Origin": "https://127.0.0.1"}
    with Tab().open(cloud.console(machine), headers=page) as viewer:
        assert "; HttpOnly; Secure; SameSite=Strict\r\n" in viewer.answer
    with Tab().open(cloud.console(machine), headers={"Origin": "http://127.0.0.1"}) as viewer:
        assert "; HttpOnly; SameSite=Strict\r\n" in viewer.answer


def test_no_line_of_the_log_tells_a_secret(
    cloud: Cloud, machine: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    tab, url = Tab(), cloud.console(machine)
    secrets = {tab.name, url.partition("token=")[2]}
    for way_in in (tab.open, tab.reload, tab.reload):
        with way_in(url) as viewer:
            viewer.log_in()
            secrets.add(tab.secret)
        wait_for(lambda: cloud.sessions() == 0, "the session to end")
    with Tab(tab, {f"consoleproxy-{tab.name}": "guessed"}).reload(url) as viewer:
        assert refused(viewer) == OVER
    assert len(secrets) == 5
    secrets |= {hashlib.sha256(secret.encode()).hexdigest() for secret in secrets}
    assert "return (vm" in caplog.text
    assert [secret for secret in secrets | {"guessed"} if secret in caplog.text] == []


def test_another_site_s_page_is_given_nothing(cloud: Cloud, machine: Machine) -> None:
    evil = {"Origin": "https://evil.example.org"}
    with Tab().open(cloud.console(machine), headers=evil) as viewer:
        assert "Set-Cookie" not in viewer.answer
        assert refused(viewer)[0] == 4403
