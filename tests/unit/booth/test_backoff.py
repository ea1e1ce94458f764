from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from vcs.booth.backoff import FIRST_S, LEAST_S, LONGEST_S, PATIENCE_S, SLOW_S, Backoff


@given(st.integers(), st.floats(0.0, 5.0))
def test_soon_then_every_two_seconds_then_every_fifteen(seed: int, each_try: float) -> None:
    backoff = Backoff(random.Random(seed))
    now = began = 100.0
    delays = []
    while now - began < 200:
        delay = backoff.delay(now)
        delays.append((now - began, delay))
        now += delay + each_try
    assert FIRST_S[0] <= delays[0][1] <= FIRST_S[1]
    for since, delay in delays[1:]:
        if since < PATIENCE_S:
            assert 0.2 <= delay <= LONGEST_S
        else:
            assert LONGEST_S < delay <= SLOW_S


def test_success_begins_anew() -> None:
    backoff = Backoff(random.Random(1))
    for now in (0.0, 10.0, 20.0, 40.0):
        backoff.delay(now)
    backoff.succeeded()
    assert backoff.delay(50.0) <= FIRST_S[1]
    assert backoff.delay(51.0) <= LONGEST_S


@given(st.integers(), st.floats(0.0, 20.0))
def test_a_try_that_waited_in_vain_has_waited(seed: int, waited: float) -> None:
    refused, silent = Backoff(random.Random(seed)), Backoff(random.Random(seed))
    for now in (0.0, 3.0, 9.0, 60.0):
        pause = refused.delay(now)
        assert silent.delay(now, waited) == max(LEAST_S, pause - waited)
