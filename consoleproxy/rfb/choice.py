"""The choice among what a hypervisor offers, and why there is none."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from consoleproxy.errors import (
    HypervisorEncryptionMissing,
    HypervisorLoginFailed,
    HypervisorRefused,
    HypervisorSecurityUnsupported,
)
from consoleproxy.rfb.messages import SecurityType
from consoleproxy.rfb.policy import (
    ENCRYPTION_SETTING,
    TYPES_SETTING,
    Credentials,
    Encryption,
    Link,
    SecurityKind,
    SecurityPolicy,
)

PLAIN_TYPES: Mapping[int, SecurityKind] = {
    SecurityType.NONE: SecurityKind.NONE,
    SecurityType.VNC_AUTHENTICATION: SecurityKind.VNC_AUTH,
}
"""The kinds that are a security type by themselves, which Tight numbers alike."""

_WRAPPERS: Mapping[int, str] = {SecurityType.TIGHT: "Tight", SecurityType.VENCRYPT: "VeNCrypt"}
_LONGEST_LIST = 20


@dataclass(frozen=True, slots=True)
class Choice:
    """One login's choice: what the operator allows, the link carries and the credentials suffice.

    The order of the server's offer says nothing; kinds that are unknown here do no harm.
    """

    credentials: Credentials
    policy: SecurityPolicy
    link: Link

    def security_type(self, offered: Collection[int]) -> int:
        """Return the security type to choose.

        What is inside VeNCrypt and Tight is known only behind their choice. VeNCrypt is entered
        for what only it can hold, if nothing outside ranks higher; both are entered for plain
        kinds only if none of these is outside, as servers that have one inside show it outside too.

        Raises:
            HypervisorRefused: nothing that is offered may be used; a subclass says why.
        """
        usable = self._usable()
        for kind in usable:
            if kind not in PLAIN_TYPES.values():
                if SecurityType.VENCRYPT in offered:
                    return SecurityType.VENCRYPT
            elif found := [number for number in offered if PLAIN_TYPES.get(number) is kind]:
                return found[0]
        if any(kind in PLAIN_TYPES.values() for kind in usable):
            for wrapper in (SecurityType.VENCRYPT, SecurityType.TIGHT):
                if wrapper in offered:
                    return wrapper
        raise self._refusal(offered, PLAIN_TYPES)

    def among(
        self, offered: Collection[int], kinds: Mapping[int, SecurityKind], wrapper: str = ""
    ) -> int:
        """Return the number of the best kind, where each number is of one kind.

        Args:
            kinds: what the known numbers are.
            wrapper: the name of what they are offered in.

        Raises:
            HypervisorRefused: nothing that is offered may be used; a subclass says why.
        """
        for kind in self._usable():
            for number in offered:
                if kinds.get(number) is kind:
                    return number
        raise self._refusal(offered, kinds, wrapper)

    def _usable(self) -> list[SecurityKind]:
        ranking = self.policy.ranking(self.link)
        return [kind for kind in ranking if self.credentials.suffice(kind)]

    def _refusal(
        self, offered: Collection[int], kinds: Mapping[int, SecurityKind], wrapper: str = ""
    ) -> HypervisorRefused:
        known = {kinds[number] for number in offered if number in kinds}
        names = _listed(kinds.get(number) or _WRAPPERS.get(number) or number for number in offered)
        offer = f"the hypervisor offers only {names}"
        if wrapper:
            offer += f" inside {wrapper}"

        asked = [kind for kind in self.policy.ranking(self.link) if kind in known]
        if asked:
            missing = "password"
            if asked[0].needs_username and not self.credentials.username:
                missing = "user name"
            return HypervisorLoginFailed(
                f"the hypervisor asks for a {missing}, the token carries none; {offer}"
            )
        tls_offered = any(kind.encrypted for kind in known)
        if self.policy.demands_encryption(self.link) and (known or not self.link.tls):
            if not self.link.tls:
                return HypervisorEncryptionMissing(
                    f"{offer}, {ENCRYPTION_SETTING} demands TLS, and it cannot be started here"
                )
            if not tls_offered:
                return HypervisorEncryptionMissing(f"{offer}, and {ENCRYPTION_SETTING} demands TLS")
        if tls_offered and self.policy.encryption is Encryption.OFF:
            return HypervisorSecurityUnsupported(f"{offer}, and {ENCRYPTION_SETTING} is off")
        if tls_offered and not self.link.tls:
            return HypervisorSecurityUnsupported(f"{offer}, and TLS cannot be started here")
        order = ", ".join(self.policy.order)
        return HypervisorSecurityUnsupported(f"{offer}, and {TYPES_SETTING} allows {order}")


def _listed(things: Iterable[object]) -> str:
    words = [str(thing) for thing in things]
    if len(words) > _LONGEST_LIST:
        words[_LONGEST_LIST:] = [f"{len(words) - _LONGEST_LIST} more"]
    return ", ".join(words) or "nothing"
