"""A browser comes back to its console by its secret; anybody else with the old link does not."""

from tests.integration.fixtures.cloud import Cloud, Machine
from tests.integration.fixtures.qemu import Qemu
from tests.integration.fixtures.tab import Tab
from tests.integration.fixtures.viewer import Viewer
from tests.integration.resume.said import ELSEWHERE, OVER, REPLACED, USED, open_then_cut, refused
from tests.waiting import wait_for
from tests.wsclient import close_frame


def test_a_reload_comes_back_again_and_again_with_another_secret_each_time(
    cloud: Cloud, machine: Machine, guest: Qemu
) -> None:
    tab, url = Tab(), cloud.console(machine)
    seen = []
    with tab.open(url) as viewer:
        viewer.log_in()
        seen.append(tab.secret)
        # As the page says when it is left.
        viewer.sock.sendall(close_frame(4002))
        wait_for(lambda: cloud.sessions() == 0 and not guest.clients(), "all to be let go")
    for number in range(3):
        with tab.reload(url, source=f"127.0.0.{20 + number}") as viewer:
            viewer.log_in()
            viewer.press(ord("a") + number)
            seen.append(tab.secret)
            wait_for(lambda n=number: len(guest.keys()) == n + 1, "the key of each time")  # type: ignore[misc]
            wait_for(lambda: cloud.reported() == 1, "one session in the books")
    assert len(set(seen)) == 4
    (row,) = cloud.api.listConsoleSessions(listall=True)["consolesession"]
    assert row["clientaddress"] == "127.0.0.1", "it is one session in the books, with one token"


def test_anybody_else_with_the_old_link_is_refused(cloud: Cloud, machine: Machine) -> None:
    tab, url = Tab(), cloud.console(machine)
    open_then_cut(cloud, tab, url)
    assert tab.secret
    wrong = {"consoleproxy-another-tab-of-it": tab.secret, f"consoleproxy-{tab.name}": "guessed"}
    for other in (Tab(), Tab(cookies=wrong)):
        with other.open(url) as viewer:
            assert refused(viewer) == USED, "from the same address, inside the window"
    with Viewer(url) as viewer:
        assert refused(viewer) == USED, "a viewer that knows no tabs"
    for guessed in ({}, {f"consoleproxy-{tab.name}": "guessed"}):
        with Tab(tab, guessed).reload(url) as viewer:
            assert refused(viewer) == OVER, "one that has seen the tab's name"
    with tab.reload(url) as viewer:
        viewer.log_in()


def test_the_old_link_in_the_same_browser_comes_back(cloud: Cloud, machine: Machine) -> None:
    """A portal whose page is loaded again, say, and with it the frame of its console."""
    browser: dict[str, str] = {"consoleproxy-of-another-console": "x"}
    tab, url = Tab(cookies=browser), cloud.console(machine)
    open_then_cut(cloud, tab, url)
    with Tab(cookies=browser).open(url, source=ELSEWHERE) as viewer:
        viewer.log_in()
        with tab.reload(url) as late:
            assert refused(late) == OVER, "it is the other tab's now"
        with Tab(cookies=browser).open(url) as again:
            again.log_in()
            assert viewer.closed() == REPLACED
            with Viewer(url) as other:
                assert refused(other) == USED


def test_a_secret_that_was_used_is_good_for_nobody(cloud: Cloud, machine: Machine) -> None:
    tab, url = Tab(), cloud.console(machine)
    open_then_cut(cloud, tab, url)
    stolen = Tab(tab, dict(tab.cookies))
    with tab.reload(url) as viewer:
        viewer.log_in()
        with stolen.reload(url, source=ELSEWHERE) as thief:
            assert refused(thief) == OVER
        viewer.press(ord("x"))
        viewer.close()


def test_an_answer_that_was_lost_costs_nothing(cloud: Cloud, machine: Machine) -> None:
    tab, url = Tab(), cloud.console(machine)
    open_then_cut(cloud, tab, url)
    for _ in range(2):
        # It gets its 101 and its next secret, and the browser has neither.
        deaf = Tab(tab, dict(tab.cookies)).reload(url)
        deaf.sock.close()
        deaf.frames.close()
    with tab.reload(url, source=ELSEWHERE) as viewer:
        viewer.log_in()


def test_a_first_answer_that_was_lost_costs_nothing(cloud: Cloud, machine: Machine) -> None:
    tab, url = Tab(), cloud.console(machine)
    open_then_cut(cloud, Tab(tab, {}), url)
    with tab.open(url) as viewer:
        viewer.log_in()
        assert tab.secret


def test_a_viewer_takes_its_own_session_over_at_once(
    cloud: Cloud, machine: Machine, guest: Qemu
) -> None:
    """Its network changed, and the proxy has not noticed: the old connection looks alive."""
    tab, url = Tab(), cloud.console(machine)
    with tab.open(url) as old:
        old.log_in()
        wait_for(lambda: cloud.reported() == 1, "the session in the books")
        with tab.open(url, source=ELSEWHERE) as new:
            new.log_in()
            assert old.closed() == REPLACED
            new.press(ord("x"))
            wait_for(lambda: len(guest.keys()) == 1, "the key")
            wait_for(lambda: len(guest.clients()) == 1, "the old connection to be let go")
            (session,) = cloud.proxy.registry
            assert session.client_address == ELSEWHERE
            wait_for(lambda: cloud.reported() == 1, "one session in the books")
            assert cloud.proxy.registry.removed() == {}
            with Viewer(url) as other:
                assert refused(other) == USED


def test_a_duplicated_tab_takes_over_and_the_first_one_may_take_back(
    cloud: Cloud, machine: Machine
) -> None:
    first, url = Tab(), cloud.console(machine)
    second = Tab(first)
    with first.open(url) as one:
        one.log_in()
        with second.reload(url) as two:
            two.log_in()
            assert one.closed() == REPLACED
            with first.reload(url) as again:
                again.log_in()
                assert two.closed() == REPLACED
