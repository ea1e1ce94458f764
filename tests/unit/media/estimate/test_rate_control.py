from __future__ import annotations

import numpy as np
import pytest

from vcs.media.estimate.busy import BusyRate
from vcs.media.estimate.overuse import Usage
from vcs.media.estimate.rate_control import (
    BETA,
    BURST_BETA,
    FUTILE_S,
    HEADROOM,
    HEADROOM_BITS_PER_S,
    LONG_BETA,
    SHORT_MS,
    STANDING_MS,
    RateControl,
    State,
)

FREE = BusyRate()
"""Nothing has waited."""


def full(bits_per_s: float, seconds: float) -> BusyRate:
    """Packets of 1000 octets have waited for each other so long."""
    busy = BusyRate()
    arrival_us = (np.arange(seconds * bits_per_s / 8000) * 8e9 / bits_per_s).astype(np.int64)
    sent_us = np.zeros(len(arrival_us), np.int64)
    busy.arrived(sent_us, arrival_us, np.full(len(arrival_us), 1000))
    return busy


def after(
    control: RateControl,
    usage: Usage,
    acknowledged: float | None,
    start: float,
    seconds: float,
    queue_ms: float = 0.0,
) -> float:
    for step in range(int(seconds * 10)):
        control.update(usage, acknowledged, FREE, queue_ms, 0, False, 0.05, start + step / 10)
    return control.bits_per_s


def test_overuse_goes_below_what_arrives() -> None:
    control = RateControl(2e6, 0.0)
    control.update(Usage.OVER, 1e6, FREE, 20, 0, False, 0.05, 1.0)
    assert control.bits_per_s == BETA * 1e6
    assert control.state is State.HOLD


def test_once_in_a_round_trip() -> None:
    control = RateControl(2e6, 0.0)
    control.update(Usage.OVER, 1e6, FREE, 20, 0, False, 0.1, 1.0)
    control.update(Usage.OVER, 0.5e6, FREE, 20, 0, False, 0.1, 1.1)
    assert control.bits_per_s == BETA * 1e6
    control.update(Usage.OVER, 0.5e6, FREE, 20, 0, False, 0.1, 1.25)
    assert control.bits_per_s == BETA * 0.5e6


def test_overuse_never_raises() -> None:
    control = RateControl(1e6, 0.0)
    control.update(Usage.OVER, 5e6, FREE, 20, 0, False, 0.05, 1.0)
    assert control.bits_per_s == 1e6


@pytest.mark.parametrize(
    ("steady", "bits_per_s", "seconds", "left"),
    [
        (True, 0.5e6, 0.14, LONG_BETA * 0.5e6),
        (True, 0.5e6, 0.3, LONG_BETA * 0.5e6),
        (True, 0.5e6, 0.07, 3e6),
        (True, 2.5e6, 0.3, 3e6),
        (False, 0.5e6, 0.3, 3e6),
    ],
)
def test_a_fall_is_believed_at_once(
    steady: bool, bits_per_s: float, seconds: float, left: float
) -> None:
    """Before the detector says anything, and soon after another decrease."""
    control = RateControl(4e6, 0.0)
    control.update(Usage.OVER, 3e6 / BETA, FREE, 20, 0, steady, 0.05, 1.0)
    control.update(Usage.NORMAL, 2.4e6, full(bits_per_s, seconds), 3, 0, steady, 0.05, 1.01)
    assert control.bits_per_s == pytest.approx(left, rel=0.02)


def test_underuse_holds() -> None:
    control = RateControl(1e6, 0.0)
    assert after(control, Usage.UNDER, 1e6, 1.0, 5) == 1e6
    assert after(control, Usage.NORMAL, 1e6, 6.0, 2) > 1.05e6


def test_unknown_capacity_is_approached_by_multiplication() -> None:
    control = RateControl(1e6, 0.0)
    assert after(control, Usage.NORMAL, 1e6, 0.0, 3.1) == pytest.approx(1.08**3 * 1e6, rel=0.01)


def test_known_capacity_is_approached_slowly() -> None:
    known = RateControl(1e6, 0.0)
    known.update(Usage.OVER, 1e6, FREE, 20, 0, False, 0.05, 0.0)
    known.raise_to(0.99e6, 0.5)
    assert 0.99e6 < after(known, Usage.NORMAL, 0.99e6, 0.5, 1.1) < 1.06e6


