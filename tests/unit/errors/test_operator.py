from consoleproxy.errors import ManagementRequestRefused, SettingsInvalid


def test_all_mistakes_are_told_at_once() -> None:
    fault = SettingsInvalid(["first", "second"])
    assert str(fault) == "first\nsecond"
    assert fault.problems == ("first", "second")


def test_an_api_caller_gets_status_and_text() -> None:
    refusal = ManagementRequestRefused(431, "what was wrong")
    assert (refusal.status, str(refusal)) == (431, "what was wrong")
