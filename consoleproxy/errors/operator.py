"""Errors that an operator or an API caller reads, and no viewer."""

import math
from collections.abc import Sequence

from consoleproxy.errors.base import ConsoleProxyError


class SettingsInvalid(ConsoleProxyError):
    """All mistakes in the settings at once, each with the setting to change."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class KeystoreInvalid(ConsoleProxyError):
    """What is wrong with a key, a certificate or a chain, and what to do about it."""


class ProgramFailed(ConsoleProxyError):
    """A program of the system could not do what it was run for, and why."""


class ManagementRequestRefused(ConsoleProxyError):
    """The management server's no to an API caller; the text is the answer's ``errortext``.

    Args:
        status: HTTP status and CloudStack ``errorcode``, e.g. 401, 431, 530.
        text: what was wrong and what to do.

    Attributes:
        cs_code: CloudStack's ``cserrorcode``, which is one of the Java exception that it had;
            9999 is that of a ``ServerApiException``, and of 530 a ``CloudRuntimeException``.
    """

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.cs_code = 4250 if status == 530 else 9999


class ParameterInvalid(ManagementRequestRefused):
    """A parameter that can be read, and names nothing that there is or that can be done."""

    def __init__(self, text: str) -> None:
        super().__init__(431, text)
        self.cs_code = 4350


class PermissionRefused(ManagementRequestRefused):
    """What the caller names is not the caller's."""

    def __init__(self, text: str = "Permission denied") -> None:
        super().__init__(531, text)
        self.cs_code = 4365


class ApiLimitReached(ManagementRequestRefused):
    """Too many requests.

    Args:
        seconds: when to try again.
    """

    def __init__(self, cause: str, seconds: float) -> None:
        self.seconds = max(1, math.ceil(seconds))
        super().__init__(429, f"{cause}: try again in {self.seconds} s")


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
