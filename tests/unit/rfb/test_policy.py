import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.errors import SettingsInvalid
from consoleproxy.rfb.policy import (
    DEFAULT_ORDER,
    Credentials,
    Encryption,
    Link,
    SecurityKind,
    SecurityPolicy,
    parse_order,
)

K = SecurityKind
REQUIRED, PREFERRED, OFF = Encryption
PUBLIC = Link()
ALL = tuple(SecurityKind)
CLEAR = (K.VNC_AUTH, K.NONE)
X509 = (K.X509_PLAIN, K.X509_VNC, K.X509_NONE)


@pytest.mark.parametrize(
    ("encryption", "link", "ranking"),
    [
        (PREFERRED, PUBLIC, (*X509, *CLEAR)),
        (REQUIRED, PUBLIC, X509),
        (OFF, PUBLIC, CLEAR),
        # TLS cannot be started.
        (PREFERRED, Link(tls=False), CLEAR),
        (REQUIRED, Link(tls=False), ()),
        (OFF, Link(tls=False), CLEAR),
        # It is private already, so that REQUIRED is satisfied and a password may go as it is.
        (PREFERRED, Link(private=True), (*X509, K.VNC_AUTH, K.PLAIN, K.NONE)),
        (REQUIRED, Link(private=True), (*X509, K.VNC_AUTH, K.PLAIN, K.NONE)),
        (OFF, Link(private=True), (K.VNC_AUTH, K.PLAIN, K.NONE)),
        (REQUIRED, Link(private=True, tls=False), (K.VNC_AUTH, K.PLAIN, K.NONE)),
    ],
)
def test_ranking_of_the_default(
    encryption: Encryption, link: Link, ranking: tuple[SecurityKind, ...]
) -> None:
    assert SecurityPolicy(encryption=encryption).ranking(link) == ranking


def test_default() -> None:
    assert SecurityPolicy() == SecurityPolicy(DEFAULT_ORDER, PREFERRED)
    assert parse_order("X509Plain, X509Vnc, X509None, VncAuth, None") == DEFAULT_ORDER
    assert not any(kind.anonymous for kind in DEFAULT_ORDER)


def test_order_that_an_operator_wrote_is_kept() -> None:
    order = (K.NONE, K.TLS_VNC, K.PLAIN, K.X509_VNC)
    assert SecurityPolicy(order).ranking(PUBLIC) == order
    assert SecurityPolicy(order, REQUIRED).ranking(PUBLIC) == (K.TLS_VNC, K.X509_VNC)
    # Plain joins the default only.
    without = (K.VNC_AUTH, K.NONE)
    assert SecurityPolicy(without).ranking(Link(private=True)) == without


@given(
    st.lists(st.sampled_from(ALL), unique=True, min_size=1),
    st.sampled_from(Encryption),
    st.booleans(),
    st.booleans(),
)
def test_ranking_never_breaks_a_demand(
    order: list[SecurityKind], encryption: Encryption, private: bool, tls: bool
) -> None:
    policy = SecurityPolicy(tuple(order), encryption)
    ranking = policy.ranking(Link(private, tls))
    for kind in ranking:
        assert kind in order or (kind is K.PLAIN and private)
        assert not kind.encrypted or (tls and encryption is not OFF)
        assert kind.encrypted or private or encryption is not REQUIRED


@pytest.mark.parametrize(
    ("kind", "encrypted", "anonymous", "username", "password"),
    [
        (K.X509_PLAIN, True, False, True, True),
        (K.X509_VNC, True, False, False, True),
        (K.X509_NONE, True, False, False, False),
        (K.TLS_PLAIN, True, True, True, True),
        (K.TLS_VNC, True, True, False, True),
        (K.TLS_NONE, True, True, False, False),
        (K.VNC_AUTH, False, False, False, True),
        (K.NONE, False, False, False, False),
        (K.PLAIN, False, False, True, True),
    ],
)
def test_kinds(
    kind: SecurityKind, encrypted: bool, anonymous: bool, username: bool, password: bool
) -> None:
    assert (kind.encrypted, kind.anonymous) == (encrypted, anonymous)
    assert (kind.needs_username, kind.needs_password) == (username, password)
    assert Credentials("secret12", "operator").suffice(kind)
    assert Credentials("secret12").suffice(kind) is not username
    assert Credentials("", "operator").suffice(kind) is not password


def test_password_is_not_shown() -> None:
    assert "secret12" not in repr(Credentials("secret12", "operator"))


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("X509Vnc, VncAuth, None", (K.X509_VNC, K.VNC_AUTH, K.NONE)),
        (" tlsvnc ,PLAIN,", (K.TLS_VNC, K.PLAIN)),
        ("none", (K.NONE,)),
    ],
)
def test_order_is_read(text: str, order: tuple[SecurityKind, ...]) -> None:
    assert parse_order(text) == order


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "names no type"),
        (" , ", "names no type"),
        ("VncAuth, X509, RA2", "'X509', 'RA2' is none of X509Plain, X509Vnc, "),
        ("VncAuth, None, vncauth", "twice"),
    ],
)
def test_mistakes_in_an_order_name_the_setting(text: str, told: str) -> None:
    with pytest.raises(
        SettingsInvalid, match=rf"^consoleproxy\.hypervisor\.security\.types: .*{told}"
    ):
        parse_order(text)


@given(st.lists(st.sampled_from(ALL), unique=True, min_size=1))
def test_every_order_can_be_written(order: list[SecurityKind]) -> None:
    assert parse_order(", ".join(order)) == tuple(order)


@given(st.text(max_size=40))
def test_any_text_is_an_order_or_a_mistake(text: str) -> None:
    try:
        assert parse_order(text)
    except SettingsInvalid as error:
        assert len(error.problems) == 1
