"""Headers of every answer: what a page may load, whom it may talk to, who may frame it."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from vcs.http.app_keys import SETTINGS
from vcs.http.origins import requested_host

SERVER_NAME: Final = "vcs"
ONE_YEAR_S: Final = 31_536_000
FIXED: Final = {
    "Server": SERVER_NAME,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # The choice of a loudspeaker is not named: it is a page's own by default, and of the browsers
    # that have it not all know its name here and complain in each page.
    "Permissions-Policy": (
        "camera=(self), microphone=(self), autoplay=(self), fullscreen=(self), "
        "screen-wake-lock=(self), display-capture=(), geolocation=(), "
        "payment=(), usb=(), serial=(), hid=(), midi=()"
    ),
}
FILES: Final = ("/static/", "/locale/", "/favicon.svg")


def content_security_policy(host: str | None) -> str:
    """Own files alone; no inline script. `host` as asked for: not every browser reads 'self' as
    allowing WebSockets to the same host."""
    sockets = f" ws://{host} wss://{host}" if host else ""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        f"media-src 'self' blob: mediastream:; connect-src 'self'{sockets}; font-src 'self'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    )


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """For the application's `on_response_prepare`."""
    response.headers.update(FIXED)
    # What is no page of ours, as a picture or a case file, brings a stricter one of its own.
    response.headers.setdefault(
        "Content-Security-Policy", content_security_policy(requested_host(request))
    )
    # Files are asked for again each time and mostly answered 304: a new version shows at once.
    # Nothing else may lie in a cache of a shared machine.
    cache = "no-cache" if request.path.startswith(FILES) else "no-store"
    response.headers.setdefault("Cache-Control", cache)
    settings = request.app[SETTINGS]
    # A browser lets nobody past the warning of a self-signed certificate once it has seen this.
    if settings.tls and not settings.self_signed:
        response.headers["Strict-Transport-Security"] = f"max-age={ONE_YEAR_S}"
