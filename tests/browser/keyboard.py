"""A person at a keyboard, and the keys that a guest has down."""

from selenium.webdriver import Chrome

from tests.integration.fixtures.qemu import Qemu

# Scan codes of set 1 that keyboards send as pressed; 0x80 is added to them for a release.
SCANCODES = {
    "Escape": "01",
    "Digit1": "02",
    "Digit2": "03",
    "Digit7": "08",
    "Backspace": "0E",
    "Tab": "0F",
    "KeyQ": "10",
    "KeyE": "12",
    "BracketLeft": "1A",
    "Enter": "1C",
    "ControlLeft": "1D",
    "KeyA": "1E",
    "ShiftLeft": "2A",
    "KeyC": "2E",
    "KeyB": "30",
    "Backslash": "2B",
    "AltLeft": "38",
    "Space": "39",
    "Equal": "0D",
    "KeyW": "11",
    "KeyY": "15",
    "KeyZ": "2C",
    "KeyT": "14",
    "Backquote": "29",
    "F1": "3B",
    "F4": "3E",
    "F11": "57",
    "F12": "58",
    "SysRq": "54",
    "ControlRight": "E01D",
    "PrintScreen": "E037",
    "AltRight": "E038",
    "Home": "E047",
    "ArrowUp": "E048",
    "Delete": "E053",
    "MetaLeft": "E05B",
}
_NAMES = {code: name for name, code in SCANCODES.items()}
_FAKE_SHIFTS = {"E02A", "E0AA"}
_BITS = {"Alt": 1, "Control": 2, "Meta": 4, "Shift": 8}


class Keyboard:
    """Presses keys in a browser one by one, as a person's keyboard does."""

    def __init__(self, driver: Chrome) -> None:
        self._driver = driver
        self._down: dict[str, str] = {}

    def down(self, code: str, key: str, *, repeats: bool = False) -> None:
        """Press a key and hold it: its place and what it makes."""
        self._down[code] = key
        self._tell("rawKeyDown", code, key, autoRepeat=repeats)

    def up(self, code: str) -> None:
        """Let go of a key."""
        self._tell("keyUp", code, self._down.pop(code))

    def lose(self, code: str) -> None:
        """Let go of a key where the browser does not see it."""
        del self._down[code]

    def tap(self, code: str, key: str) -> None:
        """Press a key and let go of it."""
        self.down(code, key)
        self.up(code)

    def _tell(self, kind: str, code: str, key: str, *, autoRepeat: bool = False) -> None:
        modifiers = 0
        for held in self._down.values():
            modifiers |= _BITS.get(held, 0)
        event = {"type": kind, "code": code, "key": key, "modifiers": modifiers}
        if kind == "rawKeyDown":
            event["autoRepeat"] = autoRepeat
        self._driver.execute_cdp_cmd("Input.dispatchKeyEvent", event)


def strokes(guest: Qemu) -> list[str]:
    """Return what a guest of ``scancodes.asm`` got: ``+KeyA`` for a press, ``-KeyA`` a release."""
    got: list[str] = []
    prefix = ""
    for byte in guest.keys():
        if byte == "E0":
            prefix = byte
            continue
        number = int(byte, 16)
        name = prefix + byte
        prefix = ""
        if name not in _FAKE_SHIFTS:
            pressed = f"{name[:-2]}{number & 0x7F:02X}"
            got.append(f"{'-' if number & 0x80 else '+'}{_NAMES.get(pressed, pressed)}")
    return got


def held(guest: Qemu) -> set[str]:
    """Return the keys that are down for the guest."""
    down: set[str] = set()
    for stroke in strokes(guest):
        (down.add if stroke[0] == "+" else down.discard)(stroke[1:])
    return down
