"""Pieces of pictures do not outlive the visit that they were for."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

from tests.unit.visits.house import BREATH_S, House, Person, opened
from vcs import messages as m
from vcs.captures.uploads import Uploads

PIECE = b"\xff\xd8 the beginning of a photograph"
DIGEST = hashlib.sha256(b"never sent whole").hexdigest()


def pieces(house_or_dir: House | Path) -> list[str]:
    directory = house_or_dir if isinstance(house_or_dir, Path) else house_or_dir.data_dir
    return sorted(path.name for path in (directory / "uploads").iterdir())


async def begin(house: House, slot: int, booth: Person) -> None:
    """A picture is announced and a piece of it sent."""
    assert booth.state is not None
    headers = {"Authorization": f"Bearer {house.tokens[slot]}"}
    url = f"{house.server.http_url}/api/booth/captures"
    announced = {
        "occupant": booth.state.occupant,
        "capture": "id_card",
        "octets": 5000,
        "digest": DIGEST,
    }
    async with house.http.post(url, json=announced, headers=headers) as response:
        assert response.status == 200
        identifier = (await response.json())["id"]
    headers["Upload-Offset"] = "0"
    async with house.http.patch(f"{url}/{identifier}", data=PIECE, headers=headers) as response:
        assert response.status == 200


async def until_left(house: House, count: int, at: Person) -> None:
    """So many files, after a while: asked for again with each answer to a ping."""
    for _ in range(200):
        if len(pieces(house)) <= count:
            return
        await asyncio.sleep(BREATH_S)
        await at.wire.say(m.Ping(1))
        await at.until(lambda: isinstance(at.heard[-1], m.Pong))


async def test_when_the_visit_ends_its_pieces_go_and_no_others(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        first, second = await house.sit_down(1), await house.sit_down(2)
        await begin(house, 1, first)
        await begin(house, 2, second)
        assert len(pieces(house)) == 4
        assert first.state is not None
        assert first.state.occupant is not None
        await first.wire.say(m.End(first.state.occupant))
        await until_left(house, 2, second)
        assert len(pieces(house)) == 2
        assert second.state is not None
        assert second.state.visit == "running"


async def test_a_server_that_starts_keeps_those_of_visits_that_go_on(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        await begin(house, 1, await house.sit_down(1))
    uploads = Uploads(tmp_path / "uploads")
    uploads.begin("left-by-a-killed-server", booth=2, octets=10, digest=DIGEST)
    (tmp_path / "uploads" / "half-a-plan.plan").write_bytes(b"{")
    assert len(pieces(tmp_path)) == 5
    async with opened(tmp_path) as house:
        assert len(pieces(house)) == 2
        assert not any("left-by" in name or "half" in name for name in pieces(house))
