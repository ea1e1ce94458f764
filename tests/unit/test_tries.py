from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcs.tries import WINDOW_S, TooManyTries, TryLimit, address_key


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_sixth_try_of_a_minute_is_refused_until_the_first_is_a_minute_old() -> None:
    clock = Clock()
    limit = TryLimit(5, 100, clock)
    for second in range(5):
        clock.now = float(second)
        limit.begin("a")
    with pytest.raises(TooManyTries) as refused:
        limit.begin("a")
    assert refused.value.retry_after_s == WINDOW_S - 4
    limit.begin("b")
    clock.now = WINDOW_S
    limit.begin("a")
    with pytest.raises(TooManyTries):
        limit.begin("a")


def test_many_keys_meet_the_overall_limit() -> None:
    limit = TryLimit(5, 3, Clock())
    for key in "abc":
        limit.begin(key)
    with pytest.raises(TooManyTries):
        limit.begin("d")


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
    for key, pause, good in tries:
        clock.now += pause
        try:
            limit.begin(key)
        except TooManyTries as refused:
            assert 0 < refused.retry_after_s <= WINDOW_S
            continue
        if good:
            limit.forgive(key)
        else:
            failures.append((clock.now, key))
        recent = [who for at, who in failures if at + WINDOW_S > clock.now]
        assert len(recent) <= 7
        assert all(recent.count(who) <= 3 for who in "abc")


def test_forgiving_gives_the_place_back() -> None:
    limit = TryLimit(1, 1, Clock())
    for _ in range(10):
        limit.begin("a")
        limit.forgive("a")
    limit.forgive("nobody")
    limit.begin("a")
    with pytest.raises(TooManyTries):
        limit.begin("a")


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
