"""What a person before the console saw and heard, from what the page noted (page.js).

Pictures: `requestVideoFrameCallback` tells of each frame when it is shown. A freeze is a gap
between two frames of a picture that should move, longer than 500 ms and than three usual intervals;
while a picture is marked as paused it need not move.

Sound: `concealedSamples` of getStats are counted out of what was played. They are what the jitter
buffer had to make up because nothing had arrived in time, to the sample, and cost the page nothing;
an AudioWorklet would hear the same tone through most of a concealment, which is made to sound like
it. Time in which nothing was played at all counts as a gap too.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any, Final

FREEZE_MS: Final = 500.0
USUAL_INTERVALS: Final = 3.0
SAMPLES_PER_MS: Final = 48.0
SLACK_MS: Final = 20.0
"""Samples are played ten milliseconds at a time: the ends of a window are not sharper."""
STOOD_STILL_MS: Final = 500.0
"""Without a sample played for so long nothing is played at all. A machine without a sound card has
its samples fetched by a timer, which a busy one lets wait for less."""
SOUND_SHARE: Final = 0.8
"""Real sound in a bin that counts as heard."""

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Frame:
    """`count`: with those that were shown since the last callback. `at` in milliseconds."""

    at: float
    height: int
    count: int = 1


@dataclass(frozen=True, slots=True)
class Bar:
    """What makes up `recovered_after`: bins of so long, so many of them in a row, each with so many
    frames a second of at least this height, and with sound."""

    bin_ms: float
    in_a_row: int
    fps: float
    height: int = 0


class Sound:
    """Milliseconds of real sound until each moment."""

    def __init__(self, samples: Sequence[Sequence[Any]]) -> None:
        """`samples`: (time, source, samples received, samples of them concealed)."""
        self._at: list[float] = []
        self._heard: list[float] = []
        total = 0.0
        before: Sequence[Any] | None = None  # when something was played last
        for sample in samples:
            at, source, received, concealed = sample
            if source is None or before is None or source != before[1]:
                before = sample if source is not None else None
            elif received > before[2]:
                total += _real_ms(at - before[0], received - before[2], concealed - before[3])
                before = sample
            self._at.append(at)
            self._heard.append(total)

    def heard_ms(self, since: float, until: float) -> float:
        return self._until(until) - self._until(since)

    def gaps_ms(self, since: float, until: float) -> float:
        return max(0.0, (until - since) - self.heard_ms(since, until) - SLACK_MS)

    def _until(self, moment: float) -> float:
        after = bisect_left(self._at, moment)
        if after == 0:
            return 0.0
        if after == len(self._at):
            return self._heard[-1]
        (t0, t1), (h0, h1) = self._at[after - 1 : after + 1], self._heard[after - 1 : after + 1]
        return h0 + (h1 - h0) * (moment - t0) / (t1 - t0)


def _real_ms(taken_ms: float, received: float, concealed: float) -> float:
    """Of the time that these samples took. A loudspeaker that is a little behind plays the same
    sound, only later; one that stood still has played nothing meanwhile."""
    if taken_ms > STOOD_STILL_MS:
        return max(0.0, received - concealed) / SAMPLES_PER_MS
    return max(0.0, taken_ms - concealed / SAMPLES_PER_MS)


@dataclass(frozen=True, slots=True)
class Seen:
    """All that a page noted. `pictures` by name: "focus", "tile1" and so on; `paused` are the spans
    in which a picture was marked."""

    pictures: Mapping[str, Sequence[Frame]]
    paused: Mapping[str, Sequence[Span]]
    sound: Sound

    @classmethod
    def from_page(
        cls, frames: Mapping[str, Sequence[Sequence[Any]]], samples: Sequence[Sequence[Any]]
    ) -> Seen:
        """`frames` and `samples` as page.js has them."""
        return cls(
            {name: [Frame(*each) for each in noted] for name, noted in frames.items()},
            _spans([(sample[0], sample[1]) for sample in samples]),
            Sound([(sample[0], *sample[2:]) for sample in samples]),
        )

    def fps(self, name: str, since: float, until: float) -> float:
        """Frames a second, over the time in which the picture was not paused; 0 when it always
        was."""
        frames = _within(self.pictures.get(name, ()), since, until)
        paused = sum(
            max(0.0, min(end, until) - max(begin, since))
            for begin, end in self.paused.get(name, ())
        )
        moving = until - since - paused
        return sum(frame.count for frame in frames) * 1000 / moving if moving > 0 else 0.0

    def height(self, name: str, since: float, until: float) -> int:
        """The usual one; 0 without a frame."""
        frames = _within(self.pictures.get(name, ()), since, until)
        return int(median([frame.height for frame in frames])) if frames else 0

    def freezes_ms(self, name: str, since: float, until: float) -> list[float]:
        """How long each lasted."""
        frames = _within(self.pictures.get(name, ()), since, until)
        return freezes_ms([frame.at for frame in frames], since, until, self.paused.get(name, ()))

    def is_marked(self, name: str, at: float) -> bool:
        """Whether the picture was marked as paused then."""
        return any(begin <= at <= end for begin, end in self.paused.get(name, ()))

    def recovered_after_ms(self, since: float, until: float, bar: Bar) -> float | None:
        """From `since` to the first bin from which sound and the focused picture went on as `bar`
        says; None: they did not."""
        frames = self.pictures.get("focus", ())
        good = 0
        for number in range(int((until - since) // bar.bin_ms)):
            begin = since + number * bar.bin_ms
            end = begin + bar.bin_ms
            shown = [f for f in _within(frames, begin, end) if f.height >= bar.height]
            moves = sum(f.count for f in shown) >= max(1, math.floor(bar.fps * bar.bin_ms / 1000))
            heard = self.sound.heard_ms(begin, end) >= SOUND_SHARE * bar.bin_ms
            good = good + 1 if moves and heard else 0
            if good == bar.in_a_row:
                return begin - (good - 1) * bar.bin_ms - since
        return None


def freezes_ms(
    times: Sequence[float], since: float, until: float, paused: Sequence[Span] = ()
) -> list[float]:
    """Gaps between frames, those at the ends of the window included; what is marked as paused is
    not of them."""
    intervals = [b - a for a, b in pairwise(times)]
    limit = max(FREEZE_MS, USUAL_INTERVALS * median(intervals) if intervals else 0.0)
    found = []
    for begin, end in pairwise((since, *times, until)):
        pieces = _without((begin, end), paused)
        found += [b - a for a, b in pieces if b - a > limit]
    return found


def _without(span: Span, holes: Sequence[Span]) -> list[Span]:
    pieces = []
    at = span[0]
    for begin, end in holes:
        if end <= at or begin >= span[1]:
            continue
        if begin > at:
            pieces.append((at, begin))
        at = max(at, end)
    if at < span[1]:
        pieces.append((at, span[1]))
    return pieces


def _within(frames: Sequence[Frame], since: float, until: float) -> Sequence[Frame]:
    first = bisect_left(frames, since, key=lambda frame: frame.at)
    last = bisect_left(frames, until, key=lambda frame: frame.at)
    return frames[first:last]


def _spans(marks: Sequence[tuple[float, Sequence[str]]]) -> dict[str, list[Span]]:
    """From the names that were marked at each moment. A mark that is still there has no end."""
    spans: dict[str, list[Span]] = {}
    began: dict[str, float] = {}
    for at, names in marks:
        for name in names:
            began.setdefault(name, at)
        for name in [name for name in began if name not in names]:
            spans.setdefault(name, []).append((began.pop(name), at))
    for name, at in began.items():
        spans.setdefault(name, []).append((at, math.inf))
    return spans
