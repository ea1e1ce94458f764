"""Where a booth's picture comes from: the drawn visitor, or a file; always a loop of frames."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Final

import av

from vcs.booth import portrait
from vcs.booth.soundtrack import Samples, openness

MAX_LOOP_S: Final = 20


class NoPicture(ValueError):
    """The file cannot be read, or holds no moving picture."""


def drawn(number: int, sound: Samples, frame_rate: int) -> Iterator[av.VideoFrame]:
    """The visitor of the booth with this number, lips moving with the sound."""
    visitor = portrait.Portrait(number)
    for index in range(round(portrait.LOOP_S * frame_rate)):
        t = index / frame_rate
        planes = visitor.frame(t, openness(sound, t, portrait.LOOP_S))
        yield av.VideoFrame.from_ndarray(planes, format="yuv420p")


def from_file(path: Path, frame_rate: int) -> Iterator[av.VideoFrame]:
    """The first MAX_LOOP_S seconds of any file that can be decoded, at `frame_rate`: frames are
    repeated or left out. Raises `NoPicture`."""
    wanted = 0
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise NoPicture(f"{path} has no picture")
            stream = container.streams.video[0]
            step = 1 / Fraction(stream.average_rate or 25)
            start: Fraction | None = None
            for index, frame in enumerate(container.decode(stream)):
                shown = index * step
                if frame.pts is not None and frame.time_base is not None:
                    shown = frame.pts * frame.time_base
                start = shown if start is None else start
                while Fraction(wanted, frame_rate) < shown - start + step:
                    if wanted >= MAX_LOOP_S * frame_rate:
                        return
                    yield frame
                    wanted += 1
    except (av.FFmpegError, OSError) as error:
        raise NoPicture(f"cannot read {path}: {error}") from error
    if not wanted:
        raise NoPicture(f"{path} has no picture")
