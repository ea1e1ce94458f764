from __future__ import annotations

import asyncio
from datetime import timedelta

from tests.unit.conftest import Clocks
from vcs.store import Store
from vcs.store.records import BoothPlace
from vcs.tokens import new_token

TEN_MINUTES = timedelta(minutes=10)


async def test_of_many_who_spend_one_code_at_once_one_gets_the_booth(
    store: Store, place: BoothPlace, clocks: Clocks
) -> None:
    now = clocks.now()
    await store.pairing_codes.offer(place.id, "hash", now + TEN_MINUTES, now)
    tokens = [new_token() for _ in range(12)]
    spent = await asyncio.gather(
        *(store.pairing_codes.spend("hash", token, now) for token in tokens)
    )
    assert sorted(spent, key=str) == sorted([place.id] + [None] * 11, key=str)
    winner = tokens[spent.index(place.id)]
    found = await store.booths.by_token(winner)
    assert found is not None
    assert (found.id, found.enrolled, found.token_changed_at) == (place.id, True, now)
    for loser in set(tokens) - {winner}:
        assert await store.booths.by_token(loser) is None


async def test_a_new_code_replaces_the_booths_old_one_and_clears_dead_ones(
    store: Store, place: BoothPlace, clocks: Clocks
) -> None:
    other = await store.booths.add(place.desk_id, 4)
    await store.pairing_codes.offer(other.id, "dead", clocks.now() + TEN_MINUTES, clocks.now())
    clocks.pass_by(minutes=10)
    now = clocks.now()
    await store.pairing_codes.offer(place.id, "old", now + TEN_MINUTES, now)
    await store.pairing_codes.offer(place.id, "new", now + TEN_MINUTES, now)
    for code in ("dead", "old"):
        assert await store.pairing_codes.spend(code, new_token(), now) is None
    assert await store.pairing_codes.spend("new", new_token(), now) == place.id


async def test_a_code_dies_at_its_hour(store: Store, place: BoothPlace, clocks: Clocks) -> None:
    expires = clocks.now() + TEN_MINUTES
    await store.pairing_codes.offer(place.id, "hash", expires, clocks.now())
    assert await store.pairing_codes.spend("hash", new_token(), expires) is None
    before = expires - timedelta(microseconds=1)
    assert await store.pairing_codes.spend("hash", new_token(), before) == place.id
