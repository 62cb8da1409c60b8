"""A domain's state, as CloudStack calls it."""

# virDomainState of libvirt-domain.h. One that nobody knows (0: the driver does not tell), that
# waits for its disk (2), or that sleeps (7) has a screen as one that runs (1).
_RUNNING = "Running"
_PAUSED = 3
_STATES = {4: "Stopping", 5: "Stopped", 6: "Error"}
# virDomainPausedReason: a paused guest's screen can be looked at, so most are Running to users.
_PAUSED_FOR = {
    2: "Migrating",
    3: "Stopping",  # It is being saved to disk.
    8: "Stopping",
    11: "Starting",
    12: "Migrating",  # The source of a post-copy migration.
}


def state_name(state: int, reason: int) -> str:
    """Return the name of a ``virDomainState`` with its reason."""
    if state == _PAUSED:
        return _PAUSED_FOR.get(reason, _RUNNING)
    return _STATES.get(state, _RUNNING)
