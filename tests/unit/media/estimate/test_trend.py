from __future__ import annotations

import random

import pytest

from vcs.media.estimate.trend import GAIN, MAX_COUNTED, WINDOW, DelaySample, DelayTrend


def feed(
    trend: DelayTrend, count: int, grows_us: int, start: int = 0, delay: int = 20_000
) -> list[DelaySample]:
    """Packets 10 ms apart, each `grows_us` later than the one before."""
    sent = [start + 10_000 * n for n in range(count)]
    return trend.packets(sent, [at + delay + grows_us * n for n, at in enumerate(sent)])


def test_a_steady_delay_has_no_trend() -> None:
    samples = feed(DelayTrend(), 50, 0)
    assert len(samples) == 48, "the first has nothing before it, the last is not finished"
    assert all(sample.trend == 0 and sample.queue_ms == 0 for sample in samples)
    assert all(sample.interval_ms == 10 for sample in samples)


def test_a_growing_queue_shows_its_slope() -> None:
    samples = feed(DelayTrend(), 200, 500)
    assert all(sample.trend == 0 for sample in samples[: WINDOW - 1]), "not before it is known"
    # 0.5 ms more in each 10.5 ms, once the smoothing has caught up.
    assert samples[-1].trend == pytest.approx(0.5 / 10.5 * MAX_COUNTED * GAIN, rel=0.01)
    assert samples[-1].queue_ms == pytest.approx(198 * 0.5)


def test_a_shrinking_queue_has_a_negative_trend() -> None:
    assert feed(DelayTrend(), 100, -200)[-1].trend < -2


def test_jitter_has_hardly_a_trend() -> None:
    chance = random.Random(1)
    sent = [10_000 * n for n in range(300)]
    samples = DelayTrend().packets(sent, [at + chance.randrange(4000) for at in sent])
    assert max(abs(sample.trend) for sample in samples[60:]) < 12.5


def test_packets_sent_together_are_one_group() -> None:
    trend = DelayTrend()
    sent = [30_000 * frame + 300 * n for frame in range(40) for n in range(10)]
    # Each packet of a frame waits for the one before: delay within, none between frames.
    arrival = [30_000 * frame + 2000 * n for frame in range(40) for n in range(10)]
    samples = trend.packets(sent, arrival)
    assert len(samples) == 38
    assert all(sample.trend == 0 for sample in samples)
    assert all(sample.queue_ms == 0 for sample in samples), "a burst's own delay is no queue"


def test_what_the_path_held_back_and_sent_on_at_once_is_one_group() -> None:
    sent = [8_000 * n for n in range(100)]
    arrival = [max(at, at // 40_000 * 40_000 + 32_000) + 100 for at in sent]
    assert len(DelayTrend().packets(sent, arrival)) < 25


def test_no_step_across_what_is_skipped() -> None:
    trend = DelayTrend()
    feed(trend, 60, 0)
    trend.skip()
    samples = feed(trend, 60, 0, start=700_000, delay=80_000)
    assert all(abs(sample.trend) < 1e-9 for sample in samples)
    assert samples[-1].queue_ms == pytest.approx(60)


def test_the_empty_path_is_learned_again_after_twenty_seconds() -> None:
    trend = DelayTrend()
    feed(trend, 100, 0)
    assert feed(trend, 100, 0, 1_000_000, delay=50_000)[-1].queue_ms == pytest.approx(30)
    assert feed(trend, 2400, 0, 2_000_000, delay=50_000)[-1].queue_ms == 0


def test_the_empty_path_is_learned_again_when_asked() -> None:
    trend = DelayTrend()
    feed(trend, 100, 0)
    trend.forget_base()
    assert feed(trend, 100, 0, 1_000_000, delay=50_000)[-1].queue_ms == 0


def test_a_group_that_was_overtaken_gives_no_sample() -> None:
    sent = [10_000 * n for n in range(60)]
    arrival = [at + 20_000 for at in sent]
    arrival[30] += 25_000
    samples = DelayTrend().packets(sent, arrival)
    assert len(samples) == 58 - 2
    assert [sample.at_ms for sample in samples] == sorted(sample.at_ms for sample in samples)


def test_what_is_told_late_changes_nothing() -> None:
    plain, late = DelayTrend(), DelayTrend()
    feed(plain, 50, 300)
    feed(late, 50, 300)
    assert late.packets([100_000, 200_000], [900_000, 900_000]) == []
    assert feed(plain, 50, 300, 500_000) == feed(late, 50, 300, 500_000)


def test_a_jump_of_a_clock_begins_anew() -> None:
    trend = DelayTrend()
    feed(trend, 100, 500)
    samples = feed(trend, 100, 0, 1_000_000, delay=10**11)
    assert samples[-1].trend == pytest.approx(0, abs=1e-9)
    assert samples[-1].queue_ms == 0
