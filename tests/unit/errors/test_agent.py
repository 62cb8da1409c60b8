from consoleproxy.errors import AgentLinkBroken, ConsoleProxyError


def test_it_is_for_the_log() -> None:
    error = AgentLinkBroken("a frame with an impossible header")
    assert isinstance(error, ConsoleProxyError)
    assert str(error) == "a frame with an impossible header"
