from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.errors import (
    HypervisorEncryptionMissing,
    HypervisorLoginFailed,
    HypervisorRefused,
    HypervisorSecurityUnsupported,
)
from consoleproxy.rfb.choice import PLAIN_TYPES, Choice
from consoleproxy.rfb.policy import (
    DEFAULT_ORDER,
    Credentials,
    Encryption,
    Link,
    SecurityKind,
    SecurityPolicy,
)
from consoleproxy.rfb.vencrypt import SUB_TYPES

K = SecurityKind
ANY = tuple(SecurityKind)
REQUIRED, PREFERRED, OFF = Encryption


def make_choice(
    password: str = "secret12",
    username: str = "",
    order: tuple[SecurityKind, ...] = DEFAULT_ORDER,
    encryption: Encryption = PREFERRED,
    link: Link = Link(),  # noqa: B008
) -> Choice:
    return Choice(Credentials(password, username), SecurityPolicy(order, encryption), link)


@pytest.mark.parametrize(
    ("offered", "choice", "chosen"),
    [
        # Plain kinds: the server's order says nothing.
        ([1], make_choice(""), 1),
        ([1], make_choice(), 1),
        ([1, 2], make_choice(), 2),
        ([2, 1], make_choice(""), 1),
        ([1, 2], make_choice(order=(K.NONE, K.VNC_AUTH)), 1),
        # Unknown ones do no harm, wherever they are.
        ([30, 129, 2, 5], make_choice(), 2),
        ([30, 129, 1, 5], make_choice(), 1),
        # What only VeNCrypt can hold makes it worth entering.
        ([2, 19, 1], make_choice(), 19),
        ([19, 1], make_choice(""), 19),
        ([2, 19], make_choice(order=(K.VNC_AUTH, K.X509_VNC)), 2),
        ([1, 19], make_choice(order=(K.VNC_AUTH, K.X509_VNC, K.NONE)), 19),
        ([2, 19], make_choice(order=(K.TLS_VNC, K.VNC_AUTH)), 19),
        ([2, 19], make_choice("", order=(K.VNC_AUTH, K.X509_NONE)), 19),
        ([2, 19], make_choice(order=(K.X509_PLAIN, K.VNC_AUTH)), 2),
        ([2, 19], make_choice(username="u", order=(K.X509_PLAIN, K.VNC_AUTH)), 19),
        ([1, 19], make_choice(username="u", link=Link(private=True, tls=False)), 19),
        ([1, 19], make_choice(link=Link(private=True, tls=False)), 1),
        # Not where nothing in it could be used that is not outside as well.
        ([19, 2], make_choice(encryption=OFF), 2),
        ([19, 2], make_choice(link=Link(tls=False)), 2),
        ([19, 1], make_choice(encryption=OFF), 1),
        # Alone, wrappers may hold the plain kinds.
        ([19], make_choice(encryption=OFF), 19),
        ([16], make_choice(), 16),
        ([16, 30], make_choice(""), 16),
        ([16, 2], make_choice(), 2),
        ([16, 2], make_choice(""), 16),
        ([16, 19], make_choice(encryption=OFF), 19),
        ([19, 2, 16, 1], make_choice(encryption=REQUIRED), 19),
        ([2, 19], make_choice(encryption=REQUIRED, link=Link(private=True, tls=False)), 2),
    ],
)
def test_security_type(offered: list[int], choice: Choice, chosen: int) -> None:
    assert choice.security_type(offered) == chosen


@pytest.mark.parametrize(
    ("offered", "choice", "chosen"),
    [
        ([261], make_choice(), 261),
        ([258, 261, 2, 1, 256, 262], make_choice(), 261),
        ([258, 261, 2, 1, 256, 262], make_choice(username="u"), 262),
        ([258, 261, 2, 1, 256, 262], make_choice(order=(K.TLS_VNC, K.X509_VNC)), 258),
        ([258, 263, 2, 1], make_choice(), 2),
        ([260, 261], make_choice(""), 260),
        ([257, 1], make_choice(""), 1),
        ([256, 1], make_choice(username="u"), 1),
        ([256, 1], make_choice(username="u", link=Link(private=True)), 256),
        ([256], make_choice(username="u", order=(K.PLAIN,)), 256),
    ],
)
def test_sub_type(offered: list[int], choice: Choice, chosen: int) -> None:
    assert choice.among(offered, SUB_TYPES, "VeNCrypt") == chosen


