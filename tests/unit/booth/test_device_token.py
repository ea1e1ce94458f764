from __future__ import annotations

import stat
from pathlib import Path

import pytest
from aiohttp import web

from vcs.booth.device_token import (
    EnrolmentRefused,
    enrol,
    origin_of,
    read_token,
    tls_context,
    write_token,
)


def test_a_token_is_kept_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "booth.token"
    assert read_token(path) is None
    for token in ("first-token-0123456789", "second-token-0123456789"):
        write_token(path, token)
        assert read_token(path) == token
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["booth.token"]


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("https://vcs.example/booth?x=1", "https://vcs.example"),
        ("https://[::1]:8443/", "https://[::1]:8443"),
    ],
)
def test_origins(url: str, origin: str) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize("url", ["", "vcs.example", "ftp://vcs.example", "http://"])
def test_what_is_no_server_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="not the address"):
        origin_of(url)


def test_certificates_are_checked_unless_told_otherwise() -> None:
    assert tls_context("http://vcs.example") is None
    strict = tls_context("https://vcs.example")
    loose = tls_context("https://vcs.example", insecure=True)
    assert strict is not None
    assert strict.check_hostname
    assert loose is not None
    assert not loose.check_hostname


async def test_codes_are_traded_and_refusals_told() -> None:
    async def answer(request: web.Request) -> web.Response:
        assert request.headers["Origin"] == f"http://{request.host}"
        given = await request.json()
        if given == {"code": "GOOD-CODE"}:
            return web.json_response({"token": "t" * 32, "booth": 1})
        if given == {"code": "ODD"}:
            return web.Response(text="no JSON")
        return web.json_response({"error": {"code": "x", "message": "too old"}}, status=403)

    app = web.Application()
    app.router.add_post("/api/enrol", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        assert await enrol(url, "GOOD-CODE") == "t" * 32
        with pytest.raises(EnrolmentRefused, match="too old"):
            await enrol(url, "BAD-CODE")
        with pytest.raises(EnrolmentRefused, match="200"):
            await enrol(url, "ODD")
    finally:
        await runner.cleanup()
    with pytest.raises(OSError, match=r"refused|Connect"):
        await enrol(url, "GOOD-CODE")
