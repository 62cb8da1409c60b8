from consoleproxy.relay.end import RECONNECT, AfterGuest, RelayEnd


def test_an_end_is_final_unless_it_says_otherwise() -> None:
    end = RelayEnd("guest", 1000, "The screen was closed.")
    assert not end.cut
    assert not end.kept


def test_a_viewer_is_asked_to_come_back_by_a_registered_code() -> None:
    """RFC 6455 section 7.4.2: 1000 to 2999 are the protocol's."""
    assert RECONNECT == 1012
    assert len(AfterGuest) == 3
