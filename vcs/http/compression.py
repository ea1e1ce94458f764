"""Scripts, styles and texts go out compressed: branches pay for every megabit."""

from __future__ import annotations

from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

TEXTS: Final = (".js", ".css", ".json", ".svg")
ASKED_AGAIN: Final = ("If-None-Match", "If-Modified-Since", "Range")
"""The answer may have no body, or a part of it, and is sent as it is."""


@web.middleware
async def compress_texts(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Where the client takes it (RFC 9110 section 12.5.3). Files are public: nothing secret stands
    beside what a stranger could choose."""
    response = await handler(request)
    # Browsers alone; other clients ask for single files, and would have to read them to the end.
    browser = "br" in request.headers.get("Accept-Encoding", "")
    again = any(name in request.headers for name in ASKED_AGAIN)
    plain = request.method != "GET" or again or not browser
    if isinstance(response, web.FileResponse) and request.path.endswith(TEXTS):
        response.headers["Vary"] = "Accept-Encoding"
        if not plain:
            response.enable_compression()
    return response
