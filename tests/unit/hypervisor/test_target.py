"""Which way leads to the screen."""

from string import ascii_letters, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.errors import HypervisorUnreachable, UnsupportedConsole
from consoleproxy.hypervisor.target import (
    Target,
    TcpTarget,
    TunnelTarget,
    UnixTarget,
    WebSocketTarget,
    choose_target,
)

SESSION = "OpaqueRef:9b1f7f0e-4a52"
TICKET = "cst-VCT-52e1d2c8"


def _choose(
    *,
    host: str = "10.1.1.20",
    port: int = 5901,
    tunnel_url: str = "",
    tunnel_session: str = SESSION,
    websocket_url: str = "",
    hyperv_host: str = "",
) -> Target:
    return choose_target(
        host=host,
        port=port,
        tunnel_url=tunnel_url,
        tunnel_session=tunnel_session,
        websocket_url=websocket_url,
        hyperv_host=hyperv_host,
    )


@pytest.mark.parametrize(
    ("host", "target", "text"),
    [
        ("10.1.1.20", TcpTarget("10.1.1.20", 5901), "10.1.1.20:5901"),
        ("2001:db8::1", TcpTarget("2001:db8::1", 5901), "[2001:db8::1]:5901"),
        ("[2001:db8::1]", TcpTarget("2001:db8::1", 5901), "[2001:db8::1]:5901"),
        ("fe80::1%eth0", TcpTarget("fe80::1%eth0", 5901), "[fe80::1%eth0]:5901"),
        ("kvm_1.example.org", TcpTarget("kvm_1.example.org", 5901), "kvm_1.example.org:5901"),
    ],
)
def test_an_address_and_a_port_are_tcp(host: str, target: TcpTarget, text: str) -> None:
    assert _choose(host=host) == target
    assert str(target) == text


@pytest.mark.parametrize("port", [0, 1, -1])
def test_a_unix_socket_needs_no_port(port: int) -> None:
    target = _choose(host="unix:/run/libvirt/vm-1.sock", port=port)
    assert target == UnixTarget("/run/libvirt/vm-1.sock")
    assert str(target) == "unix:/run/libvirt/vm-1.sock"
    longest = "/" + "a" * 106
    assert _choose(host=f"unix:{longest}") == UnixTarget(longest)
    assert _choose(host="unix:/a/..b/.c") == UnixTarget("/a/..b/.c")


@pytest.mark.parametrize(
    ("url", "target", "text"),
    [
        (
            "https://10.0.0.5/console?ref=OpaqueRef:1",
            TunnelTarget("10.0.0.5", 443, True, "/console?ref=OpaqueRef:1", SESSION),
            "tunnel https://10.0.0.5:443/console",
        ),
        (
            "http://xen1:8080/console",
            TunnelTarget("xen1", 8080, False, "/console", SESSION),
            "tunnel http://xen1:8080/console",
        ),
        (
            "HTTPS://[2001:db8::5]:4443?uuid=1",
            TunnelTarget("2001:db8::5", 4443, True, "/?uuid=1", SESSION),
            "tunnel https://[2001:db8::5]:4443/",
        ),
        ("http://h", TunnelTarget("h", 80, False, "/", SESSION), "tunnel http://h:80/"),
    ],
)
def test_a_tunnel(url: str, target: TunnelTarget, text: str) -> None:
    assert _choose(tunnel_url=url, hyperv_host="10.0.0.9", host="", port=-1) == target
    assert str(target) == text
    assert SESSION not in repr(target)


@pytest.mark.parametrize(
    ("url", "target", "text"),
    [
        (
            f"wss://esx1.example.org:443/ticket/{TICKET}",
            WebSocketTarget("esx1.example.org", 443, True, f"/ticket/{TICKET}"),
            "wss://esx1.example.org:443",
        ),
        (
            f"ws://[fd00::7]/?ticket={TICKET}",
            WebSocketTarget("fd00::7", 80, False, f"/?ticket={TICKET}"),
            "ws://[fd00::7]:80",
        ),
        ("wss://h", WebSocketTarget("h", 443, True, "/"), "wss://h:443"),
    ],
)
def test_a_websocket_goes_before_all_others(url: str, target: WebSocketTarget, text: str) -> None:
    assert _choose(websocket_url=url, tunnel_url="https://h/", hyperv_host="h") == target
    assert str(target) == text
    assert TICKET not in repr(target)


def test_hyper_v_is_named() -> None:
    with pytest.raises(UnsupportedConsole, match="Hyper-V"):
        _choose(hyperv_host="10.0.0.9", port=-9)


