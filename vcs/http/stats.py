"""`/api/stats`: every desk and every client in numbers, for administrators alone."""

from __future__ import annotations

import msgspec
from aiohttp import web

from vcs.http.app_keys import STATS
from vcs.http.faults import Fault
from vcs.http.sign_in import signed_in_officer


async def stats(request: web.Request) -> web.Response:
    """The links of all clients as they are now (`vcs.desk_stats`)."""
    officer = await signed_in_officer(request)
    if officer is None or officer.disabled:
        raise Fault(401, "not_signed_in", "sign in first")
    if officer.role != "administrator":
        raise Fault(403, "forbidden", "administrators alone may see this")
    body = msgspec.json.encode({"desks": request.app[STATS]()})
    return web.Response(body=body, content_type="application/json", charset="utf-8")
