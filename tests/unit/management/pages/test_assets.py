import re

from consoleproxy.management.pages.assets import NAVIGATION, STYLE, STYLE_URL, TEMPLATES


def test_style_is_small_and_self_contained() -> None:
    assert len(STYLE) < 16_000
    assert b"url(" not in STYLE
    assert b"@import" not in STYLE


def test_style_address_changes_with_it() -> None:
    assert re.fullmatch(r"/style\.css\?v=[0-9a-f]{12}", STYLE_URL)


def test_templates_have_neither_script_nor_style() -> None:
    for template in TEMPLATES.glob("*.html"):
        text = template.read_text(encoding="utf-8")
        assert "<script" not in text
        assert not re.search(r"\s(style|on\w+)=", text)


def test_navigation_begins_at_the_overview() -> None:
    assert NAVIGATION[0] == ("/", "Overview")
