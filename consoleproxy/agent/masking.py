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
# A key of which the beginning was cut off.
_PEM_END = re.compile(
    r"\A(?:(?!-----BEGIN ).)*?-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----", re.DOTALL
)
_NAMED = re.compile(
    r"(?P<name>(?:passw(?:or)?d|passphrase|secret|private_?key|authorized_key|token|ticket)"
    r"[\w.-]{0,80}\"?[ \t]{0,4}[=:][ \t]{0,4})(?:\"[^\"\n]*\"?|[^\s\"]+)",
    re.IGNORECASE,
)


def is_secret(name: str) -> bool:
    """Say whether the value of this boot argument or property must not be shown."""
    return name.lower() in _SECRET_NAMES or _SECRET_WORDS.search(name) is not None


def without(text: str, secrets: Iterable[str]) -> str:
    """Return the text without these values."""
    for secret in sorted({one for one in secrets if len(one) >= _SHORTEST}, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text


def masked(text: str, secrets: Iterable[str] = ()) -> str:
    """Return the text without secrets.

    Args:
        secrets: values that are known to be secret, wherever they stand; besides them, private
            keys in PEM go, and what stands behind a name that is a secret's.
    """
    text = without(text, secrets)
    text = _PEM_END.sub(MASK, _PEM.sub(MASK, text))
    return _NAMED.sub(lambda found: f"{found['name']}{MASK}", text)
