"""A request's JSON body as a type, and nothing else."""

from __future__ import annotations

import asyncio
from typing import Final, TypeVar

import msgspec
from aiohttp import web

from vcs.http.faults import Fault

MAX_BODY_BYTES: Final = 64 * 1024
BODY_WITHIN_S: Final = 10.0

T = TypeVar("T", bound=msgspec.Struct)


async def read_json(request: web.Request, wanted: type[T]) -> T:
    """Raises `Fault`. Another content type is refused before the body is read: a form of another
    site cannot send this one without asking first."""
    if request.content_type != "application/json":
        raise Fault(415, "wrong_content_type", "send application/json")
    try:
        async with asyncio.timeout(BODY_WITHIN_S):
            body = await request.read()
    except TimeoutError:
        raise Fault(408, "too_slow", "the request did not arrive in time") from None
    try:
        return msgspec.json.decode(body, type=wanted)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Fault(400, "malformed", str(error)[:200]) from None
