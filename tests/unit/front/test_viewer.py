"""The viewer's files over HTTP: the ones of the manifest, compressed, cached, and nothing else."""

import asyncio
import gzip
import hashlib
import json
from pathlib import Path

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPResponse
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application

from consoleproxy.errors import SettingsInvalid
from consoleproxy.front.base import NotFound
from consoleproxy.front.viewer import load_viewer, viewer_routes

_PAGE, _SCRIPT = b"<!doctype html>page", b"script()" * 50


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A built viewer of two small files."""
    entries = []
    for name, kind, body in (
        ("vnc.html", "text/html", _PAGE),
        ("viewer-abc.js", "text/javascript", _SCRIPT),
    ):
        (tmp_path / name).write_bytes(body)
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(body))
        (tmp_path / f"{name}.br").write_bytes(b"brotli of " + name.encode())
        entries.append(
            {
                "name": name,
                "type": kind,
                "immutable": name.endswith(".js"),
                "sha256": hashlib.sha256(body).hexdigest(),
            }
        )
    (tmp_path / "secret.txt").write_text("not in the manifest")
    manifest = {"inputs": "x", "files": entries, "script": "sha256-s", "style": "sha256-t"}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    return tmp_path


def _fetch(folder: Path, path: str, method: str = "GET", **headers: str) -> HTTPResponse:
    async def once() -> HTTPResponse:
        server = HTTPServer(Application(viewer_routes(folder), default_handler_class=NotFound))
        (sock,) = bind_sockets(0, "127.0.0.1")
        server.add_sockets([sock])
        client = AsyncHTTPClient(force_instance=True)
        try:
            return await client.fetch(
                f"http://127.0.0.1:{sock.getsockname()[1]}/resource/noVNC/{path}",
                method=method,
                headers=headers,
                decompress_response=False,
                raise_error=False,
            )
        finally:
            client.close()
            server.stop()
            await server.close_all_connections()

    return asyncio.run(once())


def test_the_page_is_checked_for_news_and_its_script_is_kept(built: Path) -> None:
    page, script = _fetch(built, "vnc.html"), _fetch(built, "viewer-abc.js")
    assert (page.body, script.body) == (_PAGE, _SCRIPT)
    assert page.headers["Cache-Control"] == "no-cache"
    assert script.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert page.headers["Content-Type"] == "text/html"


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("identity", None),
    ],
)
def test_what_was_compressed_ahead_is_served(
    built: Path, accepted: str, encoding: str | None
) -> None:
    answer = _fetch(built, "vnc.html", **{"Accept-Encoding": accepted})
    assert answer.headers.get("Content-Encoding") == encoding
    assert answer.headers["Vary"] == "Accept-Encoding"
    if encoding == "gzip":
        assert gzip.decompress(answer.body) == _PAGE


def test_a_known_page_is_not_sent_again(built: Path) -> None:
    tag = _fetch(built, "vnc.html").headers["Etag"]
    answer = _fetch(built, "vnc.html", **{"If-None-Match": tag})
    assert (answer.code, answer.body) == (304, b"")
    assert _fetch(built, "vnc.html", **{"If-None-Match": '"old"'}).code == 200


def test_head_has_the_headers_and_no_body(built: Path) -> None:
    answer = _fetch(built, "vnc.html", method="HEAD")
    assert (answer.code, answer.body) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(_PAGE))


def test_the_page_is_held_to_its_policy(built: Path) -> None:
    headers = _fetch(built, "vnc.html").headers
    policy = headers["Content-Security-Policy"]
    assert "script-src 'self' 'sha256-s';" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "Server" not in headers


@pytest.mark.parametrize("path", ["secret.txt", "manifest.json", "", "..%2f..", "vnc.html.gz"])
def test_nothing_but_the_manifests_files(built: Path, path: str) -> None:
    assert _fetch(built, path).code == 404


def test_a_viewer_that_was_not_built(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="make install"):
        viewer_routes(tmp_path)


def test_the_real_viewer_is_built_and_whole() -> None:
    viewer = load_viewer()
    page = viewer.files["vnc.html"].bodies[""].decode()
    (script,) = (name for name in viewer.files if name.endswith(".js"))
    assert script in page
    assert gzip.decompress(viewer.files[script].bodies["gzip"]) == viewer.files[script].bodies[""]
    assert "LICENSE.txt" in viewer.files
    assert "/*" not in page.partition("<style>")[0].partition("<script>")[2][:10]
