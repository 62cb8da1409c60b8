"""What is never shown of what a system VM was told, and of what is collected from it."""

import re
from collections.abc import Iterable

MASK = "***"
# authorized_key and vmpassword are boot arguments; the rest is the agent's keystore, in the names
# of the properties file and of the script that writes it.
_SECRET_NAMES = frozenset(
    {"authorized_key", "certificate", "cacertificate", "privatekey", "keystore.passphrase"}
)
_SECRET_WORDS = re.compile(r"passw|passphrase|secret|private.?key|token|ticket", re.IGNORECASE)
# What is shorter is found in many a word that is none.
_SHORTEST = 4
_PEM = re.compile(
    r"-----BEGIN (?P<label>[A-Z0-9 ]{0,40}PRIVATE KEY)-----.*?(?:-----END (?P=label)-----|\Z)",
    re.DOTALL,
)
_NAMED = re.compile(
    r"(?P<name>[\w.-]{0,80}(?:passw(?:or)?d|passphrase|secret|private_?key|authorized_key|token|"
    r"ticket)[\w.-]{0,80})(?P<sign>\"?\s{0,4}[=:]\s{0,4}\"?)(?P<value>[^\s\"&,;]{1,65536})",
    re.IGNORECASE,
)


def is_secret(name: str) -> bool:
    """Say whether the value of this boot argument or property must not be shown."""
    return name.lower() in _SECRET_NAMES or _SECRET_WORDS.search(name) is not None


def masked(text: str, secrets: Iterable[str] = ()) -> str:
    """Return the text without secrets.

    Args:
        secrets: values that are known to be secret, wherever they stand; besides them, private
            keys in PEM go, and what stands behind a name that is a secret's.
    """
    for secret in sorted({one for one in secrets if len(one) >= _SHORTEST}, key=len, reverse=True):
        text = text.replace(secret, MASK)
    text = _PEM.sub(MASK, text)
    return _NAMED.sub(lambda found: f"{found['name']}{found['sign']}{MASK}", text)
