"""What viewers of these tests are told, and how they lose a console."""

from consoleproxy import errors
from tests.integration.fixtures.cloud import Cloud
from tests.integration.fixtures.tab import Tab
from tests.integration.fixtures.viewer import Viewer
from tests.waiting import wait_for

PASSWORD = "secret12"
ELSEWHERE = "127.0.0.9"
USED = (4409, errors.SessionUsed.sentence)
OVER = (4401, errors.SessionOver.sentence)
REPLACED = (4409, errors.SessionReplaced.sentence)


def refused(viewer: Viewer) -> tuple[int, str]:
    """Return the close code and the sentence that a viewer got."""
    refusal = viewer.refused()
    return refusal.code, refusal.reason


def open_then_cut(cloud: Cloud, tab: Tab, url: str) -> str:
    """Open a console, lose it, and return the uuid of its session."""
    with tab.open(url) as viewer:
        viewer.log_in()
        (session,) = cloud.proxy.registry
    wait_for(lambda: cloud.sessions() == 0, "the session to end")
    return session.uuid
