"""For those who watch over the server: `/health` and `/metrics`."""

from __future__ import annotations

import ipaddress

from aiohttp import web

from vcs.http.app_keys import NUMBERS, SETTINGS
from vcs.http.faults import Fault


async def health(_request: web.Request) -> web.Response:
    """The server answers."""
    return web.json_response({"status": "ok"})


async def metrics(request: web.Request) -> web.Response:
    """Numbers in Prometheus's text format, for this machine alone unless the settings say more."""
    if not request.app[SETTINGS].metrics_to_all and not _from_this_machine(request):
        raise Fault(404, "not_found", "not found")
    numbers = request.app[NUMBERS]()
    text = "".join(f"vcs_{name} {value}\n" for name, value in sorted(numbers.items()))
    return web.Response(text=text, headers={"Content-Type": "text/plain; version=0.0.4"})


def _from_this_machine(request: web.Request) -> bool:
    # Behind a proxy on this machine everybody seems to be here.
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.remote or "").is_loopback
    except ValueError:
        return False
