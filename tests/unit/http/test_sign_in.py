from __future__ import annotations

import pytest

from tests.unit.conftest import Clocks
from tests.unit.http.conftest import PASSWORD, Serve, Site
from vcs.http.sign_in import COOKIE
from vcs.store.records import Desk


async def test_signing_in_sets_a_cookie_that_scripts_and_other_sites_do_not_get(
    site: Site,
) -> None:
    answer = await site.sign_in()
    assert answer.status == 200
    assert await answer.json() == {
        "home": "/console",
        "name": "sari",
        "display_name": "Sari Dewi",
        "language": "id",
    }
    cookie = answer.cookies[COOKIE]
    assert len(cookie.value) == 43
    assert (cookie["path"], cookie["samesite"], cookie["max-age"]) == ("/", "Strict", "43200")
    assert cookie["httponly"]
    assert not cookie["secure"], "over plain HTTP the browser would not send it back"
    assert answer.headers["Cache-Control"] == "no-store"


async def test_behind_tls_the_cookie_is_secure(serve: Serve, desk: Desk) -> None:
    # The certificate is the socket's business; here the settings alone matter.
    site = await serve(self_signed=True)
    await site.accounts.add("sari", PASSWORD, desk.branch_id)
    assert (await site.sign_in()).cookies[COOKIE]["secure"]


async def test_me_tells_who_and_which_desks(site: Site, desk: Desk) -> None:
    assert (await site.get("/api/me")).status == 401
    await site.sign_in()
    assert await (await site.get("/api/me")).json() == {
        "home": "/console",
        "name": "sari",
        "display_name": "Sari Dewi",
        "language": "id",
        "branch": "Cilandak",
        "desks": [{"id": desk.id, "name": "Meja 1", "branch": "Cilandak"}],
    }


async def test_unknown_name_and_wrong_password_get_the_same_answer(site: Site) -> None:
    wrong = await site.sign_in(password="not the one")
    unknown = await site.sign_in(name="nobody")
    assert wrong.status == unknown.status == 401
    assert await wrong.text() == await unknown.text()
    assert (await wrong.json())["error"]["code"] == "wrong_credentials"
    assert COOKIE not in wrong.cookies


async def test_the_sixth_wrong_try_waits(site: Site, clocks: Clocks) -> None:
    for _ in range(5):
        assert (await site.sign_in(password="not the one")).status == 401
    refused = await site.sign_in()
    assert refused.status == 429
    assert refused.headers["Retry-After"] == "60"
    assert (await refused.json())["error"]["code"] == "too_many_tries"
    clocks.pass_by(minutes=1)
    assert (await site.sign_in()).status == 200


async def test_signing_out_ends_the_session_in_the_store_too(site: Site) -> None:
    cookie = (await site.sign_in()).cookies[COOKIE].value
    answer = await site.post("/api/sign-out")
    assert answer.status == 200
    assert answer.cookies[COOKIE]["max-age"] == "0"
    assert (await site.get("/api/me", headers={"Cookie": f"{COOKIE}={cookie}"})).status == 401


async def test_a_session_ends_by_time_and_by_the_next_sign_in(site: Site, clocks: Clocks) -> None:
    first = (await site.sign_in()).cookies[COOKIE].value
    await site.sign_in()
    site.browser.cookie_jar.clear()
    assert (await site.get("/api/me", headers={"Cookie": f"{COOKIE}={first}"})).status == 401
    await site.sign_in()
    assert (await site.get("/api/me")).status == 200
    clocks.pass_by(hours=12)
    assert (await site.get("/api/me")).status == 401


@pytest.mark.parametrize(
    "body",
    [
        {"name": "sari"},
        {"name": "sari", "password": 7},
        {"name": "sari", "password": ""},
        {"name": "sari", "password": "x" * 1025},
        {"name": "sari", "password": PASSWORD, "admin": True},
        [],
        "sari",
    ],
)
async def test_what_is_not_the_expected_object_is_refused(site: Site, body: object) -> None:
    answer = await site.post("/api/sign-in", body)
    assert answer.status == 400
    assert (await answer.json())["error"]["code"] == "malformed"


@pytest.mark.parametrize("cookie", ["x", "x" * 5000, '"quoted\\', ""])
async def test_a_forged_cookie_is_nobody(site: Site, cookie: str) -> None:
    answer = await site.get("/api/me", headers={"Cookie": f"{COOKIE}={cookie}"})
    assert answer.status == 401
