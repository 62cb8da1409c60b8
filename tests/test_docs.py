"""What the documents point at and name is there."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[1]
_DOCUMENTS = sorted(
    [*_ROOT.glob("*.md"), *_ROOT.glob("docs/**/*.md"), *_ROOT.glob("deploy/**/*.md")]
)
_LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)")
_ANCHOR = re.compile(r"\]\(([^)#\s]*)#([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
# `a/file.py`, which may be named from any folder on; patterns with a * are left out.
_NAMED_FILE = re.compile(r"`([\w./-]+\.(?:py|js|mjs|css))`")
# `package.module`, with what is in it.
_NAMED_MODULE = re.compile(r"`([a-z_]+)\.([a-z_]+)(?:\.\w+)*`")
_MENTIONED = re.compile(r"\bdocs/[\w/-]+\.md\b")
# A tool that somebody is to write.
_EXAMPLES = {"tools/name.js"}

_listed = subprocess.run(
    ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    cwd=_ROOT,
    check=True,
    capture_output=True,
)
_FILES = [_ROOT / name for name in _listed.stdout.decode().split("\0") if name]
_NAMES = {f"/{path.relative_to(_ROOT)}" for path in _FILES if path.exists()}


def _ids(path: Path) -> str:
    return str(path.relative_to(_ROOT))


def _anchors(document: Path) -> set[str]:
    """Return what GitHub calls the document's headings."""
    headings = _HEADING.findall(document.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", _DOCUMENTS, ids=_ids)
def test_links_lead_to_files(document: Path) -> None:
    links = _LINK.findall(document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", _DOCUMENTS, ids=_ids)
def test_links_lead_to_headings(document: Path) -> None:
    links = _ANCHOR.findall(document.read_text(encoding="utf-8"))
    assert [
        (name, anchor)
        for name, anchor in links
        if anchor not in _anchors(document.parent / name if name else document)
    ] == []


@pytest.mark.parametrize("document", _DOCUMENTS, ids=_ids)
def test_files_that_are_named_are_there(document: Path) -> None:
    named = set(_NAMED_FILE.findall(document.read_text(encoding="utf-8"))) - _EXAMPLES
    assert [name for name in named if not any(one.endswith(f"/{name}") for one in _NAMES)] == []


def test_modules_of_the_architecture_are_there() -> None:
    packages = (_ROOT / "consoleproxy", _ROOT / "consoleproxy" / "management")
    named = _NAMED_MODULE.findall((_ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8"))
    ours = [
        (package / first / second)
        for first, second in set(named)
        for package in packages
        if (package / first).is_dir()
    ]
    assert len(ours) > 20
    assert [one for one in ours if not one.is_dir() and not one.with_suffix(".py").is_file()] == []


def test_layers_of_the_architecture_are_those_that_are_checked() -> None:
    text = (_ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    (told,) = re.findall(r"```\n(__main__ >.+?)```", text, re.DOTALL)
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    checked = project["tool"]["importlinter"]["contracts"][0]["layers"]
    assert [" ".join(layer.split()) for layer in told.split(">")] == checked


def test_documents_that_are_mentioned_are_there() -> None:
    kinds = {".py", ".js", ".mjs", ".md", ".html", ".sh", ".toml", ".cfg", ".conf", ".service"}
    mentioned = {
        (str(path.relative_to(_ROOT)), document)
        for path in _FILES
        if path.suffix in kinds and path.exists()
        for document in _MENTIONED.findall(path.read_text(encoding="utf-8"))
    }
    assert {document for _, document in mentioned} > {"docs/ARCHITECTURE.md", "docs/FLEET.md"}
    assert [one for one in mentioned if not (_ROOT / one[1]).is_file()] == []


def test_there_are_documents() -> None:
    assert len(_DOCUMENTS) > 20
