from __future__ import annotations

from vcs.plane import EVENT_RING, DtlsEvent, PathId
from vcs.plane.rings import Ring, Rings


def test_a_ring_keeps_the_oldest_and_counts_the_rest() -> None:
    ring: Ring[int] = Ring()
    for n in range(EVENT_RING + 3):
        ring.push(n)
    assert ring.dropped == 3
    assert ring.pull() == list(range(EVENT_RING))
    assert len(ring) == 0
    ring.push(7)
    assert ring.pull() == [7]


def test_rings_are_pulled_together() -> None:
    rings = Rings()
    assert not rings
    event = DtlsEvent(PathId(1), b"x", 0.0)
    rings.dtls.push(event)
    assert rings
    events = rings.pull()
    assert (events.dtls, events.stun, events.dropped) == ([event], [], {})
    assert not rings
