from consoleproxy.errors import ManagementRequestRefused, SecretUnreadable, SettingsInvalid


def test_all_mistakes_are_told_at_once() -> None:
    fault = SettingsInvalid(["first", "second"])
    assert str(fault) == "first\nsecond"
    assert fault.problems == ("first", "second")


def test_an_api_caller_gets_status_and_text() -> None:
    refusal = ManagementRequestRefused(431, "what was wrong")
    assert (refusal.status, str(refusal)) == (431, "what was wrong")


def test_a_secret_that_no_key_opens_says_what_to_do() -> None:
    fault = SecretUnreadable("a VNC password was sealed under key 00ff")
    assert fault.status == 530
    assert str(fault).startswith("a VNC password was sealed under key 00ff: give the management")
