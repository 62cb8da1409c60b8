"""Java's properties files, as ``agent.properties`` and ``consoleproxy.properties`` are.

A line each: ``name=value``, ``name: value`` or ``name value``; ``#`` and ``!`` begin a comment, a
backslash at the end goes on in the next line, and escapes what stands behind it.
"""

import re

# java.util.Properties, load: what divides a name from its value.
_ENTRY = re.compile(r"((?:\\.|[^\\=:\s])*)\s*[=:]?\s*(.*)", re.DOTALL)
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_LETTERS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


def read_properties(text: str) -> dict[str, str]:
    """Return the values by name; of a name that comes twice, the last counts."""
    found = {}
    for line in _logical_lines(text):
        name, value = _ENTRY.fullmatch(line).groups()  # type: ignore[union-attr]
        found[_unescaped(name)] = _unescaped(value)
    return found


def _logical_lines(text: str) -> list[str]:
    lines: list[str] = []
    continued = False
    for natural in re.split(r"\r\n|\r|\n", text):
        line = natural.lstrip(" \t\f")
        if not continued and (not line or line[0] in "#!"):
            continue
        backslashes = len(line) - len(line.rstrip("\\"))
        open_end = backslashes % 2 == 1
        if open_end:
            line = line[:-1]
        if continued:
            lines[-1] += line
        else:
            lines.append(line)
        continued = open_end
    return lines


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: _letter(found[1]), text)


def _letter(escaped: str) -> str:
    if len(escaped) > 1:
        return chr(int(escaped[1:], 16))
    return _LETTERS.get(escaped, escaped)
