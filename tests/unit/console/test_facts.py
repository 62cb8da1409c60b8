"""The text frame that tells a viewer of its session."""

import json

from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.console.facts import Facts
from consoleproxy.hypervisor.tls import Secrecy


def test_a_way_with_tls() -> None:
    facts = Facts("8a1f", 12.9, "TLSv1.3", Secrecy("TLSv1.2", checked=True), "jp")
    assert facts.word() == (
        'facts {"session":"8a1f","age":12,"browser":"TLSv1.3",'
        '"guest":"TLSv1.2","checked":true,"local":false,"keyboard":"jp"}'
    )


@given(st.text(), st.floats(-1e9, 1e9), st.text())
def test_any_session_is_one_line_of_ascii(uuid: str, age: float, keyboard: str) -> None:
    """A token may name its session, and a keyboard, by any text."""
    word = Facts(uuid, age, "", Secrecy(local=True), keyboard).word()
    assert word.isascii()
    assert "\n" not in word
    said = json.loads(word.removeprefix("facts "))
    assert (said["session"], said["local"], said["guest"]) == (uuid, True, "")
    assert said["keyboard"] == keyboard
    assert said["age"] >= 0
