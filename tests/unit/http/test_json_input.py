from __future__ import annotations

import asyncio
from unittest.mock import patch

import pytest

from tests.unit.http.conftest import Site
from vcs.http import json_input

PATH = "/api/sign-in"


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", ""],
)
async def test_content_types_that_a_form_can_send_are_refused(
    site: Site, content_type: str
) -> None:
    headers = {"Content-Type": content_type}
    answer = await site.post(PATH, headers=headers, data=b'{"name":"sari","password":"x"}')
    assert answer.status == 415
    assert (await answer.json())["error"]["code"] == "wrong_content_type"
    out = await site.post("/api/sign-out", headers=headers, data=b"x")
    assert out.status == 415


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b'{"name":"\xed\xa0\x80","password":"x"}',
        b'{"name":"\\ud800","password":"x"}',
        b'{"name":' + b"[" * 30_000,
        b'{"name":"a","password":"x"}{}',
        b"NaN",
    ],
)
async def test_broken_json_gets_a_clear_error(site: Site, body: bytes) -> None:
    answer = await site.post(PATH, headers={"Content-Type": "application/json"}, data=body)
    assert answer.status == 400
    assert (await answer.json())["error"]["code"] == "malformed"


async def test_a_body_past_64_kib_is_refused_announced_or_not(site: Site) -> None:
    headers = {"Content-Type": "application/json"}
    body = b'{"name":"sari","password":"' + b"x" * (json_input.MAX_BODY_BYTES * 2) + b'"}'

    async def in_chunks():  # type: ignore[no-untyped-def]
        for start in range(0, len(body), 4096):
            yield body[start : start + 4096]

    for data in (body, in_chunks()):
        answer = await site.post(PATH, headers=headers, data=data)
        assert answer.status == 413
        assert (await answer.json())["error"]["code"] == "too_large"


async def test_a_body_that_never_ends_is_given_up(site: Site) -> None:
    host, port = site.url.removeprefix("http://").split(":")
    with patch.object(json_input, "BODY_WITHIN_S", 0.05):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(
            f"POST {PATH} HTTP/1.1\r\nHost: {host}:{port}\r\nOrigin: {site.url}\r\n"
            "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{".encode()
        )
        async with asyncio.timeout(20):
            answer = await reader.readuntil(b"}}")
        writer.close()
        await writer.wait_closed()
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"too_slow" in answer
