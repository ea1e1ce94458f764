"""Pictures cut and turned by numbers, over real sockets, with real files and a real worker."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiohttp import ClientSession
from PIL import Image

from tests.browser.server import BOTH_FLOWS, PASSWORD, ServerProcess
from tests.unit.http.rig import Wire
from tests.unit.visits.house import House, Person, opened
from vcs import messages as m
from vcs.booth.card import Holder, draw_card
from vcs.booth.device_token import enrol
from vcs.booth.face import draw_face
from vcs.booth.photograph import Shot, jpeg, photograph
from vcs.config import Settings
from vcs.store import Store
from vcs.store.evidence import evidence_path
from vcs.store.visit_records import Conflict
from vcs.visits import changes as c
from vcs.visits.cutting import MAX_DERIVED

SITIS = Holder(1, "SITI RAHMAWATI", "3174055207890004", "JAKARTA", "12-07-1989")
CARD = jpeg(photograph(draw_card(SITIS, 1400), Shot()))
FACE = jpeg(draw_face(1))
WIDTH, HEIGHT = Image.open(BytesIO(CARD)).size
PART = (200, 100, 840, 500)
DYING = Path(__file__).parent / "dying_server.py"


class Desk:
    """One booth with a card's picture, and the officer before it."""

    def __init__(self, house: House, officer: Person, visit: int, data_dir: Path) -> None:
        self.house = house
        self.officer = officer
        self.visit = visit
        self.data_dir = data_dir
        self.about: dict[str, Any] = {"slot": 2, "visit": f"visit-{visit}"}

    async def cut(self, picture: str, turns: int, rectangle: tuple[int, ...]) -> str | None:
        """Null when it is kept, else the code of the refusal."""
        return self.said(
            await self.officer.ask(
                m.DeriveCapture,
                picture=picture,
                quarter_turns=turns,
                rectangle=rectangle,
                **self.about,
            )
        )

    async def choose(self, picture: str) -> str | None:
        return self.said(await self.officer.ask(m.ChooseCapture, picture=picture, **self.about))

    @staticmethod
    def said(answer: m.Message) -> str | None:
        assert isinstance(answer, m.Ack | m.SheetRefused), answer
        return answer.code if isinstance(answer, m.SheetRefused) else None

    async def log(self) -> list[c.AnyChange]:
        stored = await self.house.server.store.visits.load(self.visit)
        assert stored is not None
        return [entry.change for entry in stored.log]

    @property
    def files(self) -> set[str]:
        return {path.name for path in (self.data_dir / "evidence" / str(self.visit)).iterdir()}

    async def findings(self) -> list[str]:
        check = self.house.server.store.audit_check(self.data_dir)
        return [str(each) async for each in check.findings()]


@asynccontextmanager
async def desk_with(data_dir: Path, **pictures: bytes) -> AsyncIterator[tuple[Desk, list[str]]]:
    """And the ids of the pictures."""
    async with opened(data_dir) as house:
        booth = await house.sit_down(2)
        officer = await house.console()
        for name, data in pictures.items():
            status, _ = await house.send_picture(2, booth, name, data)
            assert status == 200
        await booth.until(lambda: booth.visit and len(booth.visit.pictures) == len(pictures))
        assert booth.visit is not None
        stored = await house.server.store.visits.open_at(2)
        assert stored is not None
        yield (
            Desk(house, officer, stored.id, data_dir),
            [each.id for each in booth.visit.pictures],
        )


async def test_a_part_is_cut_out_turned_and_looked_at(tmp_path: Path) -> None:
    async with desk_with(tmp_path, id_card=CARD, face=FACE) as (desk, [card, face]):
        assert await desk.cut(card, 1, PART) is None
        (derived,) = [each for each in await desk.log() if isinstance(each, c.CaptureDerived)]
        assert (derived.of, derived.quarter_turns, derived.rectangle) == (card, 1, PART)
        assert derived.of_digest == hashlib.sha256(CARD).hexdigest()
        data = evidence_path(tmp_path, desk.visit, derived.digest).read_bytes()
        assert hashlib.sha256(data).hexdigest() == derived.digest
        assert Image.open(BytesIO(data)).size == (derived.width, derived.height) == (400, 640)
        original = evidence_path(tmp_path, desk.visit, derived.of_digest)
        assert original.read_bytes() == CARD
        # The same again is the same one.
        before = len(await desk.log())
        assert await desk.cut(card, 1, PART) is None
        assert len(await desk.log()) == before
        # The original again, and what was cut out.
        assert await desk.choose(card) is None
        assert await desk.cut(card, 1, PART) is None
        chosen = [each for each in await desk.log() if isinstance(each, c.CaptureChosen)]
        assert chosen == [c.CaptureChosen(card, card), c.CaptureChosen(card, derived.id)]
        compared = await desk.officer.ask(
            m.Compare, card=derived.id, face=face, same=True, **desk.about
        )
        assert isinstance(compared, m.Ack)
        async with desk.house.http.get(
            f"{desk.house.server.http_url}/captures/{derived.id}",
            headers={"Cookie": f"vcs_session={desk.house.cookie}"},
        ) as shown:
            assert await shown.read() == data
        assert await desk.findings() == []
        evidence_path(tmp_path, desk.visit, derived.digest).unlink()
        (finding,) = await desk.findings()
        assert "missing" in finding


