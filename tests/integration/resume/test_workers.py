"""All of it over two workers, killed ones, and a proxy that is started anew."""

from functools import partial
from pathlib import Path

from tests.integration.fixtures.cloud import Machine
from tests.integration.fixtures.qemu import Qemu
from tests.integration.fixtures.served import running_served
from tests.integration.fixtures.tab import Tab
from tests.integration.resume.said import OVER, REPLACED, refused
from tests.waiting import wait_for


def _has_keys(guest: Qemu, count: int) -> bool:
    return len(guest.keys()) == count


def test_all_of_it_holds_over_two_workers_and_a_restart(
    tmp_path: Path, machine: Machine, guest: Qemu
) -> None:
    with running_served(tmp_path, [machine], workers=2) as served:
        tab, url = Tab(), served.console(machine)
        first = tab.open(url)
        carriers = {served.carrier(first.sock)}
        first.log_in()
        wait_for(lambda: served.reported() == 1, "the session in the books")
        before = dict(tab.cookies)
        with first:
            for source, keys in (("127.0.0.8", 1), ("127.0.0.9", 2)):
                with tab.reload(url, source=source) as back:
                    carriers.add(served.carrier(back.sock))
                    back.log_in()
                    back.press(ord("x"))
                    wait_for(partial(_has_keys, guest, keys), "the key")
            assert first.closed() == REPLACED
        assert len(carriers) == 2, "one took over from the other"
        with Tab(tab, before).reload(url) as stolen:
            assert refused(stolen) == OVER
        with tab.reload(url) as back:
            back.log_in()
            served.kill_workers()
        wait_for(lambda: served.metric("workers_replaced_total") == 2, "two deaths")
        wait_for(lambda: served.metric("workers") == 2, "new workers")
        with tab.reload(url) as back:
            back.log_in()
            wait_for(lambda: served.reported() == served.open_in_books() == 1, "one session")
            # With the viewer still there: one that leaves before is reported as gone.
            served.kill()
        served.start_anew()
        served.wait_until_ready(2)
        wait_for(lambda: served.readiness() == "200 ready", "the proxy to have the keys again")
        with tab.reload(url) as back:
            assert refused(back) == OVER, "a proxy that was started anew knows no secrets"
        with tab.open(url) as back:
            back.log_in()
