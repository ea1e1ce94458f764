"""Who may see the numbers of all desks."""

from __future__ import annotations

import pytest

from tests.unit.http.conftest import PASSWORD, Serve, Site
from vcs.desk_stats import ClientStats, DeskStats
from vcs.http.sign_in import COOKIE
from vcs.store.records import Desk, Role

STATS = DeskStats(1, "Meja 1", "Cilandak", None, False, [ClientStats(None, None)])


@pytest.fixture
async def watched(serve: Serve, desk: Desk) -> Site:
    site = await serve(stats=lambda: [STATS])
    roles: tuple[Role, ...] = ("officer", "supervisor", "auditor", "administrator")
    for role in roles:
        await site.accounts.add(role, PASSWORD, desk.branch_id, role=role)
    return site


async def test_nobody_without_a_session(watched: Site) -> None:
    answer = await watched.get("/api/stats")
    assert (answer.status, (await answer.json())["error"]["code"]) == (401, "not_signed_in")
    forged = await watched.get("/api/stats", headers={"Cookie": f"{COOKIE}=x"})
    assert forged.status == 401


@pytest.mark.parametrize("role", ["officer", "supervisor", "auditor"])
async def test_no_other_role(watched: Site, role: str) -> None:
    await watched.sign_in(role)
    answer = await watched.get("/api/stats")
    assert (answer.status, (await answer.json())["error"]["code"]) == (403, "forbidden")


async def test_an_administrator_until_the_session_ends(watched: Site) -> None:
    cookie = (await watched.sign_in("administrator")).cookies[COOKIE].value
    answer = await watched.get("/api/stats")
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert await answer.json() == {
        "desks": [
            {
                "id": 1,
                "name": "Meja 1",
                "branch": "Cilandak",
                "on_air": None,
                "announcing": False,
                "clients": [{"slot": None, "link": None}],
            }
        ]
    }
    assert (await watched.post("/api/stats")).status == 405
    await watched.post("/api/sign-out")
    late = await watched.get("/api/stats", headers={"Cookie": f"{COOKIE}={cookie}"})
    assert late.status == 401
