"""The viewer's texts: complete in each language, none unused, and as the proxy says them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from consoleproxy.errors import ConsoleRefused

_VIEWER = Path(__file__).parents[2] / "static" / "novnc"
_LANGUAGES = _VIEWER / "src" / "languages"


def read_catalogues() -> dict[str, dict[str, Any]]:
    """Return each language's texts, of all parts of the page."""
    catalogues: dict[str, dict[str, Any]] = {}
    for path in sorted(_LANGUAGES.glob("*/*.json")):
        texts = json.loads(path.read_text(encoding="utf-8"))
        catalogue = catalogues.setdefault(path.parent.name, {})
        assert catalogue.keys() & texts.keys() == set(), f"{path} has keys of another part"
        catalogue |= texts
    return catalogues


_CATALOGUES = read_catalogues()
_ENGLISH = _CATALOGUES["en"]
_OTHERS = sorted(_CATALOGUES.keys() - {"en"})
# Unicode's plural rules for whole numbers (CLDR): the forms that a language has.
_FORMS = {
    **{key: {"one", "other"} for key in ("de", "en", "hi")},
    **{key: {"one", "many", "other"} for key in ("es", "fr", "pt")},
    **{key: {"other"} for key in ("ja", "zh")},
}
_CODE = "\n".join(
    path.read_text(encoding="utf-8")
    for path in (_VIEWER / "vnc.html", *_VIEWER.glob("src/**/*.js"))
)


def _refusals(root: type[ConsoleRefused]) -> dict[str, str]:
    found = {f"end.{root.key}": root.sentence}
    for child in root.__subclasses__():
        found |= _refusals(child)
    return found


def _forms(text: str | dict[str, str]) -> dict[str, str]:
    return text if isinstance(text, dict) else {"other": text}


def _places(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def test_the_languages_are_those_that_the_page_can_fetch() -> None:
    fetched = re.findall(r'^  (\w+): \(\) => import\("./languages/(\w+).js"\)', _CODE, re.M)
    assert sorted(fetched) == [(language, language) for language in _OTHERS]
    for language in _OTHERS:
        code = (_LANGUAGES / f"{language}.js").read_text(encoding="utf-8")
        parts = sorted(path.name for path in (_LANGUAGES / "en").glob("*.json"))
        assert re.findall(rf'"./{language}/([\w.]+)"', code) == parts
        assert code.count("...") == len(parts)
    assert _OTHERS == ["de", "es", "fr", "hi", "ja", "pt", "zh"]


@pytest.mark.parametrize("language", _OTHERS)
def test_each_language_has_all_texts_and_the_sentences_of_the_proxy(language: str) -> None:
    wanted = _ENGLISH.keys() | _refusals(ConsoleRefused).keys()
    assert _CATALOGUES[language].keys() ^ wanted == set()


def test_each_language_has_the_texts_of_a_page_without_its_script() -> None:
    texts = json.loads((_VIEWER / "src" / "early.json").read_text(encoding="utf-8"))
    assert sorted(texts) == sorted(_CATALOGUES)
    for language, said in texts.items():
        assert said.keys() == texts["en"].keys(), language
        assert all(text.strip() == text and text for text in said.values()), language
        assert "<" not in "".join(said.values()), "they are put into the page as they are"


def test_keys_of_the_page_are_not_those_of_the_proxy() -> None:
    """The proxy's English is its own sentence, so English has none for it."""
    assert _ENGLISH.keys() & _refusals(ConsoleRefused).keys() == set()


def test_each_refusal_says_what_to_do_or_the_page_does() -> None:
    bare = re.search(r"const BARE = \[(.+)\];", _CODE)
    assert bare is not None
    told = _refusals(ConsoleRefused).items()
    single = {key.removeprefix("end.") for key, sentence in told if sentence.count(".") == 1}
    assert set(json.loads(f"[{bare[1]}]")) == single


@pytest.mark.parametrize("language", sorted(_CATALOGUES))
def test_placeholders_and_plural_forms_are_those_of_the_language(language: str) -> None:
    for key, text in _CATALOGUES[language].items():
        english = _forms(_ENGLISH.get(key, ""))
        forms = _forms(text)
        assert all(form.strip() == form and form for form in forms.values()), key
        assert {frozenset(_places(form)) for form in forms.values()} == {
            frozenset(_places(english["other"]))
        }, key
        if isinstance(_ENGLISH.get(key), dict):
            assert forms.keys() == _FORMS[language], key


@pytest.mark.parametrize("key", sorted(_ENGLISH))
def test_no_text_is_unused(key: str) -> None:
    named = key.removeprefix("end.")
    family = key.rpartition(".")[0]
    assert any(f'"{name}"' in _CODE for name in (key, named)) or f"`{family}.${{" in _CODE


def test_the_page_begins_with_the_catalogue_s_english() -> None:
    shown = re.findall(r'data-text="([\w.-]+)"[^>]*>([^<]*)<', _CODE)
    assert len(shown) >= 8
    assert [(key, text) for key, text in shown if _ENGLISH[key] != text] == []


_WIDE = r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]"
# What a text of the language never has: halves of wide punctuation; typewriters' apostrophes, and
# signs that a line may begin with.
_UNSET = {
    "fr": re.compile(r"'| [:;?!»]|« "),
    **{key: re.compile(rf"{_WIDE}[,:;?!()]|[,:;?!()]{_WIDE}") for key in ("ja", "zh")},
}


@pytest.mark.parametrize("language", _UNSET)
def test_punctuation_is_the_language_s(language: str) -> None:
    early = json.loads((_VIEWER / "src" / "early.json").read_text(encoding="utf-8"))[language]
    texts = [form for text in _CATALOGUES[language].values() for form in _forms(text).values()]
    assert [text for text in (*texts, *early.values()) if _UNSET[language].search(text)] == []
