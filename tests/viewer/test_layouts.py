"""The viewer's layouts are xkeyboard-config's, and what they compose is X11's."""

import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests import xkb
from tests.integration.fixtures.qemu import required

pytestmark = pytest.mark.server

_KEYBOARD = Path(__file__).parents[2] / "static" / "novnc" / "src" / "keyboard"
_LAYOUTS = sorted(path.stem for path in _KEYBOARD.glob("layouts/*.js"))
# Each layout as the page has it, and what it composes: a character, and what its strokes write.
_DUMP = """
import { LAYOUTS, loadLayout } from "%(folder)s/layouts.js";
import { strokesOf } from "%(folder)s/strokes.js";
const said = {};
for (const { id } of LAYOUTS) {
  const layout = await loadLayout(id);
  const composed = [];
  for (let code = 0x20; code < 0x2000; code += 1) {
    const char = String.fromCharCode(code);
    const found = strokesOf(char, layout);
    // X11 does not compose these two.
    const whole = char === char.normalize("NFC") && !"ϓϔ".includes(char);
    if (whole && found?.length > 1) composed.push([char, found.map(({ written }) => written)]);
  }
  said[id] = { keys: Object.fromEntries(layout.keys), composed };
}
console.log(JSON.stringify(said));
"""


@cache
def _dump() -> dict[str, dict[str, Any]]:
    script = _DUMP % {"folder": _KEYBOARD.as_uri()}
    command = (required("node"), "--input-type=module", "--eval", script)
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return found


def test_each_layout_has_a_file() -> None:
    assert sorted(_dump()) == _LAYOUTS


@pytest.mark.parametrize("identity", _LAYOUTS)
def test_each_key_and_level_of_a_layout_is_xkb_s(identity: str) -> None:
    written = (_KEYBOARD / "layouts" / f"{identity}.js").read_text(encoding="utf-8")
    version = written.splitlines()[0].split()[-1].rstrip(".")
    if version != xkb.version():
        pytest.skip(f"xkeyboard-config {xkb.version()} is installed, the layouts are of {version}")
    ours = {
        code: "\0".join(levels).rstrip("\0") for code, levels in _dump()[identity]["keys"].items()
    }
    theirs = {code: "\0".join(levels) for code, levels in xkb.layout(identity).items()}
    assert ours == theirs


@pytest.mark.parametrize("identity", _LAYOUTS)
def test_dead_keys_compose_what_x11_composes(identity: str) -> None:
    wrong = [
        (char, sequence)
        for char, sequence in _dump()[identity]["composed"]
        if xkb.compositions().get(tuple(sequence)) != char
    ]
    assert wrong == []