@pytest.mark.parametrize(
    ("offered", "choice", "error", "cause"),
    [
        ([2], make_choice(""), HypervisorLoginFailed, "a password, the token carries none"),
        ([30, 2], make_choice(""), HypervisorLoginFailed, "offers only 30, VncAuth"),
        ([30, 33], make_choice(), HypervisorSecurityUnsupported, "only 30, 33, and .*types allows"),
        ([], make_choice(), HypervisorSecurityUnsupported, "only nothing"),
        ([1], make_choice(order=(K.VNC_AUTH,)), HypervisorSecurityUnsupported, "allows VncAuth$"),
        (
            [2, 1],
            make_choice(encryption=REQUIRED),
            HypervisorEncryptionMissing,
            r"only VncAuth, None, and consoleproxy\.hypervisor\.encryption demands TLS",
        ),
        ([30], make_choice(encryption=REQUIRED), HypervisorSecurityUnsupported, "only 30"),
        ([2, 16], make_choice(encryption=REQUIRED), HypervisorEncryptionMissing, "VncAuth, Tight"),
        (
            [19, 2],
            make_choice(encryption=REQUIRED, link=Link(tls=False)),
            HypervisorEncryptionMissing,
            "VeNCrypt, VncAuth, .*cannot be started here",
        ),
        (
            [19],
            make_choice(order=(K.X509_PLAIN,)),
            HypervisorSecurityUnsupported,
            "only VeNCrypt, and",
        ),
    ],
)
def test_no_security_type(
    offered: list[int], choice: Choice, error: type[HypervisorRefused], cause: str
) -> None:
    with pytest.raises(error, match=cause) as refusal:
        choice.security_type(offered)
    assert type(refusal.value) is error


@pytest.mark.parametrize(
    ("offered", "choice", "error", "cause"),
    [
        ([261], make_choice(""), HypervisorLoginFailed, "a password.*X509Vnc inside VeNCrypt"),
        ([262], make_choice(), HypervisorLoginFailed, "a user name"),
        ([262], make_choice("", "u"), HypervisorLoginFailed, "a password"),
        ([257, 258, 263], make_choice(), HypervisorSecurityUnsupported, "TLSNone, TLSVnc, 263 ins"),
        ([2, 1], make_choice(encryption=REQUIRED), HypervisorEncryptionMissing, "VncAuth, None"),
        ([258], make_choice(encryption=REQUIRED), HypervisorSecurityUnsupported, "types allows"),
        ([261], make_choice(encryption=OFF), HypervisorSecurityUnsupported, "encryption is off"),
        (
            [261],
            make_choice(link=Link(tls=False)),
            HypervisorSecurityUnsupported,
            "cannot be started",
        ),
        ([256], make_choice(username="u"), HypervisorSecurityUnsupported, "only Plain inside"),
        ([], make_choice(), HypervisorSecurityUnsupported, "only nothing inside VeNCrypt"),
        ([*range(1000, 1255)], make_choice(), HypervisorSecurityUnsupported, "1019, 235 more ins"),
    ],
)
def test_no_sub_type(
    offered: list[int], choice: Choice, error: type[HypervisorRefused], cause: str
) -> None:
    with pytest.raises(error, match=cause) as refusal:
        choice.among(offered, SUB_TYPES, "VeNCrypt")
    assert type(refusal.value) is error


def allowed(choice: Choice, kind: SecurityKind) -> bool:
    return choice.credentials.suffice(kind) and kind in choice.policy.ranking(choice.link)


CHOICES = st.builds(
    Choice,
    st.builds(Credentials, st.sampled_from(["", "secret12"]), st.sampled_from(["", "u"])),
    st.builds(
        SecurityPolicy,
        st.one_of(
            st.just(DEFAULT_ORDER),
            st.lists(st.sampled_from(ANY), unique=True, min_size=1).map(tuple),
        ),
        st.sampled_from(Encryption),
    ),
    st.builds(Link, st.booleans(), st.booleans()),
)


@given(CHOICES, st.lists(st.sampled_from([*SUB_TYPES, 263, 0, 2**32 - 1])))
def test_the_best_that_is_allowed_is_chosen(choice: Choice, offered: Collection[int]) -> None:
    there = {SUB_TYPES[number] for number in offered if number in SUB_TYPES}
    best = [k for k in choice.policy.ranking(choice.link) if k in there and allowed(choice, k)]
    if best:
        assert SUB_TYPES[choice.among(offered, SUB_TYPES)] is best[0]
    else:
        with pytest.raises(HypervisorRefused):
            choice.among(offered, SUB_TYPES)


@given(CHOICES, st.lists(st.sampled_from([1, 2, 16, 19, 18, 30, 0])), st.lists(st.integers(0, 255)))
def test_unknown_types_and_the_order_of_the_offer_change_nothing(
    choice: Choice, offered: list[int], more: list[int]
) -> None:
    unknown = [number for number in more if number not in (1, 2, 16, 19)]
    try:
        chosen = choice.security_type(offered)
    except HypervisorRefused:
        with pytest.raises(HypervisorRefused):
            choice.security_type(unknown + offered[::-1])
    else:
        assert chosen in offered
        assert choice.security_type(unknown + offered[::-1]) == chosen
        assert chosen not in PLAIN_TYPES or allowed(choice, PLAIN_TYPES[chosen])
