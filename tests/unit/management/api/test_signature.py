import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from cs.client import CloudStack

from consoleproxy.errors import ManagementRequestRefused
from consoleproxy.management.api.signature import BAD_CREDENTIALS, expiry, is_signed_by, sign

SECRET = "secret key of the account"
NOW = 1_767_225_600.0  # 2026-01-01T00:00:00Z
TRICKY = [
    "plain",
    "with space",
    "a*b",
    "a~b",
    "a+b",
    "[x](y)",
    "100%",
    "a&b=c",
    "ümläut ✓",
    "quote'\"",
    "x/y?z",
    "",
]


def verify(parameters: dict[str, str], secret: str | None, now: float) -> float | None:
    if not is_signed_by(parameters, secret or ""):
        raise ManagementRequestRefused(401, BAD_CREDENTIALS)
    return expiry(parameters, now)


def lowered(parameters: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in parameters.items()}


def signed_with(text: str) -> str:
    return base64.b64encode(
        hmac.new(SECRET.encode(), text.encode(), hashlib.sha1).digest()
    ).decode()


def refusal(parameters: dict[str, str], secret: str | None = SECRET) -> ManagementRequestRefused:
    with pytest.raises(ManagementRequestRefused) as caught:
        verify(parameters, secret, NOW)
    assert caught.value.status == 401
    return caught.value


@pytest.mark.parametrize("value", TRICKY)
def test_signature_of_the_cs_client_is_accepted(value: str) -> None:
    parameters = {"command": "listX", "apiKey": "k", "response": "json", "name": value}
    client: Any = CloudStack("http://unused", "k", SECRET)
    client._sign(parameters)
    verify(lowered(parameters), SECRET, NOW)
    assert sign(parameters, SECRET) == parameters["signature"]


@pytest.mark.parametrize("value", TRICKY)
def test_hmac_sha256_is_accepted_too(value: str) -> None:
    parameters = {"apikey": "k", "command": "listX", "name": value}
    text = f"apikey=k&command=listx&name={quote(value, safe='*').lower()}"
    signature = base64.b64encode(hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).digest())
    verify({**parameters, "signature": signature.decode()}, SECRET, NOW)
    other = hmac.new(b"another key", text.encode(), hashlib.sha256).digest()
    assert str(refusal({**parameters, "signature": base64.b64encode(other).decode()})) == (
        BAD_CREDENTIALS
    )


@pytest.mark.parametrize("algorithm", ["md5", "sha384", "sha512"])
def test_no_other_digest_is_accepted(algorithm: str) -> None:
    text = "apikey=k&command=listx"
    digest = hmac.new(SECRET.encode(), text.encode(), algorithm).digest()
    given = {"apikey": "k", "command": "listX", "signature": base64.b64encode(digest).decode()}
    assert str(refusal(given)) == BAD_CREDENTIALS


def java(value: str) -> str:
    """As ``java.net.URLEncoder`` writes it."""
    return quote(value, safe="*").replace("~", "%7E").replace("%20", "+")


def java_with_spaces(value: str) -> str:
    return java(value).replace("+", "%20")


def go(value: str) -> str:
    """As Go's ``url.QueryEscape`` writes it."""
    return quote(value, safe="").replace("%20", "+")


@pytest.mark.parametrize("encode", [java, java_with_spaces, go])
def test_spellings_of_other_languages_are_accepted(encode: Callable[[str], str]) -> None:
    value = "a~b*c d[1]+"
    text = f"apikey=k&command=listx&name={encode(value)}".lower()
    verify(
        {"apikey": "k", "command": "listX", "name": value, "signature": signed_with(text)},
        SECRET,
        NOW,
    )


def test_known_vector() -> None:
    parameters = {"command": "listUsers", "response": "json", "apiKey": "plgWJfZK4gyS3mOMTVmjUVg"}
    expected = signed_with("apikey=plgwjfzk4gys3momtvmjuvg&command=listusers&response=json")
    assert sign(parameters, SECRET) == expected


@pytest.mark.parametrize(
    "change",
    [{"name": "other"}, {"more": "x"}, {"signature": ""}, {"signature": "ümlaut"}],
)
def test_changed_request_is_refused(change: dict[str, str]) -> None:
    parameters = {"apikey": "k", "command": "c", "name": "n"}
    parameters["signature"] = sign(parameters, SECRET)
    assert str(refusal(parameters | change)) == BAD_CREDENTIALS


def test_missing_signature_is_refused() -> None:
    assert str(refusal({"apikey": "k", "command": "c"})) == BAD_CREDENTIALS


def test_unknown_account_reads_like_a_wrong_signature() -> None:
    parameters = {"apikey": "k", "command": "c"}
    parameters["signature"] = sign(parameters, "")
    assert str(refusal(parameters, secret=None)) == BAD_CREDENTIALS


def with_expiry(expires: str) -> dict[str, str]:
    parameters = {"apikey": "k", "signatureversion": "3", "expires": expires}
    parameters["signature"] = sign(parameters, SECRET)
    return parameters


@pytest.mark.parametrize("expires", ["2026-01-01T00:10:00+0000", "2026-01-01T02:10:00+0200"])
def test_unexpired_request_is_accepted(expires: str) -> None:
    assert verify(with_expiry(expires), SECRET, NOW) == NOW + 600


@pytest.mark.parametrize("expires", ["2025-12-31T23:59:59+0000", "2026-01-01T01:59:59+0200"])
def test_expired_request_is_refused(expires: str) -> None:
    assert "expired" in str(refusal(with_expiry(expires)))


@pytest.mark.parametrize("expires", ["", "tomorrow", "2026-01-01T00:10:00", "2026-01-01"])
def test_version_3_needs_a_proper_expiry(expires: str) -> None:
    assert "expires must look like" in str(refusal(with_expiry(expires)))


def test_expiry_counts_without_version_too() -> None:
    parameters = {"apikey": "k", "expires": "2025-12-31T00:00:00+0000"}
    parameters["signature"] = sign(parameters, SECRET)
    refusal(parameters)
