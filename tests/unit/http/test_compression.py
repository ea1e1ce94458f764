"""Which answers go out compressed, and that what comes of it is what lies in the file."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import pytest
from aiohttp import ClientResponse, ClientSession

from tests.unit.http.conftest import Site
from vcs.http.pages import web_dir

BROWSER = {"Accept-Encoding": "gzip, deflate, br, zstd"}
SCRIPT = "/static/console/desk.js"
SPOKEN = min((web_dir() / "static" / "voices" / "id").iterdir()).name
TEXTS = [SCRIPT, "/static/console.css", "/locale/console.id.json", "/favicon.svg"]


def content(path: str) -> bytes:
    inside = "static/favicon.svg" if path == "/favicon.svg" else path.removeprefix("/")
    return (web_dir() / inside).read_bytes()


async def ask(site: Site, path: str, headers: Mapping[str, str]) -> tuple[ClientResponse, bytes]:
    """The answer, and its body as it came over the wire."""
    whole = site.url + path
    async with (
        ClientSession(auto_decompress=False) as client,
        client.get(whole, headers=headers) as answer,
    ):
        return answer, await answer.read()


def assert_plain(answer: ClientResponse) -> None:
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("path", TEXTS)
async def test_a_browser_is_sent_texts_compressed(site: Site, path: str) -> None:
    answer, sent = await ask(site, path, BROWSER)
    assert answer.status == 200
    assert answer.headers["Content-Encoding"] in ("deflate", "gzip")
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert "ETag" in answer.headers  # so that it is asked for again, and mostly not sent again
    assert zlib.decompress(sent, wbits=zlib.MAX_WBITS | 32) == content(path)


async def test_the_texts_of_the_console_take_less_than_half(site: Site) -> None:
    sent = [len((await ask(site, path, BROWSER))[1]) for path in TEXTS[:3]]
    assert sum(sent) < sum(len(content(path)) for path in TEXTS[:3]) / 2


@pytest.mark.parametrize("accepted", ["", "identity", "gzip, deflate"])
async def test_other_clients_are_sent_the_file_as_it_is(site: Site, accepted: str) -> None:
    answer, sent = await ask(site, SCRIPT, {"Accept-Encoding": accepted})
    assert_plain(answer)
    assert sent == content(SCRIPT)
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["Content-Length"] == str(len(sent))


async def test_a_part_of_a_file_is_a_part_of_what_lies_there(site: Site) -> None:
    answer, sent = await ask(site, SCRIPT, {**BROWSER, "Range": "bytes=10-19"})
    assert (answer.status, sent) == (206, content(SCRIPT)[10:20])
    assert_plain(answer)


async def test_what_a_browser_has_is_not_sent_again(site: Site) -> None:
    first, _ = await ask(site, SCRIPT, BROWSER)
    again = {"If-None-Match": first.headers["ETag"]}
    since = {"If-Modified-Since": first.headers["Last-Modified"]}
    for known in (again, since):
        answer, sent = await ask(site, SCRIPT, {**BROWSER, **known})
        assert (answer.status, sent) == (304, b"")
        assert_plain(answer)


async def test_what_a_browser_has_of_an_older_file_is_sent_whole(site: Site) -> None:
    answer, sent = await ask(site, SCRIPT, {**BROWSER, "If-None-Match": '"older"'})
    assert (answer.status, sent) == (200, content(SCRIPT))
    assert_plain(answer)


async def test_a_head_tells_the_length_of_the_file(site: Site) -> None:
    answer = await site.browser.head(site.url + SCRIPT, headers=BROWSER)
    assert answer.status == 200
    assert_plain(answer)
    assert answer.headers["Content-Length"] == str(len(content(SCRIPT)))


@pytest.mark.parametrize("path", [f"/static/voices/id/{SPOKEN}", "/sign-in", "/health"])
async def test_pages_answers_and_sounds_are_not_compressed(site: Site, path: str) -> None:
    answer, _ = await ask(site, path, BROWSER)
    assert answer.status == 200
    assert_plain(answer)
