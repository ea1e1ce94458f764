"""Whether a request comes from our own pages (RFC 6454)."""

from __future__ import annotations

import re
from typing import Final

from aiohttp import hdrs, web

from vcs.http.app_keys import SETTINGS

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
SIGNALLING: Final = "/ws/"
_HOST: Final = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_DEFAULT_PORT: Final = {"http": ":80", "https": ":443"}


def requested_host(request: web.Request) -> str | None:
    """The one Host header, when it is a host and nothing else."""
    hosts = request.headers.getall(hdrs.HOST, [])
    if len(hosts) != 1 or _HOST.fullmatch(hosts[0]) is None:
        return None
    return hosts[0].lower()


def origin_allowed(request: web.Request) -> bool:
    """Exactly one Origin: that of the host asked for, or one that the settings name.

    Browsers send it with every POST and with every WebSocket. None at all is not allowed either:
    other clients can send the server's own.
    """
    origins = request.headers.getall(hdrs.ORIGIN, [])
    if len(origins) != 1:
        return False
    if origins[0] in request.app[SETTINGS].origins:
        return True
    host = requested_host(request)
    if host is None:
        return False
    scheme = request.scheme
    return origins[0] == f"{scheme}://{host.removesuffix(_DEFAULT_PORT.get(scheme, ''))}"


def must_show_origin(request: web.Request) -> bool:
    """Requests that change something, and WebSockets, which the same-origin rule does not cover."""
    return (
        request.method not in SAFE_METHODS
        or hdrs.UPGRADE in request.headers
        or request.path.startswith(SIGNALLING)
    )