@pytest.mark.parametrize("blank", ["", " ", "\t"])
def test_blank_fields_choose_no_way(blank: str) -> None:
    tcp = TcpTarget("10.1.1.20", 5901)
    assert _choose(websocket_url=blank, hyperv_host=blank, tunnel_url=blank) == tcp
    assert _choose(tunnel_url="https://10.0.0.5/console", tunnel_session=blank) == tcp


@pytest.mark.parametrize(
    ("host", "port"),
    [
        ("", 5901),
        *((host, 5901) for host in ("a b", "a..b", "a" * 64, "a.b:5900", "[10.0.0.1]", "[a]", "é")),
        *((host, 5901) for host in ("fe80::1%a b", "a\n", "a\0", "/run/x", "a" * 63 + ".b" * 96)),
        *(("10.0.0.1", port) for port in (0, 65536, -1, -9)),
        *((f"unix:{path}", 0) for path in ("", "x", "x/y", "/", "//x", "/x/", "/x//y", "@x")),
        *((f"unix:{path}", 0) for path in ("/..", "/x/../y", "/./x", "/x/.", "/x y", "/x\0", "/é")),
        ("unix:/" + "a" * 107, 0),
    ],
)
def test_no_usable_address(host: str, port: int) -> None:
    with pytest.raises(HypervisorUnreachable):
        _choose(host=host, port=port)


@pytest.mark.parametrize(
    "rest",
    [
        f"://user@h/{TICKET}",
        f"://user:{TICKET}@h/",
        f"://h/{TICKET}#x",
        f"://h/ {TICKET}",
        f"://h/{TICKET}\r\nX: y",
        f"://h/{TICKET}é",
        f"://h:0/{TICKET}",
        f"://h:65536/{TICKET}",
        f"://h:/{TICKET}",
        f"://h:x/{TICKET}",
        f":///{TICKET}",
        f":/{TICKET}",
        f"://[h]/{TICKET}",
        f"://[::1/{TICKET}",
        f"://::1/{TICKET}",
        f"://[fe80::1%25eth0]/{TICKET}",
        f"://a..b/{TICKET}",
        f"s://h/{TICKET}",
    ],
)
def test_urls_that_lead_nowhere(rest: str) -> None:
    with pytest.raises(HypervisorUnreachable, match=r"^the websocket URL") as caught:
        _choose(websocket_url=f"wss{rest}")
    assert TICKET not in str(caught.value)
    with pytest.raises(HypervisorUnreachable, match=r"^the tunnel URL"):
        _choose(tunnel_url=f"https{rest}")


@pytest.mark.parametrize("scheme", ["http", "https", "ftp", "file", ""])
def test_other_schemes(scheme: str) -> None:
    with pytest.raises(HypervisorUnreachable, match=r"^the websocket URL"):
        _choose(websocket_url=f"{scheme}://h/")


@pytest.mark.parametrize("junk", ["\r\nX: y", ";", " ", ",", '"', "\\", "\x7f", "é"])
def test_a_session_that_is_no_cookie(junk: str) -> None:
    with pytest.raises(HypervisorUnreachable, match="no cookie") as caught:
        _choose(tunnel_url="https://h/", tunnel_session=SESSION + junk)
    assert SESSION not in str(caught.value)


_texts = st.text(max_size=60) | st.text(ascii_letters + digits + ":/[]@.%#?-", max_size=60)
_urls = _texts | st.builds(
    "{}://{}{}".format, st.sampled_from(["https", "http", "wss", "ws"]), _texts, _texts
)


@given(
    _texts | _texts.map("unix:/{}".format), st.integers(-10, 70000), _urls, _texts, _urls, _texts
)
def test_any_text_gives_a_target_or_a_documented_error(
    host: str, port: int, tunnel_url: str, session: str, websocket_url: str, hyperv_host: str
) -> None:
    try:
        target = _choose(
            host=host,
            port=port,
            tunnel_url=tunnel_url,
            tunnel_session=session,
            websocket_url=websocket_url,
            hyperv_host=hyperv_host,
        )
    except (HypervisorUnreachable, UnsupportedConsole):
        return
    if isinstance(target, UnixTarget):
        assert target.path.startswith("/") and len(target.path) <= 107
        assert target.path.isascii() and target.path.isprintable()
        return
    assert target.host and 0 < target.port < 65536
    assert target.host.isascii() and target.host.isprintable()
    if not isinstance(target, TcpTarget):
        assert target.path.startswith("/") and target.path.isascii()
        assert target.path.isprintable() and " " not in target.path
