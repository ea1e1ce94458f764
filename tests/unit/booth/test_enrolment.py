from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from tests.unit.conftest import Clocks
from vcs.booth.enrolment import Enrolment, WrongCode
from vcs.store import NotThere, Store
from vcs.store.records import BoothPlace
from vcs.store.tables import BoothRow, PairingCodeRow
from vcs.tries import TooManyTries

KEY = b"k" * 32
HERE = "192.0.2.1"


@pytest.fixture
def enrolment(store: Store, clocks: Clocks) -> Enrolment:
    return Enrolment(store, KEY, clocks.now, clocks.monotonic)


async def test_a_code_becomes_a_token_and_neither_is_stored_readably(
    enrolment: Enrolment, store: Store, place: BoothPlace
) -> None:
    offer = await enrolment.pair(place.id)
    enrolled = await enrolment.enrol(offer.code.lower(), HERE)
    assert (enrolled.branch, enrolled.booth, enrolled.name) == ("Cilandak", 3, "Bilik 3")
    found = await enrolment.booth_for(enrolled.token)
    assert found is not None and found.id == place.id
    assert await enrolment.booth_for(enrolled.token + "x") is None
    async with store._database.reading() as session:
        hashes = [row.code_hash for row in await session.scalars(select(PairingCodeRow))]
        hashes += [str(row.device_token_hash) for row in await session.scalars(select(BoothRow))]
    for secret in (enrolled.token, offer.code, offer.code.replace("-", "")):
        assert all(secret not in stored for stored in hashes)
        assert secret not in repr(enrolled) + repr(offer)


async def test_a_code_works_once_and_for_ten_minutes(
    enrolment: Enrolment, place: BoothPlace, clocks: Clocks
) -> None:
    offer = await enrolment.pair(place.id)
    clocks.pass_by(minutes=10)
    with pytest.raises(WrongCode):
        await enrolment.enrol(offer.code, HERE)
    offer = await enrolment.pair(place.id)
    clocks.pass_by(minutes=9, seconds=59)
    await enrolment.enrol(offer.code, HERE)
    with pytest.raises(WrongCode):
        await enrolment.enrol(offer.code, HERE)


async def test_the_sixth_try_is_refused_even_with_the_right_code(
    enrolment: Enrolment, place: BoothPlace, clocks: Clocks
) -> None:
    offer = await enrolment.pair(place.id)
    for wrong in ("AAAA-AAAA", "BBBB-BBBB", "CCCC-CCCC", "nonsense!", ""):
        with pytest.raises(WrongCode):
            await enrolment.enrol(wrong, HERE)
    with pytest.raises(TooManyTries) as refused:
        await enrolment.enrol(offer.code, HERE)
    assert 0 < refused.value.retry_after_s <= 60
    clocks.pass_by(seconds=60)
    assert (await enrolment.enrol(offer.code, HERE)).booth == 3


async def test_guessers_from_everywhere_meet_a_limit_too(
    enrolment: Enrolment, place: BoothPlace
) -> None:
    for number in range(60):
        with pytest.raises(WrongCode):
            await enrolment.enrol("AAAA-AAAA", f"198.51.100.{number}")
    with pytest.raises(TooManyTries):
        await enrolment.enrol("AAAA-AAAA", "203.0.113.1")


async def test_a_branch_enrols_all_its_booths_from_one_address(
    enrolment: Enrolment, store: Store, place: BoothPlace
) -> None:
    for slot in (1, 2, 4, 5, 6):
        await store.booths.add(place.desk_id, slot)
    for booth in await store.booths.of_desk(place.desk_id):
        offer = await enrolment.pair(booth.id)
        assert (await enrolment.enrol(offer.code, HERE)).booth == booth.slot


async def test_a_whole_branch_enrols_at_the_same_moment(
    enrolment: Enrolment, store: Store, place: BoothPlace
) -> None:
    for slot in (1, 2, 4, 5, 6):
        await store.booths.add(place.desk_id, slot)
    offers = [await enrolment.pair(booth.id) for booth in await store.booths.of_desk(place.desk_id)]
    enrolled = await asyncio.gather(*(enrolment.enrol(offer.code, HERE) for offer in offers))
    assert [each.booth for each in enrolled] == [1, 2, 3, 4, 5, 6]


async def test_enrolling_anew_and_revoking_take_the_old_token_away_and_tell(
    enrolment: Enrolment, place: BoothPlace
) -> None:
    told: list[int] = []
    enrolment.on_token_changed.append(told.append)
    first = await enrolment.enrol((await enrolment.pair(place.id)).code, HERE)
    offer = await enrolment.pair(place.id)
    assert await enrolment.booth_for(first.token) is not None, "a code alone changes nothing"
    second = await enrolment.enrol(offer.code, HERE)
    assert await enrolment.booth_for(first.token) is None
    assert await enrolment.booth_for(second.token) is not None
    await enrolment.revoke(place.id)
    assert await enrolment.booth_for(second.token) is None
    assert told == [place.id] * 3


async def test_a_code_of_another_server_key_is_worth_nothing(
    enrolment: Enrolment, store: Store, place: BoothPlace, clocks: Clocks
) -> None:
    offer = await enrolment.pair(place.id)
    with pytest.raises(WrongCode):
        await Enrolment(store, b"other" * 8, clocks.now).enrol(offer.code, HERE)
    with pytest.raises(NotThere):
        await enrolment.pair(999)
