from consoleproxy.agent.allowed import AllowedSessions


def test_each_session_once() -> None:
    allowed = AllowedSessions()
    allowed.add("a")
    allowed.add("b")
    assert "a" in allowed
    allowed.use("a")
    allowed.use("a")
    assert "a" not in allowed
    assert "b" in allowed


def test_there_is_a_bound() -> None:
    allowed = AllowedSessions()
    for number in range(10_001):
        allowed.add(str(number))
    assert "0" not in allowed
    assert "1" in allowed
    assert "10000" in allowed
