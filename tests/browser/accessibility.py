"""axe-core, which looks at a page in the browser for what keeps people out."""

import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from selenium.webdriver import Chrome

from tests.integration.fixtures.qemu import required

_PACKAGE = Path(__file__).with_name("axe")
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
    driver.execute_script(_source())
    found: list[str] = driver.execute_async_script(_RUN)
    return found


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
