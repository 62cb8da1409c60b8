"""The viewer's files over HTTP: from memory, compressed, with the headers that browsers need."""

import asyncio
import base64
import gzip
import hashlib
import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application

from consoleproxy.errors import SettingsInvalid
from consoleproxy.front.base import NotFound, no_access_log
from consoleproxy.front.entrance import Entrance
from consoleproxy.front.page_policy import PagePolicy
from consoleproxy.front.source import Outside
from consoleproxy.front.viewer import load_viewer, viewer_routes

_FOLDER = "/resource/noVNC/"
_PAGE = b"<!doctype html><title>page</title>"
_SCRIPT = b"export const viewer = 1;"
_ELEMENT = b"export class Viewer {}"
_BROTLI = b"what brotli made of it"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A small viewer, as the build leaves it, and a file that it does not speak of."""
    files = []
    for name, content, kind, immutable in (
        ("vnc.html", _PAGE, "text/html; charset=utf-8", False),
        ("viewer-0123.js", _SCRIPT, "text/javascript; charset=utf-8", True),
        ("element.js", _ELEMENT, "text/javascript; charset=utf-8", False),
    ):
        (tmp_path / name).write_bytes(content)
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(content))
        (tmp_path / f"{name}.br").write_bytes(_BROTLI)
        digest = hashlib.sha256(content).hexdigest()
        entry = {"name": name, "type": kind, "immutable": immutable, "sha256": digest}
        files.append(entry | {"shared": content == _ELEMENT})
    manifest = {"inputs": "", "files": files, "script": "sha256-one=", "style": "sha256-two="}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (tmp_path / "secret.txt").write_text("not the viewer's", encoding="utf-8")
    return tmp_path


def _ask(built: Path | None, *requests: tuple[str, str, dict[str, str]]) -> list[HTTPResponse]:
    """Serve a viewer, and return its answers to (method, path, headers)."""

    async def run() -> list[HTTPResponse]:
        routes = viewer_routes(Entrance(), *([built] if built else []))
        application = Application(
            list(routes), default_handler_class=NotFound, log_function=no_access_log
        )
        sock, port = bind_unused_port()
        server = HTTPServer(application)
        server.add_socket(sock)
        client = AsyncHTTPClient(force_instance=True)
        try:
            return [
                await client.fetch(
                    HTTPRequest(
                        f"http://127.0.0.1:{port}{path}",
                        method=method,
                        headers=headers,
                        decompress_response=False,
                    ),
                    raise_error=False,
                )
                for method, path, headers in requests
            ]
        finally:
            client.close()
            server.stop()
            await server.close_all_connections()

    return asyncio.run(run())


def _get(built: Path | None, name: str, **headers: str) -> HTTPResponse:
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return _ask(built, ("GET", _FOLDER + name, named))[0]


def test_the_page_is_kept_a_while_for_any_token_and_carries_its_policy(built: Path) -> None:
    answer = _get(built, "vnc.html?autoconnect=true&port=8080&token=a+b/c==")
    assert (answer.code, answer.body) == (200, _PAGE)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "max-age=600"
    assert answer.headers["No-Vary-Search"] == "params"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    host = urlsplit(answer.effective_url).netloc
    expected = PagePolicy("sha256-one=", "sha256-two=").headers(Outside("http", host), Entrance())
    assert expected.items() <= dict(answer.headers.get_all()).items()
    assert "Server" not in answer.headers
    assert "Content-Encoding" not in answer.headers


def test_a_portal_s_page_may_load_the_element_and_nothing_else(built: Path) -> None:
    element = _get(built, "element.js").headers
    assert element["Access-Control-Allow-Origin"] == "*"
    assert element["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert element["Cache-Control"] == "max-age=600"
    for name in ("vnc.html", "viewer-0123.js"):
        answer = _get(built, name)
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_file_named_after_its_content_is_kept_forever(built: Path) -> None:
    answer = _get(built, "viewer-0123.js")
    assert (answer.code, answer.body) == (200, _SCRIPT)
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    ("accepted", "chosen", "body"),
    [
        ("gzip, deflate, br", "br", _BROTLI),
        ("gzip, deflate", "gzip", gzip.compress(_SCRIPT, mtime=0)),
        ("GZIP;q=0.5", "gzip", gzip.compress(_SCRIPT, mtime=0)),
        ("br;q=0.001", "br", _BROTLI),
        ("br;q=0, gzip;q=0.5", "gzip", gzip.compress(_SCRIPT, mtime=0)),
        ("br; q=0, gzip;q=0.000", None, _SCRIPT),
        ("identity", None, _SCRIPT),
        ("", None, _SCRIPT),
    ],
)
def test_content_is_compressed_as_the_browser_accepts_it(
    built: Path, accepted: str, chosen: str | None, body: bytes
) -> None:
    (built / "viewer-0123.js.gz").write_bytes(gzip.compress(_SCRIPT, mtime=0))
    answer = _get(built, "viewer-0123.js", Accept_Encoding=accepted)
    assert answer.headers.get("Content-Encoding") == chosen
    assert answer.body == body
    assert answer.headers["Content-Length"] == str(len(body))


def test_what_the_browser_has_is_not_sent_again(built: Path) -> None:
    first = _get(built, "vnc.html", Accept_Encoding="gzip")
    etag = first.headers["Etag"]
    again = _get(built, "vnc.html", Accept_Encoding="gzip", If_None_Match=etag)
    assert (again.code, again.body) == (304, b"")
    assert again.headers["Etag"] == etag
    assert again.headers["Vary"] == "Accept-Encoding"
    assert again.headers["Content-Security-Policy"] == first.headers["Content-Security-Policy"]
    assert _get(built, "vnc.html", If_None_Match='"old"').code == 200
    plain = _get(built, "vnc.html", If_None_Match=etag)
    assert (plain.code, plain.body) == (200, _PAGE), "another encoding has another tag"


def test_head_answers_as_get_without_the_content(built: Path) -> None:
    get, head = _ask(
        built,
        ("GET", f"{_FOLDER}vnc.html", {}),
        ("HEAD", f"{_FOLDER}vnc.html", {}),
    )
    assert (head.code, head.body) == (200, b"")
    varying = {"Date"}
    assert {name: value for name, value in head.headers.items() if name not in varying} == {
        name: value for name, value in get.headers.items() if name not in varying
    }


@pytest.mark.parametrize(
    "path",
    [
        _FOLDER,
        "/resource/noVNC",
        f"{_FOLDER}secret.txt",
        f"{_FOLDER}manifest.json",
        f"{_FOLDER}viewer-0123.js.gz",
        f"{_FOLDER}../viewer.py",
        f"{_FOLDER}%2e%2e/viewer.py",
        f"{_FOLDER}..%2fviewer.py",
        f"{_FOLDER}VNC.html",
        f"{_FOLDER}vnc.html/",
    ],
)
def test_nothing_else_is_there(built: Path, path: str) -> None:
    (answer,) = _ask(built, ("GET", path, {}))
    assert answer.code == 404
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "Server" not in answer.headers


def test_other_methods_are_refused(built: Path) -> None:
    (answer,) = _ask(built, ("DELETE", f"{_FOLDER}vnc.html", {}))
    assert answer.code == 405


def test_files_are_read_once(built: Path) -> None:
    viewer = load_viewer(built)
    for file in built.iterdir():
        file.unlink()
    assert viewer.files["vnc.html"].bodies[""] == _PAGE


@pytest.mark.parametrize("manifest", [None, "", "{}", "[]", '{"files": [{"name": "lost"}]}'])
def test_a_viewer_that_was_not_built_is_told_at_the_start(
    built: Path, manifest: str | None
) -> None:
    (built / "manifest.json").unlink()
    if manifest is not None:
        (built / "manifest.json").write_text(manifest, encoding="utf-8")
    with pytest.raises(SettingsInvalid, match="make install"):
        viewer_routes(Entrance(), built)


def test_the_built_viewer_is_whole() -> None:
    page = _get(None, "vnc.html").body.decode()
    (script_name,) = re.findall(r'<script type="module" src="([^"]+)">', page)
    script, licence = _get(None, script_name), _get(None, "LICENSE.txt")
    assert script.code == 200
    assert "immutable" in script.headers["Cache-Control"]
    # esbuild's hash of the content.
    assert re.fullmatch(r"viewer-[A-Z0-9]{8}\.js", script_name)
    compressed = _get(None, script_name, Accept_Encoding="gzip")
    assert gzip.decompress(compressed.body) == script.body
    for part in (b"Mozilla Public License", b"Vitaly Puzrin"):
        assert part in licence.body
    assert not re.search(r"""(?:src|href)=["']?https?:""", page), "no third party is asked"
    assert b"eval(" not in script.body


def test_the_built_page_runs_under_its_policy() -> None:
    answer = _get(None, "vnc.html")
    policy, page = answer.headers["Content-Security-Policy"], answer.body.decode()
    inline = re.findall(r"<(?:script|style)>(.*?)</(?:script|style)>", page, re.DOTALL)
    assert len(inline) == 2
    for text in inline:
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert not re.search(r"\s(?:on\w+|style)=", page), "no inline handlers and styles"


def test_the_built_viewer_is_small() -> None:
    page, script = (
        _get(None, name, Accept_Encoding="br")
        for name in ("vnc.html", next(n for n in load_viewer().files if n.startswith("viewer-")))
    )
    assert page.headers["Content-Encoding"] == script.headers["Content-Encoding"] == "br"
    assert len(page.body) < 5_500
    assert len(script.body) < 60_000
