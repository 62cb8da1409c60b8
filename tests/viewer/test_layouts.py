"""The viewer's layouts are xkeyboard-config's, and what they compose is X11's."""

import ctypes
import json
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.integration.fixtures.qemu import required

pytestmark = pytest.mark.server

_KEYBOARD = Path(__file__).parents[2] / "static" / "novnc" / "src" / "keyboard"
_INSTALLED = Path("/usr/share/pkgconfig/xkeyboard-config.pc")
_COMPOSE = Path("/usr/share/X11/locale/en_US.UTF-8/Compose")
_CIRCLE = "◌"
# XKB's names of keys, in the order of ROWS in layouts.js.
_ROWS = (
    ["TLDE", *(f"AE{n:02}" for n in range(1, 13))],
    [*(f"AD{n:02}" for n in range(1, 13)), "BKSL"],
    [f"AC{n:02}" for n in range(1, 12)],
    ["LSGT", *(f"AB{n:02}" for n in range(1, 11))],
    ["AB11", "AE13"],
)
# Each layout as the page has it, and what it composes: a character, and what its strokes write.
_DUMP = """
import { LAYOUTS, ROWS, loadLayout } from "%(folder)s/layouts.js";
import { strokesOf } from "%(folder)s/strokes.js";
const said = {};
for (const { id } of LAYOUTS) {
  const layout = await loadLayout(id);
  const keys = ROWS.map((row) => row.map((code) => layout.keys.get(code) ?? []));
  const composed = [];
  for (let code = 0x20; code < 0x2000; code += 1) {
    const char = String.fromCharCode(code);
    const found = strokesOf(char, layout);
    // X11 does not compose these two.
    const whole = char === char.normalize("NFC") && !"ϓϔ".includes(char);
    if (whole && found?.length > 1) composed.push([char, found.map(({ written }) => written)]);
  }
  said[id] = { keys, composed };
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


_XKB = ctypes.CDLL("libxkbcommon.so.0") if required("xkbcli") else None


def _char(name: str) -> str:
    """Return what the keysym of that name writes; a dead key's mark on a circle."""
    dead = _dead_marks().get(name)
    if dead:
        return _CIRCLE + dead
    assert _XKB is not None
    keysym = _XKB.xkb_keysym_from_name(name.encode(), 0)
    code = _XKB.xkb_keysym_to_utf32(ctypes.c_uint32(keysym))
    return chr(code) if code > 0x20 and code != 0x7F else ""


@cache
def _dead_marks() -> dict[str, str]:
    """Return the marks of dead keys, by what each makes of letters that Unicode decomposes."""
    return {
        f"dead_{name}": chr(mark)
        for name, mark in {
            **{"grave": 0x300, "acute": 0x301, "circumflex": 0x302, "tilde": 0x303},
            **{"macron": 0x304, "breve": 0x306, "abovedot": 0x307, "diaeresis": 0x308},
            **{"hook": 0x309, "abovering": 0x30A, "doubleacute": 0x30B, "caron": 0x30C},
            **{"horn": 0x31B, "belowdot": 0x323, "belowcomma": 0x326, "cedilla": 0x327},
            **{"ogonek": 0x328, "stroke": 0x335},
        }.items()
    }


def _xkbcli(identity: str) -> list[list[list[str]]]:
    """Return the layout as ``_dump`` does, read from the keymap that xkbcli prints."""
    layout, _, variant = identity.partition("-")
    if variant == "de":
        variant = ""
    model = {"jp": "jp106", "br": "abnt2"}.get(layout, "pc105")
    command = (required("xkbcli"), "compile-keymap", "--model", model, "--layout", layout)
    options = ("--variant", variant) if variant else ()
    done = subprocess.run((*command, *options), capture_output=True, text=True, check=True)
    symbols = done.stdout[done.stdout.index("xkb_symbols") :]
    altgr = re.search(r"key <RALT> +\{[^}]*ISO_Level3_Shift", symbols)
    rows = []
    for row in _ROWS:
        keys = []
        for key in row:
            found = re.search(rf"key <{key}> +\{{([^}}]*)\}}", symbols)
            levels = re.findall(r"(?<!symbols)\[([^]]*)\]", found[1])[0] if found else ""
            written = [_char(name.strip()) for name in levels.split(",")]
            keys.append(_with_altgr(written) if altgr else written[:2])
        rows.append(keys)
    return rows


def _with_altgr(written: list[str]) -> list[str]:
    """Return a key without what AltGr makes no difference to."""
    plain = written[:2]
    return plain + [
        "" if one == other else one for one, other in zip(written[2:4], plain, strict=False)
    ]


def _trimmed(rows: list[list[list[str]]]) -> list[list[list[str]]]:
    """Return the rows without what is empty behind a key's last character."""
    return [[_without_end(key) for key in row] for row in rows]


def _without_end(key: list[str]) -> list[str]:
    while key and not key[-1]:
        key = key[:-1]
    return key


@pytest.mark.parametrize("identity", sorted(_dump()))
def test_each_key_and_level_of_a_layout_is_xkb_s(identity: str) -> None:
    written = (_KEYBOARD / "layouts" / f"{identity}.js").read_text(encoding="utf-8")
    version = written.splitlines()[0].split()[-1].rstrip(".")
    if f"Version: {version}\n" not in _INSTALLED.read_text(encoding="ascii"):
        pytest.skip(
            f"the layouts are those of xkeyboard-config {version}, and another is installed"
        )
    assert _trimmed(_dump()[identity]["keys"]) == _trimmed(_xkbcli(identity))


@cache
def _compose() -> dict[tuple[str, ...], str]:
    """Return X11's own table: what a sequence of keys writes."""
    found = {}
    for line in _COMPOSE.read_text(encoding="utf-8").splitlines():
        match = re.match(r'((?:<\w+>\s*)+):\s*"((?:\\.|[^"])+)"', line)
        if match:
            names = re.findall(r"<(\w+)>", match[1])
            sequence = tuple(" " if name == "space" else _char(name) for name in names)
            found[sequence] = match[2].replace("\\", "")
    return found


@pytest.mark.parametrize("identity", sorted(_dump()))
def test_dead_keys_compose_what_x11_composes(identity: str) -> None:
    wrong = [
        (char, sequence)
        for char, sequence in _dump()[identity]["composed"]
        if _compose().get(tuple(sequence)) != char
    ]
    assert wrong == []
