"""The pages and their files, from `web/`."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import jinja2
from aiohttp import hdrs, web

import vcs
from vcs.http.app_keys import TEMPLATES
from vcs.http.sign_in import signed_in_account, signed_in_officer

VERSION: Final = version("vcs")


def web_dir() -> Path:
    """Where the web files lie: inside the installed package, beside it in a checkout."""
    package = Path(vcs.__file__).parent
    inside = package / "web"
    return inside if inside.is_dir() else package.parent / "web"


def templates(directory: Path) -> jinja2.Environment:
    """Everything that is filled in is escaped, and a name that is not given is an error."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(directory / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        auto_reload=False,
    )


def wanted_language(request: web.Request) -> str:
    """`en` when the browser puts English before Indonesian, else `id`."""
    for part in request.headers.get(hdrs.ACCEPT_LANGUAGE, "")[:200].split(","):
        language = part.split(";", 1)[0].strip().lower().split("-", 1)[0]
        if language in ("id", "en"):
            return language
    return "id"


def _page(request: web.Request, name: str, language: str) -> web.Response:
    template = request.app[TEMPLATES].get_template(name)
    text = template.render(version=VERSION, language=language)
    return web.Response(text=text, content_type="text/html")


async def start(_request: web.Request) -> web.Response:
    """People who type the bare address are officers; booths open theirs by configuration."""
    raise web.HTTPFound("/console")


async def booth(request: web.Request) -> web.Response:
    """The booth's page: open to all, and of no use without a token."""
    return _page(request, "booth.html", "id")


async def sign_in_page(request: web.Request) -> web.Response:
    """Name and password."""
    return _page(request, "sign-in.html", wanted_language(request))


async def console(request: web.Request) -> web.Response:
    """The console, for who is signed in."""
    officer = await signed_in_officer(request)
    if officer is None:
        if await signed_in_account(request) is not None:
            raise web.HTTPFound("/guard")
        # Back to the very desk that was asked for, afterwards.
        wanted = "?" + urlencode({"next": request.path_qs}) if request.query_string else ""
        raise web.HTTPFound("/sign-in" + wanted)
    return _page(request, "console.html", officer.language)


async def guard(request: web.Request) -> web.Response:
    """The guard's tablet at the door, for who is signed in there; officers may use it too."""
    account = await signed_in_account(request)
    if account is None:
        raise web.HTTPFound("/sign-in?" + urlencode({"next": "/guard"}))
    return _page(request, "guard.html", account.language)


async def cases(request: web.Request) -> web.Response:
    """The list of visits, for officers."""
    officer = await signed_in_officer(request)
    if officer is None:
        raise web.HTTPFound("/sign-in?" + urlencode({"next": "/cases"}))
    return _page(request, "cases.html", officer.language)


def add_pages(app: web.Application, directory: Path) -> None:
    """Routes of pages and files. Files are named by an ETag of time and size."""

    async def favicon(_request: web.Request) -> web.FileResponse:
        return web.FileResponse(directory / "static" / "favicon.svg")

    app[TEMPLATES] = templates(directory)
    app.router.add_get("/", start)
    app.router.add_get("/booth", booth)
    app.router.add_get("/sign-in", sign_in_page)
    app.router.add_get("/console", console)
    app.router.add_get("/guard", guard)
    app.router.add_get("/cases", cases)
    app.router.add_get("/favicon.svg", favicon)
    app.router.add_static("/static/", directory / "static")
    app.router.add_static("/locale/", directory / "locale")
