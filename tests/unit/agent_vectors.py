"""Bytes of CloudStack's agent protocol, for all who read or write it.

No code of this project has made them, and none may: they were put together once from what is
known of the protocol, and are kept. They are no capture of a CloudStack that ran. Each has a mark
of evidence for the facts in it: ``V`` they held when Java's side was run, ``S`` they were read in
CloudStack's source, ``M`` they are generally known, and not checked.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_FILE: dict[str, list[dict[str, Any]]] = json.loads(
    Path(__file__).with_suffix(".json").read_text(encoding="ascii")
)


@dataclass(frozen=True, slots=True)
class PacketVector:
    """A whole message and what its header says; ``body`` is the JSON of its payload."""

    name: str
    meaning: str
    evidence: str
    data: bytes
    flags: int
    sequence: int
    length: int
    server: int
    agent: int
    via: int
    body: Any


@dataclass(frozen=True, slots=True)
class LostVector:
    """A message that the receiver must refuse; the connection goes on."""

    name: str
    meaning: str
    evidence: str
    data: bytes


@dataclass(frozen=True, slots=True)
class FrameVector:
    """A frame's four bytes; one that is not accepted ends the connection."""

    name: str
    meaning: str
    evidence: str
    header: bytes
    size: int | None
    following: bool
    accepted: bool


@dataclass(frozen=True, slots=True)
class BodyVector:
    """A payload as text, as it is sent; the name is its class without the package."""

    name: str
    meaning: str
    evidence: str
    text: str

    @property
    def class_name(self) -> str:
        ((name, _),) = json.loads(self.text)[0].items()
        return str(name)

    @property
    def fields(self) -> dict[str, Any]:
        ((_, fields),) = json.loads(self.text)[0].items()
        return dict(fields)


def _packet(entry: dict[str, Any]) -> PacketVector:
    header = {
        name: entry[name] for name in ("flags", "sequence", "length", "server", "agent", "via")
    }
    return PacketVector(**_common(entry), data=_data(entry), body=_body(entry), **header)


def _body(entry: dict[str, Any]) -> Any:
    if "json" in entry:
        return json.loads(entry["json"])
    # The long one is not written out: a keystore that repeats the first bytes of a JKS.
    fields = {
        "keystoreBits": [-2, -19, -2, -19] * (entry["elements"] // 4),
        "keystorePassword": "p",
        "encryptorPassword": "{}",
        "isSourceIpCheckEnabled": True,
    }
    return [{"com.cloud.agent.api.proxy.StartConsoleProxyAgentHttpHandlerCommand": fields}]


def _data(entry: dict[str, Any]) -> bytes:
    return bytes.fromhex(entry["bytes"])


def _common(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: entry[name] for name in ("name", "meaning", "evidence")}


PACKETS = [_packet(entry) for entry in _FILE["packets"]]
LOST = [LostVector(**_common(entry), data=_data(entry)) for entry in _FILE["lost"]]
FRAMES = [
    FrameVector(
        **_common(entry),
        header=bytes.fromhex(entry["header"]),
        size=entry["size"],
        following=entry["following"],
        accepted=entry["accepted"],
    )
    for entry in _FILE["frames"]
]
BODIES = [BodyVector(**_common(entry), text=entry["json"]) for entry in _FILE["bodies"]]
# Bytes, and the text of them as Java's signed numbers.
SIGNED_BYTES = [(_data(entry), str(entry["json"])) for entry in _FILE["signed_bytes"]]
