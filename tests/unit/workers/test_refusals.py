"""Each refusal comes back as itself, by its name."""

import pytest

from consoleproxy import errors
from consoleproxy.errors import ConsoleRefused
from consoleproxy.workers.messages import MessageInvalid
from consoleproxy.workers.refusals import refusal_of


def _refusals() -> list[type[ConsoleRefused]]:
    known = (getattr(errors, name) for name in errors.__all__)
    return [kind for kind in known if issubclass(kind, ConsoleRefused)]


@pytest.mark.parametrize("kind", _refusals())
def test_class_and_cause_cross(kind: type[ConsoleRefused]) -> None:
    refusal = refusal_of(kind.__name__, "what happened")
    assert type(refusal) is kind
    assert str(refusal) == "what happened"
    assert refusal.session_uuid == ""


def test_every_refusal_can_cross() -> None:
    """What is raised anywhere has a name in ``errors``."""

    def below(kind: type[ConsoleRefused]) -> set[type[ConsoleRefused]]:
        return {kind}.union(*(below(one) for one in kind.__subclasses__()))

    ours = {kind for kind in below(ConsoleRefused) if kind.__module__.startswith("consoleproxy.")}
    assert ours == set(_refusals())


@pytest.mark.parametrize(
    "name",
    ["", "Nothing", "ConsoleProxyError", "SettingsInvalid", "base", "__name__", "__all__"],
)
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(MessageInvalid):
        refusal_of(name, "what happened")
