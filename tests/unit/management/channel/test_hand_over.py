import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.management.channel.hand_over import (
    HandedKeystore,
    keystore_request,
    read_keystore_request,
)

KEYSTORE = HandedKeystore("version", b"the private key")


def test_round_trip() -> None:
    assert read_keystore_request(keystore_request("cpvm-1").encode()) == "cpvm-1"
    answer = KEYSTORE.to_json("secret")
    assert json.loads(answer)["keystoreVersion"] == "version"
    assert "private" not in answer + repr(KEYSTORE)
    assert HandedKeystore.from_json(answer.encode(), "secret") == KEYSTORE


def test_no_keystore() -> None:
    answer = HandedKeystore().to_json("secret")
    assert json.loads(answer) == {"keystoreVersion": "", "keystore": ""}
    assert HandedKeystore.from_json(answer.encode(), "secret") == HandedKeystore()


def test_it_opens_with_the_same_secret_and_version_only() -> None:
    answer = KEYSTORE.to_json("secret")
    with pytest.raises(ValueError, match=r"consoleproxy\.management\.secret"):
        HandedKeystore.from_json(answer.encode(), "another secret")
    older = {**json.loads(answer), "keystoreVersion": "older"}
    with pytest.raises(ValueError, match="does not open"):
        HandedKeystore.from_json(json.dumps(older).encode(), "secret")


@given(
    st.binary()
    | st.recursive(
        st.text(),
        lambda x: st.dictionaries(st.sampled_from(["keystoreVersion", "keystore", "proxy"]), x),
    ).map(lambda x: json.dumps(x).encode())
)
def test_anything_else_is_refused(text: bytes) -> None:
    for read in (read_keystore_request, lambda given: HandedKeystore.from_json(given, "secret")):
        try:
            read(text)
        except ValueError:
            continue
