"""What is heard on one slot: a log of Opus packets with arrival times, and the sound in them.

Nothing is decoded until somebody asks, so that listening costs as little as counting.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import av
import numpy as np
from numpy.typing import NDArray

from vcs.booth.prepared import SOUND_RATE, SOUND_STEP
from vcs.media.timestamp import ahead

KEPT: Final = 3_000
"""Packets in the log: a minute."""

SILENCE: Final = b"\xf8\xff\xfe"
"""Opus: 20 ms of digital silence, as the server ends a talk path."""

QUIET_DBFS: Final = -120.0
_DTX_SIZE: Final = 2
_PRE_ROLL: Final = 4
"""Packets decoded before those asked for: the decoder needs 80 ms to know where it is."""

_SHORTEST_RUN: Final = 3
# Blackman-Harris: the sound of an edge or of a neighbouring tone stays 92 dB below.
_WINDOW_TERMS: Final = (0.35875, -0.48829, 0.14128, -0.01168)

Sound = NDArray[np.float64]


class HeardPacket(NamedTuple):
    """`arrival` is monotonic. `is_silence`: a silence frame, or DTX (RFC 6716 section 2.1.9)."""

    arrival: float
    sequence: int
    timestamp: int
    is_silence: bool
    payload: bytes


class OpusDecoder:
    """Opus packets to mono samples at 48 kHz, -1 to 1."""

    def __init__(self) -> None:
        context = av.CodecContext.create("libopus", "r")
        assert isinstance(context, av.AudioCodecContext)
        context.sample_rate = SOUND_RATE
        context.layout = "mono"
        self._context = context

    def decode(self, payload: bytes) -> Sound:
        """20 ms, or what the packet holds; nothing for one that is broken."""
        try:
            frames = self._context.decode(av.Packet(payload))
        except av.FFmpegError:
            return np.empty(0)
        parts = [_mono(frame) for frame in frames]
        return np.concatenate(parts) if parts else np.empty(0)


def _mono(frame: av.AudioFrame) -> Sound:
    raw = frame.to_ndarray()
    scale = 32_768.0 if raw.dtype.kind == "i" else 1.0
    channels = len(frame.layout.channels)
    samples = raw.reshape(-1, channels) if not frame.format.is_planar else raw.T
    return np.asarray(samples.mean(axis=1, dtype=np.float64) / scale)


class Listener:
    """Listens to one audio slot."""

    def __init__(self, kept: int = KEPT) -> None:
        self.packets: deque[HeardPacket] = deque(maxlen=kept)
        self.count = 0
        self.speech_count = 0
        self.on_packet: Callable[[HeardPacket], None] | None = None

    def received(self, sequence: int, timestamp: int, payload: bytes, arrival: float) -> None:
        """Note one RTP packet's payload."""
        silence = payload == SILENCE or len(payload) <= _DTX_SIZE
        packet = HeardPacket(arrival, sequence, timestamp, silence, payload)
        self.packets.append(packet)
        self.count += 1
        if not silence:
            self.speech_count += 1
        if self.on_packet is not None:
            self.on_packet(packet)

    def between(self, since: float, until: float) -> list[HeardPacket]:
        """Packets that arrived in `[since, until)`, in order of arrival."""
        return [packet for packet in self.packets if since <= packet.arrival < until]

    def runs(self, since: float, until: float) -> list[Sound]:
        """The sound of `[since, until)`, one array for each stretch without a gap or silence frame.

        Gaps are left out and not filled, since what a decoder would conceal was never sent.
        """
        packets = list(self.packets)
        runs: list[Sound] = []
        for wanted in _stretches(packets, since, until):
            decoder = OpusDecoder()
            first = packets.index(wanted[0])
            for packet in packets[max(0, first - _PRE_ROLL) : first]:
                decoder.decode(packet.payload)
            runs.append(np.concatenate([decoder.decode(packet.payload) for packet in wanted]))
        return runs

    def tone_levels_dbfs(
        self, frequencies: Sequence[int], window: float, until: float | None = None
    ) -> Mapping[int, float]:
        """How loud each of these tones was in the `window` seconds before `until` (None: the last
        packet's arrival), in dB below a sine of full scale; -120 for nothing.

        Measured over each stretch without a gap, the loudest counts. Stretches under 60 ms are left
        out: they cannot tell tones apart. Over 60 ms tones 70 Hz apart are told apart, over 100 ms
        and more such as 40 Hz apart.
        """
        levels = dict.fromkeys(frequencies, QUIET_DBFS)
        if not self.packets:
            return levels
        end = self.packets[-1].arrival + 1e-6 if until is None else until
        for sound in self.runs(end - window, end):
            if len(sound) < _SHORTEST_RUN * SOUND_STEP:
                continue
            for frequency in frequencies:
                levels[frequency] = max(levels[frequency], tone_dbfs(sound, frequency))
        return levels


def tone_dbfs(sound: Sound, frequency: float) -> float:
    """Level of one tone in samples at 48 kHz, in dB below a sine of full scale."""
    count = len(sound)
    phase = 2 * np.pi * np.arange(count) / count
    window = sum(term * np.cos(order * phase) for order, term in enumerate(_WINDOW_TERMS))
    wave = np.exp(-2j * np.pi * frequency * np.arange(count) / SOUND_RATE)
    amplitude = 2 * abs(np.dot(sound * window, wave)) / float(np.sum(window))
    return max(QUIET_DBFS, 20 * float(np.log10(amplitude))) if amplitude > 0 else QUIET_DBFS


def _stretches(
    packets: Iterable[HeardPacket], since: float, until: float
) -> Iterator[list[HeardPacket]]:
    """Speech of `[since, until)` in pieces whose timestamps follow one another."""
    inside = [p for p in packets if since <= p.arrival < until and not p.is_silence]
    if not inside:
        return
    first = inside[0].timestamp
    inside.sort(key=lambda packet: ahead(packet.timestamp, first))
    piece = [inside[0]]
    for packet in inside[1:]:
        step = ahead(packet.timestamp, piece[-1].timestamp)
        if step == 0:
            continue  # the network has doubled it
        if step != SOUND_STEP:
            yield piece
            piece = []
        piece.append(packet)
    yield piece
