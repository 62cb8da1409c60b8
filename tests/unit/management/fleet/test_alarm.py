import logging

import pytest

from consoleproxy.management.fleet.alarm import CapacityAlarm


def test_one_alert_a_change_and_every_refusal_counted(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    alarm = CapacityAlarm()
    alarm.room()
    assert caplog.messages == []
    for _ in range(3):
        alarm.refused(2)
    assert (alarm.refusals, alarm.raised) == (3, True)
    (alert,) = caplog.messages
    assert "no console proxy has capacity (2 connected)" in alert
    alarm.room()
    alarm.room()
    assert caplog.messages[1:] == ["console proxies have capacity again"]
    alarm.refused(2)
    assert len(caplog.messages) == 3
    assert alarm.refusals == 4
