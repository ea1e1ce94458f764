"""Media made ready once: what a sender needs of it, and no codec any more."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

SOUND_FRAME_S = 0.020
SOUND_RATE = 48_000
SOUND_STEP = 960
"""RTP timestamp units of a 20 ms Opus frame (RFC 7587 section 4.1)."""


@dataclass(frozen=True, slots=True)
class SoundFrame:
    """One Opus packet, and its level as RFC 6464 has it: 0 (loud) to 127 (silent) in -dBov."""

    payload: bytes
    level: int


@dataclass(frozen=True, slots=True)
class PictureFrame:
    """One encoded picture as RTP payloads (see `vcs.booth.packetise`)."""

    payloads: tuple[bytes, ...]
    key: bool
    temporal_layer: int


@dataclass(frozen=True, slots=True)
class PictureLayer:
    """One simulcast layer: a loop that begins with a key frame. Raises `ValueError` if not."""

    rid: str
    width: int
    height: int
    frame_rate: int
    frames: tuple[PictureFrame, ...]
    keys: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        keys = tuple(index for index, frame in enumerate(self.frames) if frame.key)
        if not keys or keys[0] != 0:
            raise ValueError("a loop of pictures begins with a key frame")
        object.__setattr__(self, "keys", keys)

    def nearest_key(self, position: int) -> int:
        """Index of the key frame nearest to `position` in the endless loop, where the loop's next
        turn begins with a key frame too."""
        position %= len(self.frames)
        at = bisect_left(self.keys, position)
        before = self.keys[at - 1] if at else self.keys[-1] - len(self.frames)
        after = self.keys[at] if at < len(self.keys) else len(self.frames)
        chosen = after if after - position <= position - before else before
        return chosen % len(self.frames)


@dataclass(frozen=True, slots=True)
class PreparedMedia:
    """A loop of sound and loops of pictures, small layer first. May be shared by many senders."""

    sound: tuple[SoundFrame, ...]
    layers: tuple[PictureLayer, ...]
