"""The whole estimator over simulated links: what an officer would notice."""

from __future__ import annotations

import contextlib
import math
import random
import struct
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.media.estimate.simulation import Link, mean, run
from vcs.media import twcc
from vcs.media.delivery import CAPACITY, DeliveryLog
from vcs.media.estimate.bandwidth import (
    INITIAL_BITS_PER_S,
    MAX_BITS_PER_S,
    MIN_BITS_PER_S,
    REMB_VALID_S,
    SILENCE_S,
    BandwidthEstimator,
)
from vcs.media.estimate.loss_based import LossBasedControl
from vcs.media.packet import MalformedPacket


def always(rate: float) -> Callable[[float], float]:
    return lambda _: rate


def up_to(most: float) -> Callable[[float, float], float]:
    return lambda estimate, _: min(estimate, most)


def layers(estimate: float, _: float) -> float:
    """A forwarding server cannot send a little more."""
    return max(rate for rate in (0.0, 0.2e6, 0.5e6, 0.9e6, 1.4e6, 2.2e6, 3e6) if rate <= estimate)


class DraftLoss(LossBasedControl):
    """Section 6 of the draft to the letter, which takes every loss for congestion."""

    def _decide(self, acknowledged: float | None, now: float) -> None:
        rate = min(self.bits_per_s, MAX_BITS_PER_S)
        if self.loss > 0.1:
            self.bits_per_s = rate * (1 - 0.5 * self.loss)
        elif self.loss < 0.02:
            self.bits_per_s = rate * 1.05


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("kilobits", [3000, 1000, 500])
def test_it_converges_to_the_link_with_a_short_queue(kilobits: int, seed: int) -> None:
    link = Link(always(kilobits * 1e3), jitter_s=0.002, seed=seed)
    late = run(link, 35, BandwidthEstimator(0.0), wanted=always(6e6))[10:]
    assert 0.8 * kilobits <= mean(late, "estimate") <= 1.02 * kilobits
    assert mean(late, "arrived") >= 0.8 * kilobits
    assert mean(late, "queue") <= 60
    long = sum(second.queue > 100 for second in late)
    assert long <= 1, "seconds with more than 100 ms of queue"


@pytest.mark.parametrize("kilobits", [3000, 1000, 500])
def test_key_frames_do_not_lower_it(kilobits: int) -> None:
    """Half of the link is used, and every 2.4 s a key frame fills it for a moment."""
    link = Link(always(kilobits * 1e3), queue_s=1.0)
    half = up_to(kilobits * 500)
    late = run(link, 40, BandwidthEstimator(0.0), half, wanted=always(6e6), key_frame_every=72)[10:]
    assert min(second.lowest for second in late) >= 0.75 * kilobits
    assert max(second.estimate for second in late) <= 1.15 * kilobits


def test_a_sender_that_does_not_listen_has_a_long_queue() -> None:
    """The check above can fail: the simulated link does punish."""
    link = Link(always(1e6))
    late = run(link, 10, BandwidthEstimator(0.0), demand=lambda *_: 1.3e6)[3:]
    assert mean(late, "queue") > 200
    assert mean(late, "arrived") < 0.85 * mean(late, "sent")


def test_layers_on_a_thin_link_stay_what_they_are() -> None:
    late = run(Link(always(1e6)), 40, BandwidthEstimator(0.0), demand=layers, wanted=always(3e6))[
        5:
    ]
    assert all(second.lowest >= 880 for second in late), "0.9 Mbit/s of media all the time"
    assert max(second.worst for second in late) <= 150
    assert mean(late, "padding") < 30


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_two_percent_of_random_loss_does_no_harm(seed: int) -> None:
    link = Link(always(3e6), loss=0.02, seed=seed)
    late = run(link, 30, BandwidthEstimator(0.0), wanted=always(6e6), feedback_loss=0.02)[8:]
    assert mean(late, "estimate") >= 0.8 * 3000
    assert min(second.estimate for second in late) >= 0.6 * 3000


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_ten_percent_of_random_loss_leaves_the_picture_its_room(seed: int) -> None:
    link = Link(always(20e6), loss=0.10, seed=seed)
    seconds = run(
        link, 30, BandwidthEstimator(0.0), up_to(1e6), wanted=always(1e6), feedback_loss=0.10
    )
    assert min(second.estimate for second in seconds) >= 500
    assert mean(seconds[5:], "estimate") >= 900


