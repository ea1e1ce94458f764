from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from vcs.media.estimate.acknowledged import AcknowledgedBitrate


def steady(start_us: int, count: int, step_us: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return start_us + step_us * np.arange(count), np.full(count, 1000)


def test_nothing_is_said_too_soon() -> None:
    rate = AcknowledgedBitrate()
    rate.arrived(*steady(0, 10, 10_000), True)
    assert rate.bits_per_s is None
    rate.arrived(*steady(100_000, 10, 10_000), True)
    assert rate.bits_per_s == pytest.approx(800e3)


def test_the_last_half_second_counts() -> None:
    rate = AcknowledgedBitrate()
    rate.arrived(*steady(0, 200, 5_000), True)
    assert rate.bits_per_s == pytest.approx(1600e3)
    rate.arrived(*steady(1_000_000, 40, 20_000), True)
    assert rate.bits_per_s == pytest.approx(400e3, rel=0.1)


def test_silence_is_time_without_arrivals() -> None:
    rate = AcknowledgedBitrate()
    rate.arrived(*steady(0, 100, 5_000), True)
    rate.arrived(*steady(900_000, 20, 5_000), True)
    assert rate.bits_per_s is not None
    assert rate.bits_per_s < 800e3


def test_a_stretch_that_nothing_was_told_of_is_cut_out() -> None:
    rate = AcknowledgedBitrate()
    rate.arrived(*steady(0, 100, 5_000), True)
    rate.arrived(*steady(800_000, 20, 5_000), False)
    assert rate.bits_per_s == pytest.approx(1600e3, rel=0.05)
    rate.arrived(*steady(900_000, 60, 5_000), True)
    assert rate.bits_per_s == pytest.approx(1600e3, rel=0.05)


def test_order_does_not_matter() -> None:
    ordered, mixed = AcknowledgedBitrate(), AcknowledgedBitrate()
    at, octets = steady(0, 60, 5_000)
    ordered.arrived(at, octets, True)
    mixed.arrived(at[::-1], octets, True)
    assert ordered.bits_per_s == mixed.bits_per_s == pytest.approx(1600e3)


def test_a_receiver_whose_clock_jumps_begins_anew() -> None:
    rate = AcknowledgedBitrate()
    rate.arrived(*steady(0, 100, 5_000), True)
    rate.arrived(*steady(10**12, 100, 10_000), True)
    assert rate.bits_per_s == pytest.approx(800e3)
    rate.arrived(*steady(0, 100, 5_000), True)
    assert rate.bits_per_s == pytest.approx(1600e3)
