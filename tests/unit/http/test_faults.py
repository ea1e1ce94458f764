from __future__ import annotations

import structlog
from aiohttp import web

from tests.unit.http.conftest import Serve, Site
from vcs.http import faults


async def test_errors_are_json_under_api_and_text_elsewhere(site: Site) -> None:
    api = await site.get("/api/nowhere")
    assert (api.status, api.content_type) == (404, "application/json")
    assert await api.json() == {"error": {"code": "not_found", "message": "not found"}}
    page = await site.get("/<script>alert(1)</script>")
    assert (page.status, page.content_type) == (404, "text/plain")
    assert await page.text() == "404: not found\n"
    method = await site.get("/api/enrol")
    assert (method.status, method.headers["Allow"]) == (405, "POST")
    assert (await method.json())["error"]["code"] == "method_not_allowed"


async def test_a_bug_gives_500_without_detail_and_one_log_line_for_many(serve: Serve) -> None:
    async def broken(_request: web.Request) -> web.Response:
        raise LookupError("a secret detail")

    site = await serve(extend=lambda app: app.router.add_get("/api/broken/{what}", broken))
    with structlog.testing.capture_logs() as lines:
        faults._log._last.clear()
        for number in range(20):
            answer = await site.get(f"/api/broken/{number}")
            assert answer.status == 500
            assert "secret" not in await answer.text()
    assert [line["event"] for line in lines] == ["a request failed"]
    assert lines[0]["route"] == "/api/broken/{what}"
    assert isinstance(lines[0]["exc_info"], LookupError)


async def test_a_bug_behind_an_open_websocket_closes_that_socket_alone(serve: Serve) -> None:
    async def door(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.receive()
        raise LookupError("a bug")

    site = await serve(extend=lambda app: app.router.add_get("/ws/x", door))
    async with site.browser.ws_connect(site.url + "/ws/x", origin=site.url) as socket:
        await socket.send_str("go")
        message = await socket.receive(timeout=20)
        assert message.type.name in ("CLOSE", "CLOSED", "ERROR")
    assert (await site.get("/health")).status == 200
