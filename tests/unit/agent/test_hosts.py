import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.agent.hosts import ALGORITHMS, Cursor, HostList

NAMES = st.from_regex(r"[a-z0-9.-]{1,12}", fullmatch=True)
LISTS = st.builds(
    HostList.of,
    st.lists(NAMES, min_size=1, max_size=5, unique=True),
    st.sampled_from(["", *ALGORITHMS]),
)


def hosts_tried(cursor: Cursor, count: int) -> list[str]:
    tried = []
    for _ in range(count):
        cursor = cursor.next()
        tried.append(cursor.host)
    return tried


@pytest.mark.parametrize(
    ("text", "hosts", "algorithm"),
    [
        ("10.1.1.1", ("10.1.1.1",), ""),
        ("10.1.1.1,10.1.1.2@static", ("10.1.1.1", "10.1.1.2"), "static"),
        (" a , b,a@roundrobin", ("a", "b"), "roundrobin"),
        ("[2001:db8::1],b", ("2001:db8::1", "b"), ""),
        ("2001:db8::1,fe80::1%eth1", ("2001:db8::1", "fe80::1%eth1"), ""),
    ],
)
def test_lists(text: str, hosts: tuple[str, ...], algorithm: str) -> None:
    assert HostList.parse(text) == HostList(hosts, algorithm)


@pytest.mark.parametrize("text", ["", ",", "a,,b", "a b", "a@sometimes", "a;reboot", "a/b"])
def test_what_is_no_list(text: str) -> None:
    with pytest.raises(ValueError, match=r"host must|is not one of"):
        HostList.parse(text)


def test_there_is_a_bound() -> None:
    with pytest.raises(ValueError, match="1 to 100"):
        HostList.of([f"h{number}" for number in range(101)], "")


@given(LISTS)
def test_a_list_is_written_as_it_is_read(hosts: HostList) -> None:
    assert HostList.parse(str(hosts)) == hosts


@given(st.text(max_size=30))
def test_any_text(text: str) -> None:
    try:
        found = HostList.parse(text)
    except ValueError:
        return
    assert HostList.parse(str(found)) == found


def test_in_a_circle() -> None:
    assert hosts_tried(Cursor(HostList.parse("a,b,c")), 4) == ["a", "b", "c", "a"]


def test_servers_to_avoid_are_left_out_while_there_are_others() -> None:
    cursor = Cursor(HostList.parse("a,b,c")).next()
    assert hosts_tried(cursor.told(None, ["a", "c"]), 2) == ["b", "b"]
    assert hosts_tried(cursor.told(None, ["a", "b", "c"]), 2) == ["b", "c"]
    assert cursor.told(None, ["a"]).preferred == "b"
    assert cursor.preferred == "a"


def test_a_new_list_begins_at_its_start() -> None:
    cursor = Cursor(HostList.parse("a,b,c")).next().next()
    assert hosts_tried(cursor.told(HostList.parse("x,b"), []), 2) == ["x", "b"]
    assert hosts_tried(cursor.told(HostList.parse("a,b,c"), []), 1) == ["c"]


@given(LISTS, st.sets(NAMES, max_size=3))
def test_every_server_has_its_turn(known: HostList, avoided: set[str]) -> None:
    expected = [host for host in known.hosts if host not in avoided] or list(known.hosts)
    assert hosts_tried(Cursor(known, frozenset(avoided)), len(expected)) == expected
