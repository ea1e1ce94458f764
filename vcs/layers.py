"""Which layers of a picture there are to give: those that arrive, and what each costs."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from vcs.media.allocation import L1T3, PictureLayer

ALIVE_S: Final = 0.7
"""A layer without a packet for so long has been stopped by its sender (thin link, weak machine)."""
RETURN_S: Final = 2.0
"""A better layer must have been alive for so long before a receiver is moved up to it."""
RATE_OVER_S: Final = 5.0
"""Key frames and scenes come and go: a price that changed with each would move the pictures."""
PRESUMED_BITS_PER_S: Final = (150_000.0, 450_000.0, 1_500_000.0)
"""What a layer costs before that is measured: about what our pages send, small to large."""
PACKET_OCTETS: Final = 44
"""Of a packet beside its payload: header, extensions, authentication."""
TEMPORAL_SHARES: Final = {1: (1.0,), 2: (0.6, 1.0), 3: L1T3}


class LayerHealth(NamedTuple):
    """One layer: its place in the order of size, when it last arrived, since when without a gap."""

    place: int
    last_arrival: float
    alive_since: float


def usable(layers: Sequence[LayerHealth], current: int | None, now: float) -> list[int]:
    """The places of the layers that a receiver may be given, who is given `current` now.

    One that has stopped is none, at once; one above the present only when it has proved itself.
    With nothing alive the present choice stays, or the smallest: another would not move either.
    """
    alive = [layer for layer in layers if now - layer.last_arrival < ALIVE_S]
    if not alive:
        known = [layer.place for layer in layers]
        return [current] if current in known else known[:1]
    if current is None:
        return [layer.place for layer in alive]
    least = alive[0].place
    return [
        layer.place
        for layer in alive
        if layer.place <= max(current, least) or now - layer.alive_since >= RETURN_S
    ]


@dataclass(slots=True)
class LayerRate:
    """What a layer takes on the wire, over the last RATE_OVER_S."""

    _seen: deque[tuple[float, int]] = field(default_factory=deque)

    def note(self, packets: int, octets: int, now: float) -> None:
        """`packets` and `octets` of payload so far; looked at a few times a second."""
        self._seen.append((now, octets + packets * PACKET_OCTETS))
        while len(self._seen) > 2 and self._seen[1][0] <= now - RATE_OVER_S:
            self._seen.popleft()

    @property
    def bits_per_s(self) -> float | None:
        """None before there is half a second to go by."""
        if len(self._seen) < 2:
            return None
        (began, before), (ended, after) = self._seen[0], self._seen[-1]
        return (after - before) * 8 / (ended - began) if ended - began >= 0.5 else None


def priced(place: int, rate: LayerRate | None, temporal_layers: int) -> PictureLayer:
    """A layer as the allocation wants it."""
    measured = rate.bits_per_s if rate is not None else None
    presumed = PRESUMED_BITS_PER_S[min(place, len(PRESUMED_BITS_PER_S) - 1)]
    shares = TEMPORAL_SHARES.get(temporal_layers, L1T3)
    return PictureLayer(place, presumed if measured is None else measured, shares)
