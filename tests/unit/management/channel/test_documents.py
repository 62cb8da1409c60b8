import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.management.channel.documents import (
    LoadAnswer,
    LoadReport,
    ProxyDescription,
    Registration,
)
from consoleproxy.management.channel.news import News
from consoleproxy.session.load import Pace
from tests.unit.management.world import PROXY

NEWS = News(keystore_version="version", settings={"consoleproxy.session.max": "5"})

REGISTRATION = Registration(
    '{"the": "keys"}', source_ip_check=True, extra_required=False, news=NEWS
)


def test_documents_survive_the_journey() -> None:
    assert ProxyDescription.from_json(PROXY.to_json().encode()) == PROXY
    assert Registration.from_json(REGISTRATION.to_json().encode()) == REGISTRATION
    answer = LoadAnswer(("a", "b"), NEWS)
    assert LoadAnswer.from_json(answer.to_json().encode()) == answer


def test_secrets_stay_out_of_repr() -> None:
    assert "the" not in repr(REGISTRATION)


def test_load_report_is_cloudstacks_document() -> None:
    document = json.dumps(
        {
            "connections": [
                {"id": 1, "host": "h", "port": 1, "tag": "vm", "sessionUuid": "one"},
                {"id": 2, "host": "h", "port": 1, "tag": "vm"},
            ],
            "removedSessions": ["gone"],
        }
    )
    assert LoadReport.from_json(LoadReport.to_json("cpvm-1", document).encode()) == LoadReport(
        "cpvm-1", 2, ("one",), ("gone",)
    )


def test_what_is_beside_cloudstacks_document() -> None:
    document = '{"connections": [], "removedSessions": ["a"]}'
    body = LoadReport.to_json("cpvm-1", document, {"a": "viewer-left"}, draining=True)
    report = LoadReport.from_json(body.encode())
    assert report == LoadReport("cpvm-1", 0, (), ("a",), {"a": "viewer-left"}, draining=True)


def test_settings_that_wait_for_a_new_start() -> None:
    body = LoadReport.to_json("cpvm-1", "{}", waiting=("consoleproxy.port",))
    assert LoadReport.from_json(body.encode()).waiting == ("consoleproxy.port",)
    for waiting in (["two words"], [""], ["x" * 101], ["x"] * 101, [1], "x"):
        changed = json.dumps({**json.loads(body), "waitingSettings": waiting})
        with pytest.raises(ValueError, match="waitingSettings"):
            LoadReport.from_json(changed.encode())


@given(
    reasons=st.dictionaries(st.text(), st.text()) | st.integers() | st.lists(st.text()),
    draining=st.booleans() | st.text(),
)
def test_reasons_are_words(reasons: object, draining: object) -> None:
    body = json.loads(LoadReport.to_json("cpvm-1", '{"connections": []}'))
    body |= {"removedReasons": reasons, "draining": draining}
    try:
        report = LoadReport.from_json(json.dumps(body).encode())
    except ValueError:
        return
    assert report.draining is draining
    assert all(word.isascii() and word.islower() for word in report.reasons.values())


def test_what_changed_since_the_registration_is_beside_it_too() -> None:
    body = LoadReport.to_json("cpvm-1", '{"connections": []}', pace=Pace(7, 0.5)).encode()
    assert LoadReport.from_json(body).pace == Pace(7, 0.5)
    for wrong in ({"loadIntervalMs": 0}, {"loadIntervalMs": None}, {"sessionMax": "7"}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            LoadReport.from_json(json.dumps(json.loads(body) | wrong).encode())


def test_load_report_without_removed_sessions() -> None:
    report = LoadReport.from_json(LoadReport.to_json("cpvm-1", '{"connections": []}').encode())
    assert report == LoadReport("cpvm-1", 0, (), ())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "[" * 100_000,
        '{"proxy": "p"}',
        '{"proxy": 1, "loadInfo": "{}"}',
        '{"proxy": "p", "loadInfo": {}}',
        '{"proxy": "p", "loadInfo": "{\\"connections\\": 1}"}',
        '{"proxy": "p", "loadInfo": "{\\"removedSessions\\": [1]}"}',
    ],
)
def test_what_is_no_load_report(text: str) -> None:
    with pytest.raises(ValueError):
        LoadReport.from_json(text.encode())


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"consoleHost": ""},
        {"consolePort": 0},
        {"consolePort": 65536},
        {"consolePort": True},
        {"consolePort": "8080"},
        {"tls": 1},
        {"loadIntervalMs": 0},
    ],
)
def test_what_is_no_registration(change: dict[str, object]) -> None:
    document = json.loads(PROXY.to_json()) | change
    with pytest.raises(ValueError):
        ProxyDescription.from_json(json.dumps(document).encode())
