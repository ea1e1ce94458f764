"""What waits for its turn, and a connection that is held meanwhile."""

from __future__ import annotations

from tests.conformance.loopback import Bench, vp8
from tests.conformance.test_pace import PACE, shown
from vcs.plane import Forward


async def test_nothing_of_a_held_picture_comes_after_anothers_was_wanted(bench: Bench) -> None:
    """A held route has no source; what it was given before waits all the same."""
    seen = shown(bench)
    bench.plane.set_pace(seen.officer.id, PACE)
    seen.key_frame(20)
    await bench.settle()
    came = len(seen.pictures())
    assert 0 < came < 20
    bench.plane._hold._hold(bench.plane._routes[seen.route])
    other = bench.client()
    stream, ssrc, _ = bench.camera(other)
    bench.plane.apply([Forward(seen.route, stream)])
    seen.officer.receive()
    assert len(seen.pictures()) == came
    other.picture(ssrc, 0, vp8(b"hers", key=True), 9000, marker=True)
    await bench.until(lambda: len(seen.pictures()) == came + 1)
    assert seen.officer.got[-1].payload.endswith(b"hers")
