"""How far a run is, for who waits for it."""

import sys


def progress(text: str) -> None:
    """Show what is being done; a terminal keeps one line of it."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
    else:
        print(text, file=sys.stderr, flush=True)


def lasting(text: str) -> None:
    """Tell something that stays to be read."""
    clear()
    print(text, file=sys.stderr, flush=True)


def clear() -> None:
    """Leave no half line behind."""
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