async def test_what_cannot_be_cut_is_refused_in_words(tmp_path: Path) -> None:
    async with desk_with(tmp_path, id_card=CARD) as (desk, [card]):
        before = desk.files, len(await desk.log())
        assert await desk.cut(card, 0, (0, 0, WIDTH + 1, HEIGHT)) == "cut_outside"
        assert await desk.cut(card, 0, (500, 100, 100, 200)) == "cut_outside"
        assert await desk.cut(card, 0, (100, 100, 131, 400)) == "cut_small"
        assert await desk.cut(card, 0, (0, 0, WIDTH, HEIGHT)) == "cut_nothing"
        assert await desk.cut("no-such-picture", 1, PART) == "no_capture"
        assert await desk.choose("no-such-picture") == "no_capture"
        path = evidence_path(tmp_path, desk.visit, hashlib.sha256(CARD).hexdigest())
        path.write_bytes(CARD[:-1])
        assert await desk.cut(card, 1, PART) == "no_original"
        path.write_bytes(CARD)
        assert (desk.files, len(await desk.log())) == before
        for at in range(MAX_DERIVED):
            assert await desk.cut(card, 0, (at, 0, at + 100, 100)) is None
        assert await desk.cut(card, 1, PART) == "cut_many"
        assert await desk.cut(card, 0, (0, 0, 100, 100)) is None, "it is there already"


async def test_a_cut_that_is_refused_at_last_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk_with(tmp_path, id_card=CARD) as (desk, [card]):
        before = desk.files
        visits = desk.house.server.store.visits

        async def refused(*_: object, **__: object) -> int:
            raise Conflict("somebody else was first")

        async def broken(*_: object, **__: object) -> int:
            raise OSError("the disk is full")

        monkeypatch.setattr(visits, "record", refused)
        assert await desk.cut(card, 1, PART) == "conflict"
        assert desk.files == before
        # Nobody knows whether this was written: the file stays until the server starts again.
        monkeypatch.setattr(visits, "record", broken)
        assert await desk.cut(card, 1, PART) == "not_saved"
        assert len(desk.files) == len(before) + 1
        monkeypatch.undo()
    async with opened(tmp_path):
        assert desk.files == before


@pytest.mark.parametrize("dies", ["dies_before", "dies_after"])
async def test_a_server_that_dies_leaves_both_the_file_and_the_change_or_neither(
    tmp_path: Path, dies: str
) -> None:
    server = ServerProcess(tmp_path, (str(DYING),), dict(BOTH_FLOWS))
    code, *_ = await asyncio.to_thread(server.prepare, 1)
    await asyncio.to_thread(server.start)
    evidence = tmp_path / "evidence"
    try:
        token = await enrol(server.url, code)
        async with asyncio.timeout(240), ClientSession(headers={"Origin": server.url}) as http:
            body = {"name": "andi", "password": PASSWORD}
            async with http.post(f"{server.url}/api/sign-in", json=body) as answer:
                cookie = answer.cookies["vcs_session"].value
            serving = cast("Any", SimpleNamespace(http_url=server.url))
            house = House(serving, cast("Any", None), {1: token}, http, cookie, tmp_path)
            booth = await house.sit_down(1)
            officer = await house.console()
            await house.send_picture(1, booth, "id_card", CARD)
            await booth.until(lambda: booth.visit is not None and booth.visit.pictures)
            (directory,) = evidence.iterdir()
            before = {path.name for path in directory.iterdir()}
            (tmp_path / dies).touch()
            assert booth.visit is not None
            await officer.wire.say(
                m.DeriveCapture(
                    9, 1, f"visit-{directory.name}", booth.visit.pictures[0].id, 1, PART
                )
            )
            await _gone(officer.wire)
            await house.leave()
        assert len(list(directory.iterdir())) == len(before) + 1, "it died with the file kept"
        server.kill()
        (tmp_path / dies).unlink()
        await asyncio.to_thread(server.start)
        store = await Store.open(Settings(data_dir=tmp_path).database_url)
        stored = await store.visits.load(int(directory.name))
        await store.close()
        assert stored is not None
        named = [e.change.digest for e in stored.log if isinstance(e.change, c.CaptureDerived)]
        assert {path.name for path in directory.iterdir()} == before | set(named)
        assert len(named) == (dies == "dies_after")
        server.run(["audit", "verify"])
    finally:
        server.stop()


async def _gone(wire: Wire) -> None:
    """Until the server at its other end is."""
    while not wire.socket.closed:
        await wire.socket.receive()