def test_by_the_draft_alone_ten_percent_would_starve_it() -> None:
    """Or the test above would prove nothing."""
    estimator = BandwidthEstimator(0.0)
    estimator._loss = DraftLoss()
    link = Link(always(20e6), loss=0.12)
    seconds = run(link, 40, estimator, up_to(1e6), wanted=always(1e6))
    assert mean(seconds[20:], "estimate") < 500


def test_a_thin_link_with_ten_percent_of_random_loss_is_used() -> None:
    link = Link(always(1e6), loss=0.10)
    late = run(link, 35, BandwidthEstimator(0.0), wanted=always(3e6), feedback_loss=0.10)[10:]
    assert mean(late, "estimate") >= 750
    assert mean(late, "queue") <= 60


def test_a_policer_without_a_queue_is_recognised() -> None:
    """There loss is congestion, and no delay tells of it."""
    link = Link(always(1e6), queue_s=0.04)
    late = run(link, 30, BandwidthEstimator(0.0), wanted=always(3e6))[10:]
    assert 850 <= mean(late, "estimate") <= 1120
    assert mean(late, "arrived") >= 900


def test_a_fall_of_the_link_is_followed_and_its_return_found() -> None:
    link = Link(lambda now: 500e3 if 12 <= now < 24 else 3e6)
    seconds = run(link, 42, BandwidthEstimator(0.0), up_to(3e6), wanted=always(3e6))
    assert mean(seconds[6:12], "estimate") >= 2500
    assert max(second.estimate for second in seconds[14:24]) <= 550, "within two seconds"
    assert max(second.queue for second in seconds[15:24]) <= 110
    assert seconds[38].estimate >= 2500, "within fifteen seconds"


FALL_S = 13 - (0.04 + 5 * 0.06)


class Longer(Link):
    """From its sixth second on the path is another one, 21 ms longer each way."""

    def carry(self, now: float, octets: int) -> tuple[float | None, float]:
        self.delay_s = 0.041 if now >= 6 else 0.02
        return super().carry(now, octets)


@pytest.mark.parametrize("path", [Link, Longer])
def test_a_sudden_fall_is_believed_within_three_feedbacks(path: type[Link]) -> None:
    """Sound stands behind what is sent too much."""
    link = path(lambda now: 500e3 if now >= FALL_S else 3e6, queue_s=0.2)
    seconds = run(
        link, 13, BandwidthEstimator(0.0), up_to(2.2e6), wanted=always(2.2e6), feedback_s=0.06
    )
    assert seconds[11].lowest > 2000
    assert seconds[12].lowest <= 500


def test_without_probes_the_return_takes_longer() -> None:
    """What the probes are for."""
    link = Link(lambda now: 500e3 if 12 <= now < 24 else 3e6)
    seconds = run(link, 40, BandwidthEstimator(0.0), up_to(3e6))
    assert seconds[38].estimate < 2500


def test_a_good_link_is_found_at_the_start_within_two_seconds() -> None:
    for delay in (0.02, 0.15):
        link = Link(always(5e6), delay_s=delay)
        seconds = run(link, 4, BandwidthEstimator(0.0), layers, wanted=always(2.6e6))
        assert seconds[2].lowest >= 2200


def test_nothing_is_probed_that_nobody_wants() -> None:
    seconds = run(Link(always(5e6)), 10, BandwidthEstimator(0.0), up_to(0.4e6), always(0.9e6))
    assert mean(seconds, "padding") == 0
    assert mean(seconds, "estimate") >= 900


