"""Which layer of a picture a receiver gets: the largest for the focused booth, the smallest for the
rest, and only one that still arrives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

ALIVE_S = 0.7
"""A layer without a packet for so long has been stopped by its sender (thin link, weak machine)."""

RETURN_S = 2.0
"""A better layer must have been alive for so long before a receiver is moved up to it."""


@dataclass(frozen=True, slots=True)
class LayerHealth:
    """One layer: its place in the order of size, when it last arrived, since when without a gap."""

    index: int
    last_arrival: float
    alive_since: float


def choose(
    layers: Sequence[LayerHealth], current: int | None, large: bool, now: float
) -> int | None:
    """The index of the layer to send; None when there is none at all.

    Down from a layer that has stopped at once; up only when the better one has proved itself. With
    nothing alive the present choice stays, since another would not move either.
    """
    if not layers:
        return None
    alive = [layer for layer in layers if now - layer.last_arrival < ALIVE_S]
    if not alive:
        known = [layer.index for layer in layers]
        return current if current in known else known[-1 if large else 0]
    wanted = alive[-1] if large else alive[0]
    now_sent = next((layer for layer in alive if layer.index == current), None)
    going_up = now_sent is not None and wanted.index > now_sent.index
    if now_sent is not None and going_up and now - wanted.alive_since < RETURN_S:
        return now_sent.index
    return wanted.index
