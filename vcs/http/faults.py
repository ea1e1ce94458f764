"""What a client is told when something is wrong: JSON under /api, plain text elsewhere."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Final

from aiohttp import hdrs, web

from vcs.http.origins import must_show_origin, origin_allowed
from vcs.logs import rate_limited
from vcs.officer.passwords import Overloaded
from vcs.tries import TooManyTries

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
OVERLOAD_RETRY_S: Final = 2.0

_log = rate_limited("vcs.http")
_CODES: Final = {
    400: "bad_request",
    401: "not_signed_in",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "too_slow",
    413: "too_large",
    415: "wrong_content_type",
    429: "too_many",
}


class Fault(Exception):
    """Answer with this status; `code` is for programs, the message for people."""

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers or {}


@web.middleware
async def answer_faults(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The outermost middleware: no exception of a handler gets past it unanswered."""
    try:
        if must_show_origin(request) and not origin_allowed(request):
            raise Fault(403, "wrong_origin", "requests from other sites are refused")
        return await handler(request)
    except Fault as fault:
        return _answer(request, fault)
    except TooManyTries as refusal:
        return _answer(request, _later(429, refusal.retry_after_s, "too many tries, wait a little"))
    except Overloaded:
        return _answer(request, _later(503, OVERLOAD_RETRY_S, "too much to do, try again soon"))
    except web.HTTPException as exception:
        if exception.status < 400:
            raise
        return _answer(request, _fault_of(exception))
    except ConnectionError:
        raise  # the client has gone, there is nobody to answer
    except Exception as error:
        _log.error(
            "a request failed", route=_route(request), reason=type(error).__name__, exc_info=error
        )
        if request.writer.output_size > 0:
            raise  # an answer, or a WebSocket, has begun: aiohttp closes the connection
        return _answer(request, Fault(500, "internal", "something went wrong here"))


def _later(status: int, seconds: float, message: str) -> Fault:
    retry: dict[str, str] = {hdrs.RETRY_AFTER: str(max(1, math.ceil(seconds)))}
    return Fault(status, "too_many_tries" if status == 429 else "busy", message, retry)


def _fault_of(exception: web.HTTPException) -> Fault:
    allow = exception.headers.get(hdrs.ALLOW)
    return Fault(
        exception.status,
        _CODES.get(exception.status, "error"),
        HTTPStatus(exception.status).phrase.lower(),
        {hdrs.ALLOW: allow} if allow else None,
    )


def _answer(request: web.Request, fault: Fault) -> web.Response:
    if request.path.startswith("/api/"):
        body = {"error": {"code": fault.code, "message": str(fault)}}
        return web.json_response(body, status=fault.status, headers=fault.headers)
    return web.Response(
        status=fault.status, text=f"{fault.status}: {fault}\n", headers=fault.headers
    )


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "none"
