"""The documents that a CPVM and the management server exchange, as JSON and as dataclasses.

Field names are CloudStack's where its agent commands have the field.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from consoleproxy.management.channel.document import Document
from consoleproxy.management.channel.news import News
from consoleproxy.session.load import Pace

REGISTER_PATH = "/cpvm/register"
AUTHENTICATE_PATH = "/cpvm/authenticate"
LOAD_PATH = "/cpvm/load"
KEYSTORE_PATH = "/cpvm/keystore"
WATCH_PATH = "/cpvm/watch"

# A newer CPVM may know reasons that are not known here.
_WORD = re.compile(r"[a-z][a-z-]{0,31}")
_SETTING = re.compile(r"[A-Za-z0-9.]{1,100}")
_WAITING_LIMIT = 100
_INSTANCE_LETTERS = 64
_NONE: Mapping[str, str] = {}


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
        instance: another one with each start of the program; empty for none.
    """

    name: str
    address: str
    host: str
    port: int
    tls: bool
    session_max: int
    load_interval: float
    instance: str = ""

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
                "instance": self.instance,
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
            instance=document.text("instance"),
        )
        if not description.name or not description.host:
            raise ValueError("name and consoleHost must not be empty")
        if not 1 <= description.port <= 65535 or description.load_interval <= 0:
            raise ValueError("consolePort or loadIntervalMs is out of range")
        if len(description.instance) > _INSTANCE_LETTERS:
            raise ValueError("instance is too long")
        return description


@dataclass(frozen=True, slots=True)
class Registration:
    """What a CPVM gets for registering.

    Args:
        encryption_keys: key and IV of console tokens, CloudStack's JSON pair
            (its ``encryptorPassword``).
        source_ip_check: ``novnc.console.sourceip.check.enabled``.
        extra_required: ``consoleproxy.extra.security.validation.enabled``.
        news: what else it is told from now on, as it is at this moment.
    """

    encryption_keys: str = field(repr=False)
    source_ip_check: bool
    extra_required: bool
    news: News = field(default_factory=News)

    def to_json(self) -> str:
        """Return the answer to ``POST /cpvm/register``."""
        return json.dumps(
            {
                "encryptorPassword": self.encryption_keys,
                "isSourceIpCheckEnabled": self.source_ip_check,
                "isExtraSecurityTokenRequired": self.extra_required,
            }
            | self.news.to_fields()
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
            news=News.from_fields(document),
        )


@dataclass(frozen=True, slots=True)
class LoadReport:
    """A load report: how many connections, which sessions they are, which ones ended and why.

    ``reasons`` may lack some of the removed sessions; ``draining``: no new ones are taken; ``pace``
    is ``None`` where it is as the CPVM said when it registered; ``waiting``: settings whose changed
    values count only once it is started anew, by name.
    """

    proxy: str
    connections: int
    live: tuple[str, ...]
    removed: tuple[str, ...]
    reasons: Mapping[str, str] = field(default_factory=dict)
    draining: bool = False
    pace: Pace | None = None
    waiting: tuple[str, ...] = ()

    @staticmethod
    def to_json(
        proxy: str,
        document: str,
        reasons: Mapping[str, str] = _NONE,
        *,
        draining: bool = False,
        pace: Pace | None = None,
        waiting: Sequence[str] = (),
    ) -> str:
        """Return the body of ``POST /cpvm/load``: CloudStack's status document, and beside it."""
        fields: dict[str, object] = {
            "proxy": proxy,
            "loadInfo": document,
            "removedReasons": dict(reasons),
            "draining": draining,
            "waitingSettings": list(waiting),
        }
        if pace is not None:
            fields["sessionMax"] = pace.session_max
            fields["loadIntervalMs"] = round(pace.interval * 1000)
        return json.dumps(fields)

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
        reasons = outer.texts_by_name("removedReasons")
        for word in reasons.values():
            if not _WORD.fullmatch(word):
                raise ValueError("a reason in removedReasons is not a short word")
        waiting = outer.texts("waitingSettings")
        if len(waiting) > _WAITING_LIMIT or not all(map(_SETTING.fullmatch, waiting)):
            raise ValueError("waitingSettings has something that is no setting's name")
        return cls(
            proxy=outer.text("proxy"),
            connections=len(connections),
            live=tuple(uuid for uuid in uuids if isinstance(uuid, str)),
            removed=status.texts("removedSessions"),
            reasons=reasons,
            draining=outer.flag("draining"),
            pace=_pace(outer) if outer.has("sessionMax") else None,
            waiting=waiting,
        )


def _pace(document: Document) -> Pace:
    pace = Pace(document.number("sessionMax"), document.number("loadIntervalMs") / 1000)
    if pace.interval <= 0:
        raise ValueError("loadIntervalMs is out of range")
    return pace


@dataclass(frozen=True, slots=True)
class LoadAnswer:
    """The answer to a load report.

    Args:
        acknowledged: the removed sessions that need no repeating.
        news: what CPVMs are told, as it is at this moment.
    """

    acknowledged: tuple[str, ...]
    news: News = field(default_factory=News)

    def to_json(self) -> str:
        """Return the answer to ``POST /cpvm/load``."""
        return json.dumps({"acknowledged": self.acknowledged} | self.news.to_fields())

    @classmethod
    def from_json(cls, text: bytes) -> "LoadAnswer":
        """Read such an answer.

        Raises:
            ValueError: it is not one.
        """
        document = Document(text)
        return cls(document.texts("acknowledged"), News.from_fields(document))
