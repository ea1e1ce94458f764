from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcs.tries import MOST_WAITING, WINDOW_S, TooManyTries, TryLimit, address_key


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def attempt(limit: TryLimit, key: str, *, good: bool = False) -> None:
    async with limit.trying(key) as forgive:
        if good:
            forgive()


async def test_the_sixth_try_of_a_minute_is_refused_until_the_first_is_a_minute_old() -> None:
    clock = Clock()
    limit = TryLimit(5, 100, clock)
    for second in range(5):
        clock.now = float(second)
        await attempt(limit, "a")
    with pytest.raises(TooManyTries) as refused:
        await attempt(limit, "a")
    assert refused.value.retry_after_s == WINDOW_S - 4
    await attempt(limit, "b")
    clock.now = WINDOW_S
    await attempt(limit, "a")
    with pytest.raises(TooManyTries):
        await attempt(limit, "a")


async def test_many_keys_meet_the_overall_limit() -> None:
    limit = TryLimit(5, 3, Clock())
    for key in "abc":
        await attempt(limit, key)
    with pytest.raises(TooManyTries):
        await attempt(limit, "d")


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.floats(0, 30), st.booleans()), min_size=1, max_size=60
    )
)
def test_no_window_holds_more_failures_than_allowed(
    tries: list[tuple[str, float, bool]],
) -> None:
    clock = Clock()
    limit = TryLimit(3, 7, clock)
    failures: list[tuple[float, str]] = []

    async def run() -> None:
        for key, pause, good in tries:
            clock.now += pause
            try:
                await attempt(limit, key, good=good)
            except TooManyTries as refused:
                assert 0 < refused.retry_after_s <= WINDOW_S
                continue
            if not good:
                failures.append((clock.now, key))
            recent = [who for at, who in failures if at + WINDOW_S > clock.now]
            assert len(recent) <= 7
            assert all(recent.count(who) <= 3 for who in "abc")

    asyncio.run(run())


async def test_forgiving_gives_the_place_back() -> None:
    limit = TryLimit(1, 1, Clock())
    for _ in range(10):
        await attempt(limit, "a", good=True)
    await attempt(limit, "a")
    with pytest.raises(TooManyTries):
        await attempt(limit, "a")


async def at_once(limit: TryLimit, goods: list[bool]) -> tuple[list[bool], int]:
    """Each whether it was let in, and how many were under way at the same time at most."""
    under_way, most = 0, 0

    async def one(good: bool) -> bool:
        nonlocal under_way, most
        try:
            async with limit.trying("a") as forgive:
                under_way += 1
                most = max(most, under_way)
                await asyncio.sleep(0)
                under_way -= 1
                if good:
                    forgive()
        except TooManyTries:
            return False
        return True

    return list(await asyncio.gather(*(one(good) for good in goods))), most


async def test_good_tries_at_once_are_all_let_in_a_few_at_a_time() -> None:
    assert await at_once(TryLimit(5, 100, Clock()), [True] * 12) == ([True] * 12, 5)


async def test_guesses_at_once_gain_nothing() -> None:
    limit = TryLimit(5, 100, Clock())
    let_in, _ = await at_once(limit, [False, True, False, False, False, False, False, True])
    assert let_in == [True] * 6 + [False] * 2, "five have failed, one was good"
    with pytest.raises(TooManyTries):
        await attempt(limit, "a", good=True)


async def test_not_everybody_may_wait() -> None:
    limit = TryLimit(5, 100, Clock())
    let_in, _ = await at_once(limit, [True] * (5 + MOST_WAITING + 3))
    assert let_in == [True] * (5 + MOST_WAITING) + [False] * 3


async def test_a_try_that_is_broken_off_has_failed() -> None:
    limit = TryLimit(1, 100, Clock())
    begun = asyncio.Event()

    async def endless() -> None:
        async with limit.trying("a"):
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(endless())
    await begun.wait()
    waiting = asyncio.create_task(attempt(limit, "a", good=True))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(TooManyTries):
        await waiting


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        (None, "nonsense", True),
    ],
)
def test_addresses_of_one_client_share_a_key(one: str | None, other: str, same: bool) -> None:
    assert (address_key(one) == address_key(other)) is same
