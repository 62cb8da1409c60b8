"""The documents that a CPVM and the management server exchange, as JSON and as dataclasses.

Field names are CloudStack's where its agent commands have the field.
"""

import json
from dataclasses import dataclass, field
from typing import Any

REGISTER_PATH = "/cpvm/register"
AUTHENTICATE_PATH = "/cpvm/authenticate"
LOAD_PATH = "/cpvm/load"
KEYSTORE_PATH = "/cpvm/keystore"
KEYSTORE_WATCH_PATH = "/cpvm/keystore/watch"


class Document:
    """One JSON object whose fields are read by name and type.

    Raises:
        ValueError: it is no JSON object; the accessors raise it for a field that is missing or of
            another type.
    """

    def __init__(self, text: str | bytes) -> None:
        try:
            content = json.loads(text)
        except RecursionError:
            raise ValueError("nested too deeply") from None
        if not isinstance(content, dict):
            raise ValueError("not a JSON object")
        self._content: dict[str, Any] = content

    def text(self, name: str) -> str:
        """Return a string field."""
        value = self._content.get(name)
        if not isinstance(value, str):
            raise ValueError(f"{name} is not a string")
        return value

    def number(self, name: str) -> int:
        """Return an integer field."""
        value = self._content.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValueError(f"{name} is not an integer")
        return value

    def flag(self, name: str) -> bool:
        """Return a boolean field."""
        value = self._content.get(name)
        if not isinstance(value, bool):
            raise ValueError(f"{name} is not true or false")
        return value

    def array(self, name: str) -> list[Any]:
        """Return an array field; a missing one is empty."""
        value = self._content.get(name, [])
        if not isinstance(value, list):
            raise ValueError(f"{name} is not an array")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a field that is an array of strings; a missing one is empty."""
        values = self.array(name)
        if not all(isinstance(value, str) for value in values):
            raise ValueError(f"{name} is not an array of strings")
        return tuple(values)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyDescription:
    """What a CPVM says about itself; console URLs are made of it, so they cannot disagree with it.

    Args:
        name: ``consoleproxy.name``, unique among the CPVMs.
        address: public address.
        host: console host as ``names.console_host`` gives it.
        port: console port that it really listens on.
        tls: whether that port speaks TLS.
        session_max: ``consoleproxy.session.max``.
        load_interval: seconds between its load reports.
    """

    name: str
    address: str
    host: str
    port: int
    tls: bool
    session_max: int
    load_interval: float

    def to_json(self) -> str:
        """Return the body of ``POST /cpvm/register``."""
        return json.dumps(
            {
                "name": self.name,
                "address": self.address,
                "consoleHost": self.host,
                "consolePort": self.port,
                "tls": self.tls,
                "sessionMax": self.session_max,
                "loadIntervalMs": round(self.load_interval * 1000),
            }
        )

    @classmethod
    def from_json(cls, text: bytes) -> "ProxyDescription":
        """Read such a body.

        Raises:
            ValueError: it is no registration.
        """
        document = Document(text)
        description = cls(
            name=document.text("name"),
            address=document.text("address"),
            host=document.text("consoleHost"),
            port=document.number("consolePort"),
            tls=document.flag("tls"),
            session_max=document.number("sessionMax"),
            load_interval=document.number("loadIntervalMs") / 1000,
        )
        if not description.name or not description.host:
            raise ValueError("name and consoleHost must not be empty")
        if not 1 <= description.port <= 65535 or description.load_interval <= 0:
            raise ValueError("consolePort or loadIntervalMs is out of range")
        return description


@dataclass(frozen=True, slots=True)
class Registration:
    """What a CPVM gets for registering.

    Args:
        encryption_keys: key and IV of console tokens, CloudStack's JSON pair
            (its ``encryptorPassword``).
        source_ip_check: ``novnc.console.sourceip.check.enabled``.
        extra_required: ``consoleproxy.extra.security.validation.enabled``.
        keystore_version: changes with every new keystore; empty while there is none.
    """

    encryption_keys: str = field(repr=False)
    source_ip_check: bool
    extra_required: bool
    keystore_version: str = ""

    def to_json(self) -> str:
        """Return the answer to ``POST /cpvm/register``."""
        return json.dumps(
            {
                "encryptorPassword": self.encryption_keys,
                "isSourceIpCheckEnabled": self.source_ip_check,
                "isExtraSecurityTokenRequired": self.extra_required,
                "keystoreVersion": self.keystore_version,
            }
        )

    @classmethod
    def from_json(cls, text: bytes) -> "Registration":
        """Read such an answer.

        Raises:
            ValueError: it is not one.
        """
        document = Document(text)
        return cls(
            encryption_keys=document.text("encryptorPassword"),
            source_ip_check=document.flag("isSourceIpCheckEnabled"),
            extra_required=document.flag("isExtraSecurityTokenRequired"),
            keystore_version=document.text("keystoreVersion"),
        )


@dataclass(frozen=True, slots=True)
class LoadReport:
    """A load report: how many connections, which sessions they are, which ones ended."""

    proxy: str
    connections: int
    live: tuple[str, ...]
    removed: tuple[str, ...]

    @staticmethod
    def to_json(proxy: str, document: str) -> str:
        """Return the body of ``POST /cpvm/load`` for CloudStack's status document."""
        return json.dumps({"proxy": proxy, "loadInfo": document})

    @classmethod
    def from_json(cls, text: bytes) -> "LoadReport":
        """Read such a body.

        Raises:
            ValueError: it is no load report.
        """
        outer = Document(text)
        status = Document(outer.text("loadInfo"))
        connections = status.array("connections")
        uuids = [entry.get("sessionUuid") for entry in connections if isinstance(entry, dict)]
        return cls(
            proxy=outer.text("proxy"),
            connections=len(connections),
            live=tuple(uuid for uuid in uuids if isinstance(uuid, str)),
            removed=status.texts("removedSessions"),
        )


@dataclass(frozen=True, slots=True)
class LoadAnswer:
    """The answer to a load report.

    Args:
        acknowledged: the removed sessions that need no repeating.
        keystore_version: changes with every new keystore; empty while there is none.
    """

    acknowledged: tuple[str, ...]
    keystore_version: str

    def to_json(self) -> str:
        """Return the answer to ``POST /cpvm/load``."""
        return json.dumps(
            {"acknowledged": self.acknowledged, "keystoreVersion": self.keystore_version}
        )

    @classmethod
    def from_json(cls, text: bytes) -> "LoadAnswer":
        """Read such an answer.

        Raises:
            ValueError: it is not one.
        """
        document = Document(text)
        return cls(document.texts("acknowledged"), document.text("keystoreVersion"))