def test_a_link_that_became_thin_unnoticed_is_found_by_a_probe() -> None:
    """While little is sent nothing is congested, until the next focus would."""
    link = Link(lambda now: 4e6 if now < 8 else 1e6)
    seconds = run(
        link, 22, BandwidthEstimator(0.0), up_to(0.4e6), lambda now: 1.5e6 if now < 10 else 1.9e6
    )
    assert seconds[7].estimate >= 1400
    assert max(second.estimate for second in seconds[20:]) <= 1100
    assert max(second.worst for second in seconds) <= 80, "and nobody feels the probe"


def test_silence_lets_it_fall_and_it_comes_back() -> None:
    link = Link(lambda now: 0.0 if 5 <= now < 9 else 3e6)
    seconds = run(link, 18, BandwidthEstimator(0.0), up_to(2e6), wanted=always(2.5e6))
    assert seconds[4].estimate >= 2000
    assert seconds[8].estimate <= 500
    assert seconds[14].estimate >= 2000


def test_silence_while_nothing_is_sent_says_nothing() -> None:
    estimator = BandwidthEstimator(0.0)
    for now in range(60):
        assert estimator.waited(None, float(now)) == INITIAL_BITS_PER_S
    assert estimator.waited(60.0, 60.0 + SILENCE_S / 2) == INITIAL_BITS_PER_S
    assert estimator.waited(60.0, 60.0 + SILENCE_S) < INITIAL_BITS_PER_S


def test_silence_ends_at_the_minimum() -> None:
    estimator = BandwidthEstimator(0.0)
    for now in range(60):
        estimator.waited(0.0, float(now))
    assert estimator.bits_per_s == MIN_BITS_PER_S


def test_lost_feedback_alone_changes_little() -> None:
    link = Link(always(3e6))
    late = run(link, 30, BandwidthEstimator(0.0), wanted=always(6e6), feedback_loss=0.3)[8:]
    assert mean(late, "estimate") >= 0.8 * 3000


@pytest.mark.parametrize("seed", range(6))
def test_a_receiver_that_stands_still_for_moments_is_no_thin_link(seed: int) -> None:
    """A page on a busy computer notices in one go what came in a third of a second. Taken for a
    queue, it would leave 0.85 of the little that is sent: of six small pictures, none."""
    dice = random.Random(seed)
    stalls, at = [], 2.0
    while at < 60:
        stalls.append((at, at + dice.uniform(0.02, 0.35)))
        at = stalls[-1][1] + dice.uniform(0.02, 0.6)
    link = Link(always(20e6), seed=seed, stalls=tuple(stalls))
    estimator = BandwidthEstimator(0.0, initial=3_000_000)
    seconds = run(link, 60, estimator, demand=up_to(270e3), wanted=always(400e3))
    assert min(second.lowest for second in seconds) >= 1000


def test_remb_replaces_the_estimate_until_there_is_something_better() -> None:
    estimator = BandwidthEstimator(0.0)
    assert estimator.remb(2_000_000, 1.0) == 2_000_000
    assert estimator.remb(300_000, 2.0) == 300_000
    assert estimator.waited(None, 60.0) == 300_000, "it stays what was said last"
    assert estimator.probe(5e6, 60.0) is None, "nobody would tell of the result"
    assert estimator.remb(1 << 80, 61.0) == MAX_BITS_PER_S
    assert estimator.remb(0, 62.0) == MIN_BITS_PER_S


def test_remb_caps_what_feedback_says() -> None:
    estimator = BandwidthEstimator(0.0)
    seconds = run(Link(always(5e6)), 6, estimator, wanted=always(3e6))
    assert seconds[5].estimate > 2000
    assert estimator.remb(700_000, 6.0) == 700_000
    assert estimator.waited(None, 6.0 + REMB_VALID_S + 1) > 2_000_000, "when it is not repeated"


