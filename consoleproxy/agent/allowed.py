"""The sessions that a management server has announced: each may be opened once."""

# As many links may be out at once; then the oldest is forgotten.
_MOST = 10_000


class AllowedSessions:
    """Session uuids, in the order in which they were announced."""

    def __init__(self) -> None:
        self._uuids: dict[str, None] = {}

    def __contains__(self, uuid: str) -> bool:
        return uuid in self._uuids

    def add(self, uuid: str) -> None:
        """Let a session be opened once."""
        self._uuids[uuid] = None
        if len(self._uuids) > _MOST:
            del self._uuids[next(iter(self._uuids))]

    def use(self, uuid: str) -> None:
        """Strike a session out, whether or not it is there."""
        self._uuids.pop(uuid, None)
