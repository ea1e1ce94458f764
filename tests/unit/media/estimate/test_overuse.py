from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from vcs.media.estimate.overuse import (
    MAX_THRESHOLD_MS,
    MIN_THRESHOLD_MS,
    THRESHOLD_MS,
    OveruseDetector,
    Usage,
)


def test_overuse_must_last_and_not_decline() -> None:
    detector = OveruseDetector()
    assert detector.detect(20, 5, 0) is Usage.NORMAL, "not at the first"
    assert detector.detect(21, 5, 5) is Usage.NORMAL, "not within 10 ms"
    assert detector.detect(20, 5, 10) is Usage.NORMAL, "not while it declines"
    assert detector.detect(22, 5, 15) is Usage.OVER


def test_one_high_sample_is_nothing() -> None:
    detector = OveruseDetector()
    assert detector.detect(100, 50, 0) is Usage.NORMAL
    assert detector.detect(1, 50, 50) is Usage.NORMAL
    assert detector.detect(100, 50, 100) is Usage.NORMAL


def test_a_shrinking_queue_is_underuse() -> None:
    detector = OveruseDetector()
    assert detector.detect(-20, 10, 0) is Usage.UNDER
    assert detector.detect(0, 10, 10) is Usage.NORMAL


def test_the_threshold_grows_with_what_stays_above_it() -> None:
    detector = OveruseDetector()
    for n in range(200):
        detector.detect(25, 10, 10.0 * n)
    assert 20 < detector.threshold < 25


def test_it_falls_slowly_when_nothing_happens() -> None:
    detector = OveruseDetector()
    for n in range(3):
        detector.detect(0, 10, 10.0 * n)
    assert MIN_THRESHOLD_MS <= detector.threshold < THRESHOLD_MS


def test_an_outlier_does_not_move_it() -> None:
    detector = OveruseDetector()
    detector.detect(0, 10, 0)
    before = detector.threshold
    detector.detect(1000, 10, 10)
    assert detector.threshold == before


@given(st.lists(st.tuples(st.floats(-1e9, 1e9), st.floats(0, 1e6), st.floats(-1e9, 1e9))))
def test_the_threshold_keeps_its_limits(samples: list[tuple[float, float, float]]) -> None:
    detector = OveruseDetector()
    for trend, interval, at in samples:
        detector.detect(trend, interval, at)
        assert MIN_THRESHOLD_MS <= detector.threshold <= MAX_THRESHOLD_MS
        assert math.isfinite(detector.threshold)