def test_limits_are_checked() -> None:
    with pytest.raises(ValueError):
        BandwidthEstimator(0.0, initial=10, minimum=20)
    with pytest.raises(ValueError):
        BandwidthEstimator(0.0, maximum=10)


# --- laws ---------------------------------------------------------------------------------------

moments = st.floats(-1e6, 1e9) | st.floats(0, 3)
bodies = st.binary(max_size=80) | st.tuples(
    st.integers(0, 0xFFFF),
    st.integers(0, 0xFFFF),
    st.integers(0, 2**32 - 1),
    st.binary(max_size=60),
).map(lambda parts: struct.pack("!HHI", *parts[:3]) + parts[3])
events = st.one_of(
    st.tuples(st.just("sent"), st.integers(0, 0xFFFF), st.integers(0, 200)),
    st.tuples(st.just("told"), bodies, st.none() | st.floats(-1, 1e9)),
    st.tuples(st.just("waited"), st.none() | st.floats(-1e3, 1e9), st.none()),
    st.tuples(st.just("remb"), st.integers(0, 1 << 81), st.none()),
    st.tuples(st.just("probe"), st.floats(0, 1e12), st.none()),
)


@settings(max_examples=60)
@given(st.lists(st.tuples(events, st.floats(0, 3)), max_size=40))
def test_whatever_comes_the_estimate_keeps_its_limits(
    turns: list[tuple[tuple[str, object, object], float]],
) -> None:
    estimator, log, now = BandwidthEstimator(0.0), DeliveryLog(), 0.0
    for (what, one, other), passed in turns:
        now += passed
        if what == "sent":
            assert isinstance(one, int)
            assert isinstance(other, int)
            start = int(now * 1e6)
            log.sent(one, [start + 900 * n for n in range(other)], [1000] * other)
        elif what == "told":
            with contextlib.suppress(MalformedPacket):
                assert isinstance(one, bytes)
                told = log.told(twcc.parse(1, 2, one))
                assert len(told) <= CAPACITY
                estimator.told(told, other if other is None else float(str(other)), now)
        elif what == "waited":
            estimator.waited(None if one is None else float(str(one)), now)
        elif what == "remb":
            estimator.remb(int(str(one)), now)
        else:
            estimator.probe(float(str(one)), now)
        assert isinstance(estimator.bits_per_s, int)
        assert MIN_BITS_PER_S <= estimator.bits_per_s <= MAX_BITS_PER_S
        assert math.isfinite(estimator.queue_ms)
        assert 0 <= estimator.loss <= 1


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 200_000),  # sent so much later, us
            st.integers(-(2**40), 2**40) | st.integers(-5000, 300_000),  # and arrived
            st.integers(0, 1500),
            st.booleans(),
        ),
        max_size=200,
    ),
    st.integers(1, 50),
)
def test_any_clock_of_the_receiver_is_borne(
    packets: list[tuple[int, int, int, bool]], batch: int
) -> None:
    estimator, log = BandwidthEstimator(0.0), DeliveryLog()
    sent = arrival = number = 0
    for at in range(0, len(packets), batch):
        some = packets[at : at + batch]
        times, sizes, arrivals = [], [], []
        for n, (later, passed, octets, lost) in enumerate(some):
            sent += later
            arrival += passed
            times.append(sent)
            sizes.append(octets)
            if not lost:
                arrivals.append(((number + n) & 0xFFFF, arrival // 250))
        log.sent(number & 0xFFFF, times, sizes)
        message = twcc.TransportFeedback(1, 2, number & 0xFFFF, len(some), 0, 0, tuple(arrivals))
        number += len(some)
        estimator.told(log.told(message), 0.05, sent / 1e6)
        estimator.probe(5e6, sent / 1e6)
        assert MIN_BITS_PER_S <= estimator.bits_per_s <= MAX_BITS_PER_S
        assert estimator.acknowledged is None or np.isfinite(estimator.acknowledged)
