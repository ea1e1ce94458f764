from __future__ import annotations

import asyncio
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.unit.http.conftest import Serve, Site
from vcs.http.response_headers import content_security_policy


def _policy(header: str) -> dict[str, list[str]]:
    return {
        name: sources for name, *sources in (part.split() for part in header.split(";") if part)
    }


@pytest.mark.parametrize(
    "path", ["/booth", "/", "/console", "/static/tokens.css", "/api/me", "/nowhere", "/health"]
)
async def test_every_answer_carries_them(site: Site, path: str) -> None:
    answer = await site.get(path)
    host = site.url.removeprefix("http://")
    policy = _policy(answer.headers["Content-Security-Policy"])
    assert policy == {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "media-src": ["'self'", "blob:", "mediastream:"],
        "connect-src": ["'self'", f"ws://{host}", f"wss://{host}"],
        "font-src": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
    }
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=(self), microphone=(self)" in answer.headers["Permissions-Policy"]
    assert answer.headers["Server"] == "vcs"
    assert "Strict-Transport-Security" not in answer.headers


async def test_a_host_header_cannot_widen_the_policy(site: Site) -> None:
    answer = await site.get("/health", headers={"Host": "a; script-src *"})
    assert "*" not in answer.headers["Content-Security-Policy"]
    assert content_security_policy(None).count("ws://") == 0


async def test_hsts_comes_with_a_real_certificate_alone(serve: Serve) -> None:
    # No TLS socket is needed to see which settings give the header.
    site = await serve(self_signed=True)
    assert "Strict-Transport-Security" not in (await site.get("/health")).headers
    certificate = Path(__file__)
    site = await serve(tls_certificate=certificate, tls_key=certificate)
    header = (await site.get("/health")).headers["Strict-Transport-Security"]
    assert header == "max-age=31536000"


async def test_what_is_not_http_learns_no_version_either(site: Site) -> None:
    host, port = site.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"\x16\x03\x01 nonsense\r\n\r\n")
    async with asyncio.timeout(20):
        answer = await reader.read(4096)
    writer.close()
    await writer.wait_closed()
    assert answer.startswith(b"HTTP/1.")
    assert b" 400 " in answer
    assert b"Server: vcs\r\n" in answer
    assert version("aiohttp").encode() not in answer
