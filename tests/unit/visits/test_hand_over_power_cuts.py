"""The server is killed, as by a power cut, in the middle of a hand-over: the visit and its booth
are at one desk or at the other, both at the same one, and the visitor goes on."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

import pytest

from tests.browser.server import BOTH_FLOWS, ServerProcess
from tests.unit.visits.house import Person, with_media
from tests.unit.visits.officers import officer_at
from tests.unit.visits.test_hand_over import offers
from tests.unit.visits.test_power_cuts import assert_kept, visitor_at
from tests.unit.visits.test_studio import DYING
from vcs import messages as m
from vcs.booth.claim import claim_of
from vcs.config import Settings
from vcs.store import Store
from vcs.visits import changes as c

FIRST, SECOND = 1, 2
"""Andi's desk and Budi's."""
WITHIN_S: Final = 240.0


def occupied(person: Person) -> list[int]:
    """Slots of this desk with a visitor, of the last that was told."""
    if person.desk is None:
        return []
    return [tile.slot for tile in person.desk.tiles if tile.occupant is not None]


async def _offered(andi: Person, budi: Person) -> int:
    """Booth 1's visit is on Budi's card."""
    await andi.until(lambda: occupied(andi) == [1])
    talker = await with_media(andi, 6)  # or he is told of no visit
    assert isinstance(await andi.ask(m.Focus, slot=1), m.Ack)
    await andi.until(lambda: andi.sheet is not None and andi.sheet.visit is not None)
    assert andi.sheet is not None
    answer = await andi.ask(
        m.OfferHandOver, slot=1, visit=andi.sheet.visit, desk=SECOND, reason="Ahli waris dua orang"
    )
    assert isinstance(answer, m.Ack), answer
    await talker.close()
    await budi.until(lambda: bool(offers(budi)))
    return offers(budi)[0].offer


async def _assert_at(data_dir: Path, desk: int) -> None:
    """On the disk: the visit's log, and where its booth is."""
    store = await Store.open(Settings(data_dir=data_dir).database_url)
    try:
        booth = await store.booths.at(FIRST, 1)
        (line,) = await store.visits.search(None)
        visit = await store.visits.load(line.id)
        assert booth is not None and visit is not None
        handed = [each.change for each in visit.log if isinstance(each.change, c.HandedOver)]
        assert [each.to_desk for each in handed] == ([SECOND] if desk == SECOND else [])
        assert booth.now_desk_id == desk
    finally:
        await store.close()


@pytest.mark.parametrize(("dies", "at"), [("dies_before", FIRST), ("dies_after", SECOND)])
async def test_a_visit_is_at_one_desk_or_the_other(tmp_path: Path, dies: str, at: int) -> None:
    server = ServerProcess(tmp_path, program=(str(DYING),), settings=dict(BOTH_FLOWS))
    claim = claim_of(2)
    noted, life = await visitor_at(server, claim)
    try:
        async with asyncio.timeout(WITHIN_S):
            await noted.until(lambda: len(noted.acknowledged) >= 3)
            async with (
                officer_at(server, "andi", FIRST) as andi,
                officer_at(server, "budi", SECOND) as budi,
            ):
                offer = await _offered(andi, budi)
                (tmp_path / dies).touch()
                await budi.wire.say(m.AnswerHandOver(99, offer, True))
                await noted.until(lambda: noted.visit is None)
            server.kill()  # it is dead; this takes note of it
            (tmp_path / dies).unlink()
            done = list(noted.acknowledged)
            await _assert_at(tmp_path, at)
            await asyncio.to_thread(server.start)
            await noted.until(lambda: noted.visit is not None)
            assert noted.visit is not None
            assert_kept(noted.visit, claim, done)
            more = len(noted.acknowledged) + 2
            await noted.until(lambda: len(noted.acknowledged) >= more)
            # There and nowhere else, and from the first desk it can be offered again.
            async with (
                officer_at(server, "andi", FIRST) as andi,
                officer_at(server, "budi", SECOND) as budi,
            ):
                here, other = (andi, budi) if at == FIRST else (budi, andi)
                await here.until(lambda: len(occupied(here)) == 1)
                await other.until(lambda: other.desk is not None)
                assert occupied(other) == []
                if at == FIRST:
                    offer = await _offered(andi, budi)
                    answer = await budi.ask(m.AnswerHandOver, offer=offer, accepted=True)
                    assert isinstance(answer, m.Ack), answer
    finally:
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)
        server.stop()
    await _assert_at(tmp_path, SECOND)
    server.run(["audit", "verify"])  # ends with 1 when anything is amiss
