"""What keys write: xkeyboard-config's layouts as xkbcli prints them, and X11's compositions.

A dead key is written as its mark on a dotted circle.
"""

import ctypes
import re
import subprocess
from functools import cache
from pathlib import Path

from tests.integration.fixtures.qemu import required

CIRCLE = "◌"
# XKB's names of the keys that make characters, row by row, and those of KeyboardEvent.code.
ROWS = (
    ["TLDE", *(f"AE{n:02}" for n in range(1, 13))],
    [*(f"AD{n:02}" for n in range(1, 13)), "BKSL"],
    [f"AC{n:02}" for n in range(1, 12)],
    ["LSGT", *(f"AB{n:02}" for n in range(1, 11))],
    ["AB11", "AE13"],
)
CODES = (
    ["Backquote", *(f"Digit{digit}" for digit in "1234567890"), "Minus", "Equal"],
    [*(f"Key{letter}" for letter in "QWERTYUIOP"), "BracketLeft", "BracketRight", "Backslash"],
    [*(f"Key{letter}" for letter in "ASDFGHJKL"), "Semicolon", "Quote"],
    ["IntlBackslash", *(f"Key{letter}" for letter in "ZXCVBNM"), "Comma", "Period", "Slash"],
    ["IntlRo", "IntlYen"],
)
MARKS = {
    **{"grave": "\u0300", "acute": "\u0301", "circumflex": "\u0302", "tilde": "\u0303"},
    **{"macron": "\u0304", "breve": "\u0306", "abovedot": "\u0307", "diaeresis": "\u0308"},
    **{"hook": "\u0309", "abovering": "\u030a", "doubleacute": "\u030b", "caron": "\u030c"},
    **{"horn": "\u031b", "belowdot": "\u0323", "belowcomma": "\u0326", "cedilla": "\u0327"},
    **{"ogonek": "\u0328", "stroke": "\u0335"},
}
_INSTALLED = Path("/usr/share/pkgconfig/xkeyboard-config.pc")
_COMPOSE = Path("/usr/share/X11/locale/en_US.UTF-8/Compose")


def version() -> str:
    """Return the version of xkeyboard-config that is installed."""
    return _INSTALLED.read_text(encoding="ascii").partition("Version:")[2].split()[0]


def layout(identity: str) -> dict[str, list[str]]:
    """Return what each key of a layout writes: alone, with Shift, with AltGr, with both.

    Keys are named as in KeyboardEvent.code. There are no empty texts at the end, and none for AltGr
    where it makes no difference.

    Args:
        identity: the viewer's name of the layout, e.g. ``ch-fr``.
    """
    name, _, variant = identity.partition("-")
    if variant == "de":
        variant = ""
    model = {"jp": "jp106", "br": "abnt2"}.get(name, "pc105")
    command = (required("xkbcli"), "compile-keymap", "--model", model, "--layout", name)
    options = ("--variant", variant) if variant else ()
    done = subprocess.run((*command, *options), capture_output=True, text=True, check=True)
    symbols = done.stdout[done.stdout.index("xkb_symbols") :]
    altgr = re.search(r"key <RALT> +\{[^}]*ISO_Level3_Shift", symbols) is not None
    keys = {}
    for row, codes in zip(ROWS, CODES, strict=True):
        for key, code in zip(row, codes, strict=True):
            found = re.search(rf"key <{key}> +\{{([^}}]*)\}}", symbols)
            levels = re.findall(r"(?<!symbols)\[([^]]*)\]", found[1])[0] if found else ""
            written = [_char(level.strip()) for level in levels.split(",")]
            keys[code] = _without_end(_with_altgr(written) if altgr else written[:2])
    return {code: written for code, written in keys.items() if written}


@cache
def compositions() -> dict[tuple[str, ...], str]:
    """Return what sequences of keys write in X11, each key as what it writes alone."""
    found = {}
    for line in _COMPOSE.read_text(encoding="utf-8").splitlines():
        match = re.match(r'((?:<\w+>\s*)+):\s*"((?:\\.|[^"])+)"', line)
        if match:
            names = re.findall(r"<(\w+)>", match[1])
            sequence = tuple(" " if name == "space" else _char(name) for name in names)
            found[sequence] = match[2].replace("\\", "")
    return found


@cache
def _library() -> ctypes.CDLL:
    return ctypes.CDLL("libxkbcommon.so.0")


def _char(name: str) -> str:
    """Return what the keysym of that name writes."""
    mark = MARKS.get(name.removeprefix("dead_"), "") if name.startswith("dead_") else ""
    if mark:
        return CIRCLE + mark
    keysym = _library().xkb_keysym_from_name(name.encode(), 0)
    code = _library().xkb_keysym_to_utf32(ctypes.c_uint32(keysym))
    return chr(code) if code > 0x20 and code != 0x7F else ""


def _with_altgr(written: list[str]) -> list[str]:
    plain = written[:2]
    return plain + [
        "" if one == other else one for one, other in zip(written[2:4], plain, strict=False)
    ]


def _without_end(written: list[str]) -> list[str]:
    while written and not written[-1]:
        written = written[:-1]
    return written
