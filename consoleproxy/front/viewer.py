"""The viewer's files under ``/resource/noVNC/``: read once, served from memory."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from consoleproxy.errors import SettingsInvalid
from consoleproxy.front.base import PlainHandler
from consoleproxy.front.entrance import Entrance
from consoleproxy.front.page_policy import PagePolicy
from consoleproxy.front.source import Outside, plain_address

_BUILT = Path(__file__).parent / "novnc"
_ENCODINGS = {"br": ".br", "gzip": ".gz"}
_DAY_SECONDS = 86400
# Who opens one console soon opens another: its page is the same, whatever token its address has.
# A page that is older than its proxy finds its script in the cache, or says that it is gone.
_PAGE_SECONDS = 600
_NO_WEIGHT = re.compile(r"\s*q\s*=\s*0(\.0*)?\s*")


@dataclass(frozen=True, slots=True)
class ViewerFile:
    """One file, plain and compressed.

    Args:
        immutable: another content would have another name.
        shared: pages of other sites may load it, as a portal loads the element for its consoles.
        bodies: by content encoding, ``""`` for plain.
    """

    name: str
    type: str
    etag: str
    immutable: bool
    shared: bool
    bodies: dict[str, bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Viewer:
    """The built viewer: its files by name, and what its page may do."""

    files: dict[str, ViewerFile]
    policy: PagePolicy


def load_viewer(folder: Path = _BUILT) -> Viewer:
    """Read the built viewer.

    Raises:
        SettingsInvalid: it was not built.
    """
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        files = {entry["name"]: _load(folder, entry) for entry in manifest["files"]}
        policy = PagePolicy(manifest["script"], manifest["style"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsInvalid(
            [f"the viewer is not built ({error}): run make install in a checkout"]
        ) from error
    return Viewer(files, policy)


def viewer_routes(
    entrance: Entrance, folder: Path = _BUILT
) -> list[tuple[str, type[PlainHandler], dict[str, Any]]]:
    """Return the routes of the viewer's files.

    Raises:
        SettingsInvalid: the viewer was not built.
    """
    given = {"viewer": load_viewer(folder), "entrance": entrance}
    return [("/resource/noVNC/([A-Za-z0-9.-]+)", ViewerHandler, given)]


class ViewerHandler(PlainHandler):
    """Serves the files of the manifest, and no others."""

    def initialize(self, viewer: Viewer, entrance: Entrance) -> None:
        self._viewer = viewer
        self._entrance = entrance

    def get(self, name: str) -> None:
        file = self._viewer.files.get(name)
        if file is None:
            self.refuse(404, "There is nothing here. Open the console from the cloud's page.")
            return
        encoding = self._encoding()
        self.set_header("Content-Type", file.type)
        self.set_header("Etag", f'"{file.etag}{encoding}"')
        self.set_header("Vary", "Accept-Encoding")
        self.set_header(
            "Cache-Control",
            f"public, max-age={365 * _DAY_SECONDS}, immutable"
            if file.immutable
            else f"max-age={_PAGE_SECONDS}",
        )
        self.set_header("No-Vary-Search", "params")
        for header, value in self._viewer.policy.headers(self._outside(), self._entrance).items():
            self.set_header(header, value)
        if file.shared:
            self.set_header("Cross-Origin-Resource-Policy", "cross-origin")
            self.set_header("Access-Control-Allow-Origin", "*")
        else:
            self.set_header("Cross-Origin-Resource-Policy", "same-origin")
        if self.check_etag_header():
            self.set_status(304)
            self.finish()
            return
        if encoding:
            self.set_header("Content-Encoding", encoding)
        body = file.bodies[encoding]
        self.set_header("Content-Length", str(len(body)))
        self.finish(body if self.request.method == "GET" else None)

    def head(self, name: str) -> None:
        self.get(name)

    def compute_etag(self) -> None:
        """No tag of Tornado's own: the build has one for each file."""

    def _outside(self) -> Outside:
        request = self.request
        return self._entrance.balancers.outside(
            plain_address(request.remote_ip or ""),
            request.headers,
            host=request.host,
            tls=request.protocol == "https",
        )

    def _encoding(self) -> str:
        accepted = _accepted(self.request.headers.get("Accept-Encoding", ""))
        return next((encoding for encoding in _ENCODINGS if encoding in accepted), "")


def _accepted(header: str) -> frozenset[str]:
    """Return the content codings whose weight is not zero (RFC 9110 section 12.5.3)."""
    parts = (part.partition(";") for part in header.lower().split(","))
    return frozenset(
        coding.strip() for coding, _, weight in parts if not _NO_WEIGHT.fullmatch(weight)
    )


def _load(folder: Path, entry: dict[str, Any]) -> ViewerFile:
    name = entry["name"]
    bodies = {"": (folder / name).read_bytes()}
    for encoding, suffix in _ENCODINGS.items():
        bodies[encoding] = (folder / f"{name}{suffix}").read_bytes()
    etag, kept, shared = entry["sha256"][:16], entry["immutable"], entry["shared"]
    return ViewerFile(name, entry["type"], etag, kept, shared, bodies)
