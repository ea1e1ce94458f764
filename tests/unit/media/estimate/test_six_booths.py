"""Estimator, prober and allocator together: an officer's six booths over a simulated link."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.unit.media.estimate.simulation import Link, mean, run
from vcs.downlink import PACE
from vcs.media.allocation import Allocation, Given, Picture, PictureLayer, allocate
from vcs.media.estimate.bandwidth import BandwidthEstimator

LAYERS = (PictureLayer(0, 170e3), PictureLayer(1, 500e3), PictureLayer(2, 1500e3))
BOOTHS = [Picture(slot, LAYERS) for slot in range(1, 7)]


class Officer:
    """Looks at booth 1. The simulation's own sound is what the allocator keeps for it."""

    def __init__(self) -> None:
        self.now: Allocation | None = None
        self.history: list[tuple[float, Allocation]] = []

    def demand(self, estimate: float, now: float) -> float:
        after = allocate(estimate, BOOTHS, 1, 1, self.now, now)
        if self.now is None or after.slots != self.now.slots:
            self.history.append((now, after))
        self.now = after
        return sum(w.bits_per_s for w in after.slots.values() if isinstance(w, Given))

    def wanted(self, _: float) -> float:
        return self.now.wanted_bits_per_s if self.now else 0.0

    def changes(self, start: float) -> int:
        return sum(at >= start for at, _ in self.history)

    @property
    def focused(self) -> Given:
        assert self.now is not None
        what = self.now.slots[1]
        assert isinstance(what, Given)
        return what

    @property
    def thumbnails(self) -> int:
        assert self.now is not None
        return sum(isinstance(what, Given) for what in self.now.slots.values()) - 1


def watch(
    rate: Callable[[float], float], seconds: float, loss: float = 0.0, seed: int = 1
) -> tuple[Officer, float]:
    officer = Officer()
    link = Link(rate, loss=loss, seed=seed)
    result = run(
        link, seconds, BandwidthEstimator(0.0), officer.demand, officer.wanted, feedback_loss=loss
    )
    return officer, mean(result[5:], "queue")


def test_3_mbit_shows_everything_and_stays_so() -> None:
    officer, queue = watch(lambda _: 3e6, 40)
    assert officer.focused.layer == 2
    assert officer.thumbnails == 5
    assert officer.changes(10.0) <= 2
    assert queue <= 30


@pytest.mark.parametrize("seed", [1, 2])
def test_1_mbit_shows_the_focused_booth_and_all_others_small(seed: int) -> None:
    officer, queue = watch(lambda _: 1e6, 60, seed=seed)
    assert officer.focused.layer == 1
    assert officer.thumbnails == 5
    assert officer.changes(10.0) <= 6
    assert queue <= 40


def test_150_kbit_is_left_to_sound() -> None:
    officer, queue = watch(lambda now: 1e6 if now < 8 else 150e3, 30)
    assert officer.now is not None
    assert not any(isinstance(what, Given) for what in officer.now.slots.values())
    assert officer.changes(12.0) <= 4
    del queue


@pytest.mark.parametrize("seed", [1, 2])
def test_with_ten_percent_of_loss_the_focused_picture_keeps_moving(seed: int) -> None:
    officer, _ = watch(lambda _: 1e6, 40, loss=0.10, seed=seed)
    assert officer.thumbnails >= 1
    for at, allocation in officer.history:
        what = allocation.slots[1]
        assert isinstance(what, Given), f"paused at {at} s"
        assert what.max_temporal_layer >= 1, "ten frames a second at least"


def test_a_fall_and_a_return() -> None:
    officer, _ = watch(lambda now: 500e3 if 10 <= now < 22 else 3e6, 42)
    during = [a for at, a in officer.history if 12 <= at < 22]
    assert all(allocation.bits_per_s <= 600e3 for allocation in during)
    assert officer.focused.layer == 2
    assert officer.thumbnails == 5


@pytest.mark.parametrize(("rate", "least"), [(3e6, 2300), (1e6, 780), (500e3, 400)])
def test_key_frames_at_the_pace_of_the_link_make_no_queue(rate: float, least: float) -> None:
    """And leave the estimate alone, so that more of the link is used. As they come, all in one
    burst, they would wait there for a tenth of a second and more, and sound behind them."""

    def watched(pace: float) -> tuple[float, float]:
        officer = Officer()
        result = run(
            Link(lambda _: rate),
            60,
            BandwidthEstimator(0.0, 3_000_000),
            officer.demand,
            officer.wanted,
            key_frame_every=72,
            pace=pace,
        )[10:]
        return mean(result, "worst"), mean(result, "arrived")

    queue, used = watched(PACE)
    assert queue <= 80
    assert used >= least
    assert watched(0.0)[0] > 120
