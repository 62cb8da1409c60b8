"""Writes src/keyboard/layouts, list.js and legacy_keysyms.js from xkeyboard-config's facts.

Run it by hand after a change of ``LAYOUTS``: ``python static/novnc/layouts.py``. It needs Debian's
xkb-data and libxkbcommon0. What it wrote is compared with xkbcli in
tests/viewer/test_layouts.py.
"""

import ctypes
import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path

_OUTPUT = Path(__file__).parent / "src" / "keyboard"

# Our id -> its name in its own language; layout and variant of xkeyboard-config.
LAYOUTS = {
    "us": ("English (US)", "us", ""),
    "us-intl": ("English (US, international)", "us", "intl"),
    "gb": ("English (UK)", "gb", ""),
    "be": ("Français, Nederlands (Belgique, België)", "be", ""),
    "bg": ("Български", "bg", ""),
    "br": ("Português (Brasil)", "br", ""),
    "ca": ("Français (Canada)", "ca", ""),
    "ch-de": ("Deutsch (Schweiz)", "ch", ""),
    "ch-fr": ("Français (Suisse)", "ch", "fr"),
    "cz": ("Čeština", "cz", ""),
    "de": ("Deutsch", "de", ""),
    "dk": ("Dansk", "dk", ""),
    "ee": ("Eesti", "ee", ""),
    "es": ("Español", "es", ""),
    "fi": ("Suomi", "fi", ""),
    "fr": ("Français", "fr", ""),
    "gr": ("Ελληνικά", "gr", ""),
    "hr": ("Hrvatski", "hr", ""),
    "hu": ("Magyar", "hu", ""),
    "il": ("עברית", "il", ""),
    "is": ("Íslenska", "is", ""),
    "it": ("Italiano", "it", ""),
    "jp": ("日本語", "jp", ""),
    "kr": ("한국어", "kr", ""),
    "latam": ("Español (Latinoamérica)", "latam", ""),
    "lt": ("Lietuvių", "lt", ""),
    "lv": ("Latviešu", "lv", ""),
    "nl": ("Nederlands", "nl", ""),
    "no": ("Norsk", "no", ""),
    "pl": ("Polski", "pl", ""),
    "pt": ("Português", "pt", ""),
    "ro": ("Română", "ro", ""),
    "rs": ("Српски", "rs", ""),
    "ru": ("Русский", "ru", ""),
    "se": ("Svenska", "se", ""),
    "si": ("Slovenščina", "si", ""),
    "sk": ("Slovenčina", "sk", ""),
    "tr": ("Türkçe", "tr", ""),
    "tr-f": ("Türkçe (F)", "tr", "f"),
    "ua": ("Українська", "ua", ""),
}

# The keys that make characters, row by row: evdev's codes as XKB counts them (with 8 added). The
# same rows are in layouts.js, by the names of KeyboardEvent.code.
ROWS = (
    (49, *range(10, 22)),  # Backquote, Digit1 ... Equal
    (*range(24, 36), 51),  # KeyQ ... BracketRight, Backslash
    tuple(range(38, 49)),  # KeyA ... Quote
    (94, *range(52, 62)),  # IntlBackslash, KeyZ ... Slash
    (97, 132),  # IntlRo, IntlYen
)

# Dead keys are written as Unicode shows their mark: on a dotted circle.
CIRCLE = "◌"
DEAD = {
    "grave": 0x300,
    "acute": 0x301,
    "circumflex": 0x302,
    "tilde": 0x303,
    "macron": 0x304,
    "breve": 0x306,
    "abovedot": 0x307,
    "diaeresis": 0x308,
    "hook": 0x309,
    "abovering": 0x30A,
    "doubleacute": 0x30B,
    "caron": 0x30C,
    "horn": 0x31B,
    "belowdot": 0x323,
    "belowcomma": 0x326,
    "cedilla": 0x327,
    "ogonek": 0x328,
    "stroke": 0x335,
}

_SHIFT = 1
_LEVEL3 = 0x80  # Mod5
_ALTGR = 108
_BLOCK = 0x100


class _Names(ctypes.Structure):
    _fields_ = [
        (name, ctypes.c_char_p) for name in ("rules", "model", "layout", "variant", "options")
    ]


def _library() -> ctypes.CDLL:
    xkb = ctypes.CDLL("libxkbcommon.so.0")
    for name in ("xkb_context_new", "xkb_keymap_new_from_names", "xkb_state_new"):
        getattr(xkb, name).restype = ctypes.c_void_p
    return xkb


_XKB = _library()


