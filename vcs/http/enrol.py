"""`/api/enrol`: a pairing code becomes a device token."""

from __future__ import annotations

from typing import Annotated

import msgspec
from aiohttp import web

from vcs.booth.enrolment import WrongCode
from vcs.http.app_keys import ENROLMENT
from vcs.http.faults import Fault
from vcs.http.json_input import read_json


class Enrol(msgspec.Struct, forbid_unknown_fields=True):
    """Body of `/api/enrol`."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]


async def enrol(request: web.Request) -> web.Response:
    """The token is told once, here, and never again."""
    given = await read_json(request, Enrol)
    try:
        enrolled = await request.app[ENROLMENT].enrol(given.code, request.remote)
    except WrongCode:
        raise Fault(403, "wrong_code", "this code is wrong, used or too old") from None
    return web.json_response(
        {
            "token": enrolled.token,
            "branch": enrolled.branch,
            "booth": enrolled.booth,
            "name": enrolled.name,
        }
    )
