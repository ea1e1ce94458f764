from __future__ import annotations

import pytest
from aiohttp import WSServerHandshakeError, web

from tests.unit.http.conftest import Serve, Site
from vcs.store.records import BoothPlace

EVIL = "https://evil.example"


@pytest.mark.parametrize(
    "origin", [EVIL, "null", "", "http://127.0.0.1", "http://localhost:{port}"]
)
async def test_a_post_from_another_origin_changes_nothing(
    site: Site, place: BoothPlace, origin: str
) -> None:
    offer = await site.enrolment.pair(place.id)
    origin = origin.format(port=site.url.rsplit(":", 1)[1])
    refused = await site.post("/api/enrol", {"code": offer.code}, {"Origin": origin})
    assert refused.status == 403
    assert (await refused.json())["error"]["code"] == "wrong_origin"
    assert (await site.post("/api/enrol", {"code": offer.code})).status == 200


async def test_a_post_without_origin_or_with_two_is_refused(site: Site) -> None:
    body = {"name": "sari", "password": "x"}
    bare = await site.browser.post(site.url + "/api/sign-in", json=body)
    assert bare.status == 403
    doubled = await site.browser.post(
        site.url + "/api/sign-in", json=body, headers=[("Origin", site.url), ("Origin", EVIL)]
    )
    assert doubled.status == 403


async def test_origins_of_the_settings_are_let_in(serve: Serve, place: BoothPlace) -> None:
    site = await serve(origins=("https://counter.example",))
    offer = await site.enrolment.pair(place.id)
    headers = {"Origin": "https://counter.example"}
    assert (await site.post("/api/enrol", {"code": offer.code}, headers)).status == 200


async def test_the_host_header_counts_only_when_it_is_a_host(site: Site) -> None:
    body = {"name": "sari", "password": "x"}
    for host, origin, status in (
        ("counter.example", "http://counter.example", 401),
        ("Counter.Example:80", "http://counter.example", 401),
        ("[::1]:8080", "http://[::1]:8080", 401),
        ("counter.example/x", "http://counter.example/x", 403),
        ("a;b", "http://a;b", 403),
    ):
        answer = await site.post("/api/sign-in", body, {"Host": host, "Origin": origin})
        assert answer.status == status, host


async def test_a_websocket_from_another_origin_is_refused_before_its_handler_runs(
    serve: Serve,
) -> None:
    opened = []

    async def door(request: web.Request) -> web.WebSocketResponse:
        opened.append(request.path)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.close()
        return socket

    site = await serve(extend=lambda app: app.router.add_get("/ws/booth", door))
    for headers in ({}, {"Origin": EVIL}, {"Origin": "null"}):
        with pytest.raises(WSServerHandshakeError) as refused:
            await site.browser.ws_connect(site.url + "/ws/booth", headers=headers)
        assert refused.value.status == 403
    assert (await site.get("/ws/booth")).status == 403
    assert opened == []
    async with site.browser.ws_connect(site.url + "/ws/booth", origin=site.url) as socket:
        assert (await socket.receive()).data == 1000
    assert opened == ["/ws/booth"]
