"""A guest's password stays out of logs."""

from consoleproxy.guest.address import GuestAddress


def test_password_is_not_shown() -> None:
    address = GuestAddress(host="127.0.0.1", port=6000, password="secret12", description="a guest")
    assert "secret12" not in repr(address)