def test_growth_ends_over_what_arrives() -> None:
    control = RateControl(1e6, 0.0)
    limit = HEADROOM * 0.8e6 + HEADROOM_BITS_PER_S
    assert after(control, Usage.NORMAL, 0.8e6, 0.0, 30) == limit


def test_what_was_found_is_not_lost_by_sending_less() -> None:
    control = RateControl(1e6, 0.0)
    control.raise_to(3e6, 0.0)
    assert after(control, Usage.NORMAL, 0.2e6, 0.0, 30) == 3e6


def test_a_full_link_is_not_outgrown_by_sending_less() -> None:
    control = RateControl(1e6, 0.0)
    control.full_at(1.1e6)
    assert after(control, Usage.NORMAL, 0.9e6, 0.0, 30) == pytest.approx(1.1e6, rel=0.1)
    assert after(control, Usage.NORMAL, 1.5e6, 30.0, 10) > 1.5e6, "until more arrives"


def test_a_standing_queue_is_emptied() -> None:
    control = RateControl(1e6, 0.0)
    control.update(Usage.NORMAL, 1e6, FREE, STANDING_MS + 1, 0, False, 0.05, 1.0)
    assert control.bits_per_s == BETA * 1e6
    control = RateControl(1e6, 0.0)
    control.update(Usage.NORMAL, 1e6, full(1e6, 1.0), 300, 0, False, 0.05, 1.0)
    assert control.bits_per_s == LONG_BETA * 1e6


def test_a_key_frame_says_what_the_link_bears() -> None:
    """It fills the link for a moment; on the whole little is sent."""
    control = RateControl(0.6e6, 0.0)
    control.update(Usage.OVER, 0.2e6, full(0.5e6, 0.2), 300, 0, False, 0.05, 1.0)
    assert control.bits_per_s == pytest.approx(BURST_BETA * 0.5e6, rel=0.01)


@pytest.mark.parametrize(("queue_ms", "left"), [(SHORT_MS - 1, BURST_BETA), (SHORT_MS + 1, BETA)])
def test_a_full_link_with_a_short_queue_goes_on_nearly_full(queue_ms: float, left: float) -> None:
    control = RateControl(0.6e6, 0.0)
    busy = full(0.5e6, 1.5)
    assert busy.lasting
    control.update(Usage.OVER, 0.5e6, busy, queue_ms, 0, False, 0.05, 1.0)
    assert control.bits_per_s == pytest.approx(left * 0.5e6, rel=0.01)


def test_a_link_that_has_fallen_is_no_key_frame() -> None:
    control = RateControl(3e6, 0.0)
    control.update(Usage.OVER, 0.2e6, full(0.5e6, 0.2), 300, 0, False, 0.05, 1.0)
    assert control.bits_per_s == pytest.approx(LONG_BETA * 0.5e6, rel=0.01)


def test_who_is_late_by_chance_is_no_full_link() -> None:
    control = RateControl(1e6, 0.0)
    control.update(Usage.OVER, 0.2e6, FREE, 60, 35, False, 0.05, 1.0)
    assert control.bits_per_s == 1e6
    control.update(Usage.OVER, 0.2e6, FREE, 105, 1000, False, 0.05, 2.0)
    assert control.bits_per_s == BETA * 0.2e6, "what is usual has an end"


def test_a_queue_that_does_not_shrink_is_not_ours() -> None:
    control = RateControl(1e6, 0.0)
    answers = [
        control.update(Usage.NORMAL, 0.8e6, FREE, 120, 0, False, 0.05, step / 10)
        for step in range(int(FUTILE_S * 10) + 3)
    ]
    assert answers.count(True) == 1
    assert control.bits_per_s == BETA * 0.8e6, "and costs no more than one step"


def test_a_probe_only_raises() -> None:
    control = RateControl(1e6, 0.0)
    control.raise_to(0.5e6, 1.0)
    assert control.bits_per_s == 1e6
    control.raise_to(2e6, 1.0)
    assert control.bits_per_s == 2e6
    control.limit(3e6)
    assert control.bits_per_s == 2e6
    control.limit(1e6)
    assert control.bits_per_s == 1e6
