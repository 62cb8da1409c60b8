"""What keeps people out of a page, by axe-core, and what a screen reader finds in it."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome

from tests.integration.fixtures.qemu import required

_PACKAGE = Path(__file__).with_name("axe")
_LIVE = {"alert", "status"}
# What is named by all that is in it.
_WHOLE = {"button", "heading", "link"}
_SILENT = {"generic", "none", "paragraph", "InlineTextBox", "RootWebArea"}
_INSTALLED = _PACKAGE / "node_modules"
_FILE = Path("axe-core", "axe.min.js")
# WCAG 2.2 AA and what axe-core calls best practice.
_RUN = """
const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ["violations"]}).then(
  found => done(found.violations.map(
    one => `${one.id}: ${one.help}: ${one.nodes.map(node => node.html).join(" | ")}`
  )),
  fault => done([String(fault)])
);
"""


def violations(driver: Chrome) -> list[str]:
    """Return what axe-core finds wrong with the page that is open."""
    if not driver.execute_script("return 'axe' in window"):
        driver.execute_script(_source())
    found: list[str] = driver.execute_async_script(_RUN)
    return found


def heard(driver: Chrome) -> list[tuple[str, str]]:
    """Return role and name of what a screen reader finds in the page, in its order.

    The name of what is read out when it changes (a live region) is its text. Boxes without a
    meaning are left out, and so is text that is the name of what it stands in.
    """
    nodes = driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    return list(_walk(nodes[0], {node["nodeId"]: node for node in nodes}))


def _walk(node: dict[str, Any], nodes: dict[str, dict[str, Any]]) -> Iterator[tuple[str, str]]:
    role, name = node["role"]["value"], node.get("name", {}).get("value", "")
    children = [nodes[child] for child in node["childIds"] if child in nodes]
    if role in _LIVE:
        yield role, " ".join(_texts(node, nodes))
    elif not node["ignored"] and role not in _SILENT:
        yield role, name
    if role in _WHOLE:
        return
    for child in children:
        for found in _walk(child, nodes):
            if role not in _LIVE or found[0] == "button":
                yield found


def _texts(node: dict[str, Any], nodes: dict[str, dict[str, Any]]) -> Iterator[str]:
    if node["role"]["value"] == "StaticText":
        yield node["name"]["value"]
        return
    for child in node["childIds"]:
        if child in nodes:
            yield from _texts(nodes[child], nodes)


@cache
def _source() -> str:
    """Return axe-core's script; it is fetched by npm the first time."""
    if not (_INSTALLED / _FILE).is_file():
        _install()
    return (_INSTALLED / _FILE).read_text(encoding="utf-8")


def _install() -> None:
    """Install beside and then rename, as other test runs may do the same now."""
    with tempfile.TemporaryDirectory(prefix=".axe-", dir=_PACKAGE) as folder:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(_PACKAGE / name, folder)
        command = (required("npm"), "ci", "--no-fund", "--no-audit")
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        try:
            os.rename(Path(folder, "node_modules"), _INSTALLED)
        except OSError:
            assert (_INSTALLED / _FILE).is_file()
