"""Errors that an operator or an API caller reads, and no viewer."""

from collections.abc import Sequence

from consoleproxy.errors.base import ConsoleProxyError


class SettingsInvalid(ConsoleProxyError):
    """All mistakes in the settings at once, each with the setting to change."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class KeystoreInvalid(ConsoleProxyError):
    """What is wrong with a key, a certificate or a chain, and what to do about it."""


class ManagementRequestRefused(ConsoleProxyError):
    """The management server's no to an API caller; the text is the answer's ``errortext``.

    Args:
        status: HTTP status and CloudStack ``errorcode``, e.g. 401, 431, 530.
        text: what was wrong and what to do.
    """

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class SecretUnreadable(ManagementRequestRefused):
    """A secret that was stored sealed, and that no key which this server has opens.

    Args:
        cause: what is wrong with it; holds no secret.
    """

    def __init__(self, cause: str) -> None:
        self.cause = cause
        super().__init__(
            530,
            f"{cause}: give the management server the key that it was sealed under; consoleproxy "
            "secrets check says which ones are needed",
        )
