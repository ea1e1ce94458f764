from __future__ import annotations

import math
import random
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vcs.media.estimate.loss_based import NO_LIMIT, LossBasedControl


def windows(
    control: LossBasedControl,
    rate: Callable[[float], float],
    loss: Callable[[float], float],
    count: int = 60,
    seed: int = 1,
    start: float = 0.0,
) -> list[float]:
    """Windows of 0.3 s: `rate` by the limit so far, `loss` by the rate; the limits after each."""
    chance = random.Random(seed)
    limits, at_us = [], int(start * 1e6)
    for n in range(count):
        bits = rate(control.bits_per_s)
        packets = max(21, round(bits * 0.3 / 9600))
        lost = sum(chance.random() < loss(bits) for _ in range(packets))
        sent = at_us + np.linspace(0, 300_000, packets).astype(np.int64)
        octets = np.full(packets, int(bits * 0.3 / 8 / packets))
        control.told(sent, octets, lost, 0, bits * (1 - loss(bits)), start + n * 0.3)
        limits.append(control.bits_per_s)
        at_us = int(sent[-1]) + 1
    return limits


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("share", [0.0, 0.01, 0.02])
def test_little_loss_is_no_reason(share: float, seed: int) -> None:
    limits = windows(LossBasedControl(), lambda _: 2e6, lambda _: share, seed=seed)
    assert set(limits) == {NO_LIMIT}


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("share", [0.05, 0.10])
def test_loss_at_any_rate_is_inherent(share: float, seed: int) -> None:
    control = LossBasedControl()
    limits = windows(control, lambda limit: min(limit, 1e6), lambda _: share, seed=seed)
    assert min(limits) > 0.5e6
    assert min(limits[20:]) > 0.7e6
    assert sum(limit >= 1e6 for limit in limits[20:]) >= 20, "mostly it does not hinder"
    assert control.inherent == pytest.approx(share, abs=0.04)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_even_much_of_it_leaves_half(seed: int) -> None:
    limits = windows(LossBasedControl(), lambda limit: min(limit, 1e6), lambda _: 0.2, seed=seed)
    assert min(limits) > 0.5e6


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_loss_that_comes_with_the_rate_is_congestion(seed: int) -> None:
    limits = windows(
        LossBasedControl(),
        lambda limit: min(limit, 3e6),
        lambda bits: max(0.0, 1 - 1e6 / bits),
        seed=seed,
    )
    assert max(limits[10:]) < 1.4e6
    assert min(limits[10:]) > 0.8e6
    assert sum(limits[10:]) / 50 < 1.2e6


def test_both_together() -> None:
    control = LossBasedControl()
    limits = windows(
        control,
        lambda limit: min(limit, 3e6),
        lambda bits: 1 - 0.95 * min(1.0, 1e6 / bits),
    )
    assert 0.8e6 < sum(limits[15:]) / 45 < 1.25e6


def test_it_lets_go_when_the_loss_is_over() -> None:
    control = LossBasedControl()
    windows(control, lambda limit: min(limit, 3e6), lambda bits: max(0.0, 1 - 1e6 / bits))
    assert control.bits_per_s < 1.5e6
    limits = windows(control, lambda limit: min(limit, 3e6), lambda _: 0.0, count=80, start=20)
    assert limits[-1] >= 3e6


def test_a_probe_raises_it() -> None:
    control = LossBasedControl()
    windows(control, lambda limit: min(limit, 3e6), lambda bits: max(0.0, 1 - 1e6 / bits))
    control.raise_to(2e6)
    assert control.bits_per_s == 2e6
    control.raise_to(1e6)
    assert control.bits_per_s == 2e6


def test_what_arrives_after_all_was_not_lost() -> None:
    lossy, mended = LossBasedControl(), LossBasedControl()
    sent, octets = np.arange(0, 300_000, 3000), np.full(100, 1000)
    for control, recovered in ((lossy, 0), (mended, 20)):
        control.told(sent, octets, 20, 0, 1e6, 0.0)
        control.told(sent + 300_000, octets, 0, 0, 1e6, 0.3)
        control.told(sent[:50] + 600_000, octets[:50], 20, 0, 1e6, 0.6)
        control.told(sent[50:] + 600_000, octets[50:], 0, recovered, 1e6, 0.9)
    assert lossy.loss == pytest.approx(0.2)
    assert mended.loss == 0.0


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 10**12),
            st.integers(0, 400_000),
            st.integers(0, 60),
            st.integers(0, 60),
            st.integers(0, 60),
            st.none() | st.floats(0, 1e12),
            st.floats(-10, 1e9),
        ),
        max_size=60,
    )
)
def test_the_limit_is_a_number(
    messages: list[tuple[int, int, int, int, int, float | None, float]],
) -> None:
    control = LossBasedControl()
    for start, span, count, lost, recovered, acknowledged, now in messages:
        sent = np.linspace(start, start + span, count).astype(np.int64)
        control.told(
            sent, np.full(count, 1000), min(lost, count), min(recovered, count), acknowledged, now
        )
        assert not math.isnan(control.bits_per_s)
        assert control.bits_per_s >= 0
        assert 0 <= control.loss <= 1
        assert 0 <= control.inherent < 0.5
