"""Which logins an operator allows, in which order, and what a login has to work with."""

from dataclasses import dataclass, field
from enum import StrEnum

from consoleproxy.errors import SettingsInvalid

TYPES_SETTING = "consoleproxy.hypervisor.security.types"
ENCRYPTION_SETTING = "consoleproxy.hypervisor.encryption"


class SecurityKind(StrEnum):
    """A way to log in, whatever it is wrapped in; the values are what operators write.

    ``X509…`` is inside TLS with a certificate, ``TLS…`` inside TLS with an anonymous server, which
    keeps out those who listen but not those who interfere. ``…Plain`` sends user name and password,
    ``…Vnc`` answers a challenge, ``…None`` asks for nothing.
    """

    X509_PLAIN = "X509Plain"
    X509_VNC = "X509Vnc"
    X509_NONE = "X509None"
    TLS_PLAIN = "TLSPlain"
    TLS_VNC = "TLSVnc"
    TLS_NONE = "TLSNone"
    VNC_AUTH = "VncAuth"
    NONE = "None"
    PLAIN = "Plain"

    @property
    def anonymous(self) -> bool:
        """Whether it is inside TLS whose server has no certificate."""
        return self.startswith("TLS")

    @property
    def encrypted(self) -> bool:
        """Whether it is inside TLS."""
        return self.anonymous or self.startswith("X509")

    @property
    def needs_username(self) -> bool:
        """Whether the server asks for a user's name; then it asks for a password as well."""
        return self.endswith("Plain")

    @property
    def needs_password(self) -> bool:
        """Whether the server asks for a password."""
        return not self.endswith("None")


class Encryption(StrEnum):
    """Whether RFB may go in the clear.

    ``PREFERRED`` takes what the order ranks first, encrypted or not; ``OFF`` never starts TLS.
    """

    REQUIRED = "required"
    PREFERRED = "preferred"
    OFF = "off"


DEFAULT_ORDER = (
    SecurityKind.X509_PLAIN,
    SecurityKind.X509_VNC,
    SecurityKind.X509_NONE,
    SecurityKind.VNC_AUTH,
    SecurityKind.NONE,
)
"""Strongest first. What is not here shows a password, or a screen, to who interferes."""

# Where nobody can listen a password may as well be sent as it is.
_DEFAULT_PRIVATE_ORDER = (*DEFAULT_ORDER[:-1], SecurityKind.PLAIN, DEFAULT_ORDER[-1])


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the cloud gave to log in with; "" is nothing."""

    password: str = field(repr=False)
    username: str = ""

    def suffice(self, kind: SecurityKind) -> bool:
        """Whether they hold what this kind asks for."""
        if kind.needs_username and not self.username:
            return False
        return bool(self.password) or not kind.needs_password


@dataclass(frozen=True, slots=True)
class Link:
    """What carries RFB.

    Args:
        private: it is encrypted already, or never leaves the machine.
        tls: TLS can be started on it.
    """

    private: bool = False
    tls: bool = True


@dataclass(frozen=True, slots=True)
class SecurityPolicy:
    """The kinds that an operator allows, best first, and whether RFB may go in the clear."""

    order: tuple[SecurityKind, ...] = DEFAULT_ORDER
    encryption: Encryption = Encryption.PREFERRED

    def ranking(self, link: Link) -> tuple[SecurityKind, ...]:
        """Return the kinds that may be used on this link, best first."""
        order = self.order
        if link.private and order == DEFAULT_ORDER:
            order = _DEFAULT_PRIVATE_ORDER
        return tuple(kind for kind in order if self._allows(kind, link))

    def demands_encryption(self, link: Link) -> bool:
        """Whether nothing but TLS sub-types will do on this link."""
        return self.encryption is Encryption.REQUIRED and not link.private

    def _allows(self, kind: SecurityKind, link: Link) -> bool:
        if kind.encrypted:
            return link.tls and self.encryption is not Encryption.OFF
        return not self.demands_encryption(link)


DEFAULT_POLICY = SecurityPolicy()
PUBLIC_LINK = Link()


def parse_order(text: str) -> tuple[SecurityKind, ...]:
    """Return the kinds of a list such as ``X509Vnc, VncAuth, None``; case does not matter.

    Raises:
        SettingsInvalid: it is empty, names a kind twice, or names one that does not exist.
    """
    known = {kind.value.casefold(): kind for kind in SecurityKind}
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name.casefold() not in known]
    if unknown:
        problem = f"{', '.join(map(repr, unknown))} is none of {', '.join(SecurityKind)}"
        raise SettingsInvalid([f"{TYPES_SETTING}: {problem}"])
    order = tuple(known[name.casefold()] for name in names)
    if not order:
        raise SettingsInvalid([f"{TYPES_SETTING}: names no type, so no console could be opened"])
    if len(set(order)) < len(order):
        raise SettingsInvalid([f"{TYPES_SETTING}: names a type twice: {text}"])
    return order
