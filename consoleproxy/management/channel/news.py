"""What a CPVM is told besides: keystore, settings, maintenance, and sessions to end."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from consoleproxy.management.channel.document import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What holds for one CPVM at a moment.

    Args:
        keystore_version: changes with every new keystore; empty while there is none.
        settings_version: changes with ``settings``; empty while none was changed.
        settings: those that an administrator changed, by name, as they were written.
        maintenance: whether it gets no new sessions, as an operator wants it.
        ended: uuids of its sessions that an operator ended, until it has reported them removed.
    """

    keystore_version: str = ""
    settings_version: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    maintenance: bool = False
    ended: tuple[str, ...] = ()

    def to_fields(self) -> dict[str, object]:
        """Return the fields that an answer to a CPVM has for it."""
        return {
            "keystoreVersion": self.keystore_version,
            "settingsVersion": self.settings_version,
            "settings": dict(self.settings),
            "maintenance": self.maintenance,
            "endSessions": list(self.ended),
        }

    @classmethod
    def from_fields(cls, document: Document) -> Self:
        """Read them.

        Raises:
            ValueError: one is missing or of another type.
        """
        return cls(
            keystore_version=document.text("keystoreVersion"),
            settings_version=document.text("settingsVersion"),
            settings=document.texts_by_name("settings"),
            maintenance=document.flag("maintenance"),
            ended=document.texts("endSessions"),
        )

    def to_json(self) -> str:
        """Return the answer to ``POST /cpvm/watch``."""
        return json.dumps(self.to_fields())

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        """Read such an answer.

        Raises:
            ValueError: it is not one.
        """
        return cls.from_fields(Document(text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A CPVM's question for news: what it knows already.

    Args:
        proxy: its name.
        ending: uuids of sessions that it was told to end, and that are not reported yet.
    """

    proxy: str
    keystore_version: str = ""
    settings_version: str = ""
    maintenance: bool = False
    ending: tuple[str, ...] = ()

    def knows(self, news: News) -> bool:
        """Return whether there is nothing in it that the CPVM has not heard."""
        return (
            self.keystore_version == news.keystore_version
            and self.settings_version == news.settings_version
            and self.maintenance == news.maintenance
            and set(self.ending).issuperset(news.ended)
        )

    def to_json(self) -> str:
        """Return the body of ``POST /cpvm/watch``."""
        return json.dumps(
            {
                "proxy": self.proxy,
                "keystoreVersion": self.keystore_version,
                "settingsVersion": self.settings_version,
                "maintenance": self.maintenance,
                "endingSessions": list(self.ending),
            }
        )

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        """Read such a body.

        Raises:
            ValueError: it is no such question.
        """
        document = Document(text)
        return cls(
            proxy=document.text("proxy"),
            keystore_version=document.text("keystoreVersion"),
            settings_version=document.text("settingsVersion"),
            maintenance=document.flag("maintenance"),
            ending=document.texts("endingSessions"),
        )
