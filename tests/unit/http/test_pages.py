from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from aiohttp.test_utils import make_mocked_request
from jinja2 import UndefinedError

from tests.unit.http.conftest import Site
from vcs.http.pages import templates, wanted_language, web_dir


async def test_the_bare_address_leads_to_the_console_by_way_of_signing_in(site: Site) -> None:
    first = await site.get("/")
    assert (first.status, first.headers["Location"]) == (302, "/console")
    second = await site.get("/console")
    assert (second.status, second.headers["Location"]) == (302, "/sign-in")
    third = await site.get("/console?desk=2")
    assert third.headers["Location"] == "/sign-in?next=/console?desk%3D2"
    await site.sign_in()
    console = await site.get("/console")
    assert console.status == 200
    assert console.content_type == "text/html"
    assert console.headers["Cache-Control"] == "no-store"
    assert "<!doctype html>" in (await console.text()).lower()


@pytest.mark.parametrize(
    ("accept", "language"),
    [("", "id"), ("en-US,en;q=0.9", "en"), ("fr, id-ID, en", "id"), ("fr", "id")],
)
def test_english_is_spoken_to_browsers_that_put_it_first(accept: str, language: str) -> None:
    request = make_mocked_request("GET", "/sign-in", headers={"Accept-Language": accept})
    assert wanted_language(request) == language


async def test_the_sign_in_page_is_open_to_all(site: Site) -> None:
    answer = await site.get("/sign-in")
    assert (answer.status, answer.content_type) == (200, "text/html")
    assert "/static/sign-in.js" in await answer.text()


def test_templates_escape_and_refuse_names_that_nobody_gives(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text("{{ version }}{{ language }}")
    page = templates(tmp_path).get_template("page.html")
    assert page.render(version="<b>", language="id") == "&lt;b&gt;id"
    with pytest.raises(UndefinedError):
        page.render(version="1")


async def test_the_booths_page_is_open_to_all_and_loads_only_what_is_here(site: Site) -> None:
    answer = await site.get("/booth")
    assert answer.status == 200
    text = await answer.text()
    assert "http://" not in text and "https://" not in text


async def test_files_are_asked_for_again_and_not_sent_again(site: Site) -> None:
    first = await site.get("/static/tokens.css")
    assert (first.status, first.content_type) == (200, "text/css")
    assert first.headers["Cache-Control"] == "no-cache"
    etag = first.headers["ETag"]
    again = await site.get("/static/tokens.css", headers={"If-None-Match": etag})
    assert again.status == 304
    assert await again.read() == b""


async def test_scripts_texts_and_the_icon_have_their_types(site: Site) -> None:
    script = await site.get("/static/signal.js")
    assert script.content_type in ("text/javascript", "application/javascript")
    texts = await site.get("/locale/booth.id.json")
    assert texts.content_type == "application/json"
    assert json.loads(await texts.text())
    icon = await site.get("/favicon.svg")
    assert (icon.status, icon.content_type) == (200, "image/svg+xml")


@pytest.mark.parametrize(
    "path",
    [
        "/static/",
        "/static",
        "/static/../templates/booth.html",
        "/static/%2e%2e/templates/booth.html",
        "/static/..%2ftemplates/booth.html",
        "/static//etc/passwd",
        "/templates/booth.html",
        "/locale/../../pyproject.toml",
        "/static/%00",
    ],
)
async def test_nothing_beside_the_files_is_given_out(site: Site, path: str) -> None:
    host, port = site.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    async with asyncio.timeout(20):
        answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    assert answer.split(b" ", 2)[1] in (b"403", b"404")
    assert b"doctype" not in answer and b"root:" not in answer and b"[project]" not in answer


def test_the_web_files_are_found_beside_the_package() -> None:
    assert (web_dir() / "static" / "tokens.css").is_file()