def _char(keysym: int) -> str:
    """Return what a key writes, a dead key's mark on its circle, or a space for nothing."""
    name = ctypes.create_string_buffer(64)
    _XKB.xkb_keysym_get_name(ctypes.c_uint32(keysym), name, ctypes.c_size_t(64))
    if name.value.startswith(b"dead_"):
        mark = DEAD.get(name.value.removeprefix(b"dead_").decode())
        return CIRCLE + chr(mark) if mark else " "
    code = _XKB.xkb_keysym_to_utf32(ctypes.c_uint32(keysym))
    return chr(code) if code > ord(" ") and code != 0x7F else " "


def _levels(layout: str, variant: str) -> Iterator[tuple[str, ...]]:
    """Yield for each row what its keys write: alone, with Shift, with AltGr, with both."""
    context = ctypes.c_void_p(_XKB.xkb_context_new(0))
    model = "jp106" if layout == "jp" else "abnt2" if layout == "br" else "pc105"
    names = _Names(b"evdev", model.encode(), layout.encode(), variant.encode(), b"")
    keymap = ctypes.c_void_p(_XKB.xkb_keymap_new_from_names(context, ctypes.byref(names), 0))
    state = ctypes.c_void_p(_XKB.xkb_state_new(keymap))
    third = ctypes.create_string_buffer(64)
    _XKB.xkb_keysym_get_name(_XKB.xkb_state_key_get_one_sym(state, _ALTGR), third, 64)
    masks = [0, _SHIFT]
    if third.value == b"ISO_Level3_Shift":
        masks += [_LEVEL3, _LEVEL3 | _SHIFT]
    for row in ROWS:
        written = []
        for mask in masks:
            _XKB.xkb_state_update_mask(state, mask, 0, 0, 0, 0, 0)
            written.append([_char(_XKB.xkb_state_key_get_one_sym(state, key)) for key in row])
        # A key that AltGr makes no difference to does not need it.
        for place, plain in enumerate(written[2:]):
            same = zip(plain, written[place], strict=True)
            written[place + 2] = [" " if one == other else one for one, other in same]
        levels = ["".join(level).rstrip(" ") for level in written]
        while levels and not levels[-1]:
            levels.pop()
        yield tuple(levels)


def _legacy() -> Iterator[tuple[int, str]]:
    """Yield runs of characters whose keysyms are older than Unicode, Latin-1's excepted."""
    found = {}
    for code in range(0x100, 0x10000):
        keysym = _XKB.xkb_utf32_to_keysym(ctypes.c_uint32(code))
        if 0 < keysym < 0x10000:
            found[keysym] = chr(code)
    start, run = 0, ""
    for keysym, char in sorted(found.items()):
        if keysym != start + len(run):
            if run:
                yield start, run
            start, run = keysym, ""
        run += char
    yield start, run


def _quoted(value: str | tuple[str, ...]) -> str:
    """Return it as JavaScript has it, with all that cannot be seen as escapes."""
    return "".join(
        char
        if unicodedata.category(char) not in ("Cf", "Zs") or char == " "
        else f"\\u{ord(char):04x}"
        for char in json.dumps(value, ensure_ascii=False)
    )


def _version() -> str:
    """Return the version of xkeyboard-config that is installed."""
    said = Path("/usr/share/pkgconfig/xkeyboard-config.pc").read_text(encoding="ascii")
    return said.partition("Version:")[2].split()[0]


def _write(path: Path, lines: Iterator[str]) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _layout_lines(layout: str, variant: str) -> Iterator[str]:
    yield f"// Written by static/novnc/layouts.py from xkeyboard-config {_version()}."
    yield "export default ["
    for row in _levels(layout, variant):
        yield f"  {_quoted(row)},"
    yield "];"


def _list_lines() -> Iterator[str]:
    yield "// Written by static/novnc/layouts.py: the layouts that there are."
    yield "export const LAYOUTS = ["
    for identity, (name, *_) in LAYOUTS.items():
        words = f"id: {_quoted(identity)}, name: {_quoted(name)}"
        yield f'  {{ {words}, rows: () => import("./layouts/{identity}.js") }},'
    yield "];"


def _legacy_lines() -> Iterator[str]:
    yield "// Written by static/novnc/layouts.py: X11's keysyms that are older than Unicode,"
    yield "// in runs: a keysym, and what it and the next ones write."
    yield "export const RUNS = ["
    for start, run in _legacy():
        yield f"  [{start:#06x}, {_quoted(run)}],"
    yield "];"


if __name__ == "__main__":
    folder = _OUTPUT / "layouts"
    for identity, (_, layout, variant) in LAYOUTS.items():
        _write(folder / f"{identity}.js", _layout_lines(layout, variant))
    _write(_OUTPUT / "list.js", _list_lines())
    _write(_OUTPUT / "legacy_keysyms.js", _legacy_lines())
