"""What domains, accounts and users may be called; a domain's path as CloudStack's API shows it."""

import re

ROOT = "ROOT"
NAME_LETTERS = 64
PATH_LETTERS = 255

NAME_RULE = (
    f"1 to {NAME_LETTERS} letters, digits and . _ - @ or blanks, beginning and ending without one"
)

_NAME = re.compile(r"\w([\w.@ -]*[\w.@-])?")


def is_name(text: str) -> bool:
    """Whether a domain, account or user may be called that."""
    return len(text) <= NAME_LETTERS and _NAME.fullmatch(text) is not None


def is_domain_path(text: str) -> bool:
    """Whether this can be the path of a domain: ``ROOT``, or ``ROOT/acme/tests``."""
    first, *below = text.split("/")
    return first == ROOT and len(text) <= PATH_LETTERS and all(is_name(name) for name in below)


def is_within(path: str, domain: str) -> bool:
    """Whether a domain is another one or below it; both by path."""
    return path == domain or path.startswith(f"{domain}/")
