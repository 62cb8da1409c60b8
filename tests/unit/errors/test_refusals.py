import logging

from consoleproxy import errors


def test_what_is_nobody_s_fault_is_no_warning() -> None:
    calm = [errors.SessionIdle, errors.SessionReplaced, errors.ProxyDraining]
    assert {kind.level for kind in calm} == {logging.INFO}
    assert errors.TokenInvalid.level == logging.WARNING
    assert errors.ManagementUnavailable.level == logging.ERROR


def test_close_codes_are_those_that_outside_checks_rely_on() -> None:
    assert errors.TokenInvalid.close_code == 4400
    assert errors.TokenExpired.close_code == errors.MachineNotRunning.close_code == 4401
    assert errors.ExtraMismatch.close_code == errors.OriginRefused.close_code == 4403
    assert errors.SessionUsed.close_code == 4409
    assert errors.SessionEndedByOperator.close_code == 4410
    assert errors.ProxyFull.close_code == 4429
