"""Everybody's own tone, and looking for it in what arrived."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.six_booths.air import Path
from vcs.booth.listener import HeardPacket, OpusDecoder, Sound
from vcs.booth.prepared import SOUND_RATE, SOUND_STEP, PreparedMedia
from vcs.media.timestamp import ahead

# 157 Hz apart: neither overtones of each other nor 50 Hz steps (Opus frames of 20 ms) away.
TONES: Final = {number: 300 + 157 * number for number in range(7)}
LEAK_DBFS: Final = -60.0

SETTLING: Final = 4
"""Packets at the beginning of a stretch whose sound is not looked at: a decoder that enters in the
middle needs 80 ms to know where it is. Whose packets they are is known without decoding."""

SHORTEST: Final = 4
"""Packets, hence 80 ms: neighbouring tones are told apart."""

LONGEST: Final = 50
"""Packets that are looked at together."""

_NOTHING_DBFS: Final = -120.0
_BLACKMAN_HARRIS: Final = (0.35875, -0.48829, 0.14128, -0.01168)  # an edge stays 92 dB below


class Finding(NamedTuple):
    """Something heard where it must not be. `when` is the move's number."""

    when: int
    where: str
    what: str

    def __str__(self) -> str:
        return f"move {self.when}: {self.where}: {self.what}"


class Heard(NamedTuple):
    """The speech packets of one path during one move. `allowed`: the path may carry sound in it."""

    when: int
    path: Path
    allowed: bool
    packets: Sequence[HeardPacket]


def voices(media: Mapping[int, PreparedMedia]) -> dict[bytes, int]:
    """Whose each Opus packet is. The server passes them on unchanged, so that a single packet says
    who speaks; packets that two have in common say nothing and are left out."""
    owners: dict[bytes, set[int]] = {}
    for number, prepared in media.items():
        for frame in prepared.sound:
            owners.setdefault(frame.payload, set()).add(number)
    return {payload: whose.pop() for payload, whose in owners.items() if len(whose) == 1}


def look_through(heard: Heard, whose: Mapping[bytes, int]) -> list[Finding]:
    """What is wrong with it: packets of somebody else, and tones above LEAK_DBFS of anybody but the
    path's source (of anybody at all where nothing is allowed)."""
    known = set(whose.values())
    expected = heard.path.source
    strangers = {
        owner
        for packet in heard.packets
        if (owner := whose.get(packet.payload)) != expected
        and (owner is not None or expected in known)
    }
    found = [
        f"packets of {'an unknown voice' if owner is None else TONES[owner]}"
        + ("" if owner is None else " Hz")
        for owner in sorted(strangers, key=str)
    ]
    if heard.packets and not heard.allowed:
        found.append(f"{len(heard.packets)} packets of speech where no path may be")
    for number, level in _loudest(heard.packets).items():
        if level > LEAK_DBFS and not (heard.allowed and number == expected):
            found.append(f"{TONES[number]} Hz at {level:.0f} dBFS")
    return [Finding(heard.when, str(heard.path), what) for what in found]


def _loudest(packets: Sequence[HeardPacket]) -> dict[int, float]:
    levels: dict[int, float] = {}
    for sound in _stretches(packets):
        for number, level in zip(TONES, levels_dbfs(sound), strict=True):
            levels[number] = max(levels.get(number, _NOTHING_DBFS), level)
    return levels


def levels_dbfs(sound: Sound) -> list[float]:
    """Level of each of the TONES, in dB below a sine of full scale; at most a second of sound.
    `vcs.booth.listener.tone_dbfs` for many sounds, with its tables made once."""
    window = _window(len(sound))
    amplitudes = 2 * np.abs((_waves()[:, : len(sound)] * (sound * window)).sum(axis=1))
    with np.errstate(divide="ignore"):
        levels = 20 * np.log10(amplitudes / window.sum())
    return [max(_NOTHING_DBFS, float(level)) for level in levels]


@cache
def _waves() -> NDArray[np.complex128]:
    turns = np.outer(list(TONES.values()), np.arange(LONGEST * SOUND_STEP)) / SOUND_RATE
    return np.asarray(np.exp(-2j * np.pi * turns))


@cache
def _window(count: int) -> NDArray[np.float64]:
    phase = 2 * np.pi * np.arange(count) / count
    terms = (term * np.cos(order * phase) for order, term in enumerate(_BLACKMAN_HARRIS))
    return np.asarray(sum(terms))


def _stretches(packets: Sequence[HeardPacket]) -> Iterable[Sound]:
    """The sound of every stretch without a gap, as far as it can be judged."""
    stretch: list[HeardPacket] = []
    for packet in packets:
        if stretch and ahead(packet.timestamp, stretch[-1].timestamp) != SOUND_STEP:
            yield from _decoded(stretch)
            stretch = []
        stretch.append(packet)
    yield from _decoded(stretch)


def _decoded(stretch: Sequence[HeardPacket]) -> Iterable[Sound]:
    if len(stretch) < SETTLING + SHORTEST:
        return
    decoder = OpusDecoder()
    sounds = [decoder.decode(packet.payload) for packet in stretch][SETTLING:]
    for start in range(0, len(sounds) - SHORTEST + 1, LONGEST):
        yield np.concatenate(sounds[start : start + LONGEST])
