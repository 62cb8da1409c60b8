"""Tokens of every form that this proxy has keys for."""

from dataclasses import dataclass

from consoleproxy.endpoint import cloudstack, jwt
from consoleproxy.endpoint.cloudstack import EncryptionKeys
from consoleproxy.endpoint.jwt import JwtKeys
from consoleproxy.endpoint.model import ConsoleEndpoint
from consoleproxy.errors import SettingsInvalid, TokenInvalid, TokenMissing


@dataclass(frozen=True, slots=True)
class TokenCodec:
    """Opens tokens, and makes CloudStack's; a form without keys is not accepted.

    Args:
        accept_cbc: take CloudStack's older tokens too, which carry no integrity check.
        accept_unnamed: take CloudStack's tokens without a session, as before 4.18.
    """

    cloudstack_keys: EncryptionKeys | None
    jwt_keys: JwtKeys | None
    accept_cbc: bool = True
    accept_unnamed: bool = False

    @property
    def has_keys(self) -> bool:
        """Whether any token could be opened."""
        return self.cloudstack_keys is not None or self.jwt_keys is not None

    def decode(self, token: str) -> ConsoleEndpoint:
        """Open a token. Its times are checked by ``policy``, not here.

        Raises:
            TokenMissing: it is empty.
            TokenInvalid: no key fits, or it does not hold an endpoint.
        """
        if not token:
            raise TokenMissing
        if "." in token:
            if self.jwt_keys is None:
                raise TokenInvalid("the token is a JWT, and consoleproxy.token.jwt.* is not set")
            return jwt.decode(token, self.jwt_keys)
        if self.cloudstack_keys is None:
            raise TokenInvalid("the token is no JWT, and there are no CloudStack keys")
        return cloudstack.decode(
            token,
            self.cloudstack_keys,
            accept_cbc=self.accept_cbc,
            accept_unnamed=self.accept_unnamed,
        )

    def encode(self, endpoint: ConsoleEndpoint) -> str:
        """Make a token in CloudStack's current form.

        Raises:
            SettingsInvalid: no CloudStack keys, or no token can hold this endpoint.
        """
        if self.cloudstack_keys is None:
            raise SettingsInvalid(["no token can be made: there are no CloudStack keys"])
        return cloudstack.encode(endpoint, self.cloudstack_keys)
