"""Case files in the browser: found, opened, written down; and closed to everybody else."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from sqlalchemy import delete

from tests.unit.visits.house import PASSWORD, House, opened
from vcs import messages as m
from vcs.booth.face import draw_face
from vcs.booth.photograph import jpeg
from vcs.http.sign_in import COOKIE
from vcs.store.records import Role
from vcs.store.visit_tables import VisitChangeRow

FACE = jpeg(draw_face(1))


@dataclass
class Browser:
    """Somebody who is signed in, or nobody."""

    house: House
    cookie: str

    async def get(self, path: str) -> tuple[int, bytes, str]:
        """Status, body, and the address of a redirect."""
        async with self.house.http.get(
            f"{self.house.server.http_url}{path}",
            headers={"Cookie": f"{COOKIE}={self.cookie}"},
            allow_redirects=False,
        ) as response:
            return response.status, await response.read(), response.headers.get("Location", "")

    async def list(self, query: str = "") -> Any:
        async with self.house.http.get(
            f"{self.house.server.http_url}/api/visits{query}",
            headers={"Cookie": f"{COOKIE}={self.cookie}"},
        ) as response:
            return response.status, await response.json()


async def sign_in(house: House, name: str, branch: int, role: Role = "officer") -> Browser:
    accounts = house.server.accounts
    await accounts.add(name, PASSWORD, branch, role=role)
    return Browser(house, (await accounts.sign_in(name, PASSWORD, "10.0.0.7")).token)


async def visited(house: House, slot: int, name: str) -> str:
    """A visit of somebody who gave his name and his face, and left. Its id."""
    booth = await house.sit_down(slot)
    await booth.ask(m.Submit, field="name", value=name)
    status, _ = await house.send_picture(slot, booth, "face", FACE)
    assert status == 200
    assert booth.state is not None
    assert booth.state.occupant is not None
    place = await house.server.store.booths.at(house.desk.id, slot)
    assert place is not None
    visit = await house.server.store.visits.open_at(place.id)
    assert visit is not None
    await booth.wire.say(m.End(booth.state.occupant))
    await booth.until(lambda: booth.visit is not None and booth.visit.flow is None)
    return str(visit.id)


async def looks(house: House, visit: str) -> list[int | None]:
    rows = await house.server.store.audit.of_visit(int(visit))
    return [row.officer_id for row in rows if row.kind == "looked"]


async def test_a_case_is_found_and_each_look_is_written_down(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        siti = await visited(house, 1, "Siti Rahmawati")
        await visited(house, 2, "Joko Susilo")
        officer = Browser(house, house.cookie)
        status, found = await officer.list()
        assert status == 200
        assert [each["visitor"] for each in found["visits"]] == ["Joko Susilo", "Siti Rahmawati"]
        last = found["visits"][0]
        more = f"?id={last['id']}&at={last['begun_at'].replace('+', '%2B')}"
        assert [each["id"] for each in (await officer.list(more))[1]["visits"]] == [siti]
        (line,) = (await officer.list("?text=siti%20rah"))[1]["visits"]
        assert (line["id"], line["title_en"], line["outcome"]) == (siti, "JHT claim", None)
        assert (await officer.list("?until=2020-01-01"))[1]["visits"] == []
        assert await looks(house, siti) == [], "a list is no look"

        picture = f"/cases/{siti}/evidence/{hashlib.sha256(FACE).hexdigest()}.jpg"
        assert (await officer.get(picture))[0] == 403, "not before a look is written down"
        status, page, _ = await officer.get(f"/cases/{siti}/")
        assert status == 200
        assert b"Siti Rahmawati" in page
        assert picture.rpartition("/cases/")[2].partition("/")[2].encode() in page
        assert len(await looks(house, siti)) == 1
        assert (await officer.get(picture))[:2] == (200, FACE)
        status, body, _ = await officer.get(f"/cases/{siti}/case.zip")
        assert status == 200
        with ZipFile(BytesIO(body)) as archive:
            assert archive.testzip() is None
            assert {"index.html", "visit.json", "audit.json"} <= set(archive.namelist())
        assert len(await looks(house, siti)) == 2


async def test_a_case_is_closed_to_everybody_else(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        siti = await visited(house, 1, "Siti Rahmawati")
        other = await house.server.store.branches.add("Bandung")
        stranger = await sign_in(house, "budi", other.id)
        guard = await sign_in(house, "satpam", house.desk.branch_id, "guard")
        nobody = Browser(house, "x")
        picture = f"/cases/{siti}/evidence/{hashlib.sha256(FACE).hexdigest()}.jpg"
        for path in (f"/cases/{siti}/", f"/cases/{siti}/case.zip", picture):
            assert (await stranger.get(path))[0] == 404, path
            assert (await guard.get(path))[0] == 401, path
            assert (await nobody.get(path))[0] == 401, path
        assert (await stranger.list())[1] == {"visits": []}
        assert (await guard.list())[0] == 401
        assert (await nobody.get("/cases"))[2] == "/sign-in?next=/cases"
        assert await looks(house, siti) == []


async def test_a_visit_whose_values_are_gone_is_told_as_gone(tmp_path: Path) -> None:
    """What it was is not to be known any more, and nobody has looked at anything."""
    async with opened(tmp_path) as house:
        siti = await visited(house, 1, "Siti Rahmawati")
        async with house.server.store._database.writing() as session:
            await session.execute(
                delete(VisitChangeRow).where(
                    VisitChangeRow.visit_id == int(siti), VisitChangeRow.number == 1
                )
            )
        officer = Browser(house, house.cookie)
        for path in (f"/cases/{siti}/", f"/cases/{siti}/case.zip"):
            status, body, _ = await officer.get(path)
            assert status == 410, path
            assert b"have been taken away" in body
        assert await looks(house, siti) == []


async def test_what_makes_no_sense_is_refused(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        officer = Browser(house, house.cookie)
        for query in (
            "?since=yesterday",
            "?until=2026-13-01",
            "?until=9999-12-31",
            "?since=0001-01-01",
            "?at=now&id=1",
            "?at=2026-01-01T00:00:00&id=1",
            "?at=2026-01-01T00:00:00%2B00:00&id=99999999999999999999",
        ):
            status, answer = await officer.list(query)
            assert (status, answer["error"]["code"]) == (400, "malformed"), query
        assert (await officer.get("/cases/9999999999999999/"))[0] == 404
        assert (await officer.get(f"/cases/1/evidence/{'a' * 63}.jpg"))[0] == 404
        assert (await officer.get("/cases/1/evidence/../../../vcs.db"))[0] == 404
