"""How tokens were used: each is good for one session, which may come back for a while."""

from collections import OrderedDict
from dataclasses import dataclass, replace

# A token without expiry is remembered until this many newer ones were used; the management
# server, where there is one, remembers for good.
_REMEMBERED = 200_000


@dataclass(frozen=True, slots=True)
class Use:
    """Who used a token, since when, and until when its session may come back; monotonic seconds.

    ``known``: the cloud has allowed the session.
    """

    client_address: str
    began: float
    return_until: float | None
    known: bool = False


class UsedTokens:
    """The tokens that were used, by their sessions' uuids."""

    def __init__(self) -> None:
        self._uses: OrderedDict[str, Use] = OrderedDict()

    def get(self, uuid: str) -> Use | None:
        """Return how the token was used last."""
        return self._uses.get(uuid)

    def note(self, uuid: str, use: Use) -> None:
        """Remember a use; the one before does not count any more."""
        self._uses[uuid] = use
        self._uses.move_to_end(uuid)
        if len(self._uses) > _REMEMBERED:
            self._uses.popitem(last=False)

    def give_back(self, uuid: str) -> None:
        """Let the token be as if it had not been used."""
        self._uses.pop(uuid, None)

    def know(self, uuid: str) -> None:
        """Take note that the cloud has allowed the session, if its token was used at all."""
        if use := self._uses.get(uuid):
            self._uses[uuid] = replace(use, known=True)

    def burn(self, uuid: str) -> None:
        """Let the session, open or not, never come back."""
        self.note(uuid, Use("", 0.0, None))
