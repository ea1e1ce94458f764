"""Signing in and out: `/api/sign-in`, `/api/sign-out`, `/api/me`, and the session cookie."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from aiohttp import web

from vcs.http.app_keys import ACCOUNTS, SETTINGS, STORE
from vcs.http.faults import Fault
from vcs.http.json_input import read_json
from vcs.officer.accounts import SESSION_LIFE, WrongCredentials
from vcs.store.records import Officer

COOKIE: Final = "vcs_session"
MAX_TOKEN_CHARS: Final = 128


class SignIn(msgspec.Struct, forbid_unknown_fields=True):
    """Body of `/api/sign-in`."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    password: Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]


def session_token(request: web.Request) -> str | None:
    """The session cookie's value, as the client sent it: not checked against anything."""
    token = request.cookies.get(COOKIE)
    return token if token and len(token) <= MAX_TOKEN_CHARS else None


async def signed_in_officer(request: web.Request) -> Officer | None:
    """The officer who is signed in, by the cookie."""
    token = session_token(request)
    return None if token is None else await request.app[ACCOUNTS].officer_for(token)


async def signed_in_account(request: web.Request) -> Officer | None:
    """Who is signed in, be it a guard: for what is no officer's business."""
    token = session_token(request)
    return None if token is None else await request.app[ACCOUNTS].account_for(token)


async def sign_in(request: web.Request) -> web.Response:
    """Name and password become a cookie. A session that the browser already had ends."""
    given = await read_json(request, SignIn)
    accounts = request.app[ACCOUNTS]
    try:
        session = await accounts.sign_in(given.name, given.password, request.remote)
    except WrongCredentials:
        raise Fault(401, "wrong_credentials", "the name or the password is wrong") from None
    old = session_token(request)
    if old is not None:
        await accounts.sign_out(old)
    response = web.json_response(_self_description(session.officer))
    response.set_cookie(
        COOKIE,
        session.token,
        max_age=int(SESSION_LIFE.total_seconds()),
        path="/",
        httponly=True,
        samesite="Strict",
        secure=request.app[SETTINGS].tls,
    )
    return response


async def sign_out(request: web.Request) -> web.Response:
    """The session ends, here and in the store."""
    if request.can_read_body and request.content_type != "application/json":
        raise Fault(415, "wrong_content_type", "send application/json, or nothing")
    token = session_token(request)
    if token is not None:
        await request.app[ACCOUNTS].sign_out(token)
    response = web.json_response({})
    response.del_cookie(
        COOKIE,
        path="/",
        httponly=True,
        samesite="Strict",
        secure=request.app[SETTINGS].tls,
    )
    return response


async def me(request: web.Request) -> web.Response:
    """Who is signed in, and which desks there are to open."""
    officer = await signed_in_account(request)
    if officer is None:
        raise Fault(401, "not_signed_in", "sign in first")
    branches = request.app[STORE].branches
    desks = await branches.desks(officer.branch_id)
    return web.json_response(
        {
            **_self_description(officer),
            "branch": await branches.name_of(officer.branch_id),
            "desks": []
            if officer.role == "guard"
            else [{"id": desk.id, "name": desk.name, "branch": desk.branch} for desk in desks],
        }
    )


def _self_description(officer: Officer) -> dict[str, str]:
    return {
        "home": "/guard" if officer.role == "guard" else "/console",
        "name": officer.name,
        "display_name": officer.display_name,
        "language": officer.language,
    }
