import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consoleproxy.management.channel.news import News, Watch

NEWS = News(
    keystore_version="k",
    settings_version="s",
    settings={"consoleproxy.session.max": "5"},
    maintenance=True,
    ended=("a", "b"),
)
WATCH = Watch(
    proxy="cpvm-1",
    keystore_version="k",
    settings_version="s",
    maintenance=True,
    ending=("b", "a", "c"),
)

_texts = st.lists(st.text()).map(tuple)


@given(
    st.builds(
        News,
        keystore_version=st.text(),
        settings_version=st.text(),
        settings=st.dictionaries(st.text(), st.text()),
        maintenance=st.booleans(),
        ended=_texts,
    )
)
def test_news_survive_the_journey(news: News) -> None:
    assert News.from_json(news.to_json().encode()) == news


@given(
    st.builds(
        Watch,
        proxy=st.text(),
        keystore_version=st.text(),
        settings_version=st.text(),
        maintenance=st.booleans(),
        ending=_texts,
    )
)
def test_question_survives_the_journey(watch: Watch) -> None:
    assert Watch.from_json(watch.to_json().encode()) == watch


def test_what_a_proxy_knows() -> None:
    assert WATCH.knows(NEWS)
    assert WATCH.knows(replace(NEWS, ended=()))
    for other in (
        replace(NEWS, keystore_version="l"),
        replace(NEWS, settings_version=""),
        replace(NEWS, maintenance=False),
        replace(NEWS, ended=("d",)),
    ):
        assert not WATCH.knows(other)


@pytest.mark.parametrize("field", sorted(json.loads(NEWS.to_json())))
def test_news_of_other_types(field: str) -> None:
    broken = json.loads(NEWS.to_json()) | {field: 1}
    with pytest.raises(ValueError, match=field):
        News.from_json(json.dumps(broken).encode())


@pytest.mark.parametrize("field", sorted(json.loads(WATCH.to_json())))
def test_questions_of_other_types(field: str) -> None:
    broken = json.loads(WATCH.to_json()) | {field: 1}
    with pytest.raises(ValueError, match=field):
        Watch.from_json(json.dumps(broken).encode())
