from __future__ import annotations

from typing import Any

import pytest

from benchmarks.links.watching import Bar, Frame, Seen, Sound, freezes_ms


def every(interval: float, since: float, until: float) -> list[float]:
    return [since + interval * n for n in range(int((until - since) / interval))]


def sound(
    *parts: tuple[float, float], source: str = "1/a"
) -> list[tuple[float, str, float, float]]:
    """Samples every 100 ms: for each (until, share of it that is real)."""
    at = received = concealed = 0.0
    noted = [(at, source, received, concealed)]
    for until, share in parts:
        while at < until:
            at += 100
            received += 4800
            concealed += 4800 * (1 - share)
            noted.append((at, source, received, concealed))
    return noted


def test_a_steady_picture_does_not_freeze() -> None:
    assert freezes_ms(every(33, 0, 10_000), 0, 10_000) == []
    assert freezes_ms(every(450, 0, 10_000), 0, 10_000) == []


def test_a_gap_is_a_freeze_also_at_either_end() -> None:
    times = [*every(40, 1000, 4000), *every(40, 5000, 9000)]
    assert freezes_ms(times, 0, 10_000) == [1000, pytest.approx(1040), pytest.approx(1040)]


def test_no_frame_at_all_is_one_freeze() -> None:
    assert freezes_ms([], 0, 10_000) == [10_000]


def test_a_slow_picture_has_longer_intervals() -> None:
    assert freezes_ms(every(400, 0, 4000), 0, 4500) == []
    assert freezes_ms([*every(400, 0, 4000), 5200, 5600], 0, 6000) == [1600]


def test_what_is_marked_as_paused_does_not_freeze() -> None:
    times = every(40, 0, 4000)
    assert freezes_ms(times, 0, 10_000, [(4100, float("inf"))]) == []
    assert freezes_ms(times, 0, 10_000, [(5000, 9000)]) == [pytest.approx(1040), 1000]


def test_sound_that_was_made_up_is_a_gap() -> None:
    heard = Sound(sound((10_000, 1), (11_000, 0.5), (20_000, 1)))
    assert heard.gaps_ms(0, 10_000) == 0
    assert heard.gaps_ms(10_000, 11_000) == pytest.approx(480)
    assert heard.gaps_ms(0, 20_000) == pytest.approx(480)
    assert heard.heard_ms(10_250, 10_750) == pytest.approx(250)


def test_time_without_any_sound_is_a_gap_and_another_source_begins_anew() -> None:
    first = sound((1000, 1))
    nothing = [(at, None, 0, 0) for at in range(1100, 3000, 100)]
    second = [(at + 3000, source, r, c) for at, source, r, c in sound((1000, 1), source="2/a")]
    heard = Sound([*first, *nothing, *second])
    assert heard.heard_ms(0, 4000) == pytest.approx(2000)
    assert heard.gaps_ms(0, 4000) == pytest.approx(1980)


def test_a_page_is_read() -> None:
    frames: dict[str, list[list[Any]]] = {
        "focus": [[float(at), 720, 1] for at in range(0, 10_000, 50)],
        "tile2": [[float(at), 180, 2] for at in range(0, 5000, 100)],
    }
    samples = [
        [float(at), ["tile2"] if 5000 <= at < 8000 else [], "1/a", at * 48, 0]
        for at in range(0, 10_100, 100)
    ]
    seen = Seen.from_page(frames, samples)
    assert seen.fps("focus", 0, 10_000) == pytest.approx(20)
    assert seen.height("focus", 0, 10_000) == 720
    assert seen.fps("tile2", 0, 5000) == pytest.approx(20)
    assert seen.fps("tile2", 0, 8000) == pytest.approx(20)
    assert seen.fps("tile2", 5000, 8000) == 0
    assert seen.fps("tile3", 0, 8000) == 0
    assert seen.freezes_ms("tile2", 0, 10_000) == [2000]
    assert seen.is_marked("tile2", 6000)
    assert not seen.is_marked("tile2", 9000)


def seen_with_gap(end: float, height: int = 720) -> Seen:
    """Sound and picture are away from 1000 to `end`."""
    frames = [Frame(at, height) for at in [*every(50, 0, 1000), *every(50, end, 15_000)]]
    samples = [(at, *rest) for at, *rest in sound((1000, 1), (end, 0), (15_000, 1))]
    return Seen({"focus": frames}, {}, Sound(samples))


def test_recovery_is_counted_to_where_both_go_on() -> None:
    bar = Bar(bin_ms=250, in_a_row=8, fps=5)
    assert seen_with_gap(4000).recovered_after_ms(3000, 15_000, bar) == 1000
    assert seen_with_gap(4000).recovered_after_ms(5000, 15_000, bar) == 0
    assert seen_with_gap(14_000).recovered_after_ms(3000, 15_000, bar) is None


def test_a_smaller_picture_is_not_full_quality() -> None:
    bar = Bar(bin_ms=1000, in_a_row=2, fps=20, height=720)
    assert seen_with_gap(4000).recovered_after_ms(4000, 15_000, bar) == 0
    assert seen_with_gap(4000, 360).recovered_after_ms(4000, 15_000, bar) is None
