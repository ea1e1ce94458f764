"""What the kernel does not take."""

from __future__ import annotations

import pytest

from tests.conformance.loopback import EXTENSIONS, V4, Bench, Client
from vcs.media.description import Extensions
from vcs.plane import Forward
from vcs.plane.python import PythonPlane


async def test_an_address_that_cannot_be_reached_is_counted(bench: Bench) -> None:
    path = bench.plane.add_path(V4, ("255.255.255.255", 9))
    bench.plane.send_to(path, b"\0x")
    counters = bench.plane.counters()
    assert (counters["drop_send_error"], counters["packets_out"]) == (1, 0)


async def test_a_peer_without_a_path_is_sent_nothing(bench: Bench) -> None:
    booth = bench.client()
    bench.plane.drop_path(booth.path)
    bench.plane.send_rtcp(booth.id, b"\x80\xc9\0\1\0\0\0\1")
    assert bench.plane.counters()["drop_send_no_path"] == 1


async def test_rtcp_must_fit_a_datagram(bench: Bench) -> None:
    booth = bench.client()
    with pytest.raises(ValueError):
        bench.plane.send_rtcp(booth.id, bytes(3000))


async def test_send_time_is_seconds_in_six_bits_and_eighteen(bench: Bench) -> None:
    clock = [1000.25]
    timed = Bench(PythonPlane, lambda: clock[0])
    officer, booth = timed.client(), timed.client(extensions=Extensions(abs_send_time=2))
    stream, ssrc = timed.voice(officer)
    route, _ = timed.ear(booth)
    timed.plane.apply([Forward(route, stream)])
    officer.sound(ssrc, 0)
    await timed.settle()
    raw = booth.got[0].extension(EXTENSIONS.abs_send_time)
    assert raw is not None
    assert int.from_bytes(raw, "big") / 2**18 == 1000.25 % 64
    timed.close()


async def test_each_receiver_has_transport_wide_numbers_of_its_own(bench: Bench) -> None:
    """A count that moved with the others' packets would tell of them."""
    officer = bench.client()
    listeners: list[Client] = [bench.client(), bench.client()]
    stream, ssrc = bench.voice(officer)
    routes = [bench.ear(listener)[0] for listener in listeners]
    bench.plane.apply([Forward(routes[0], stream)])
    for n in range(3):
        officer.sound(ssrc, n)
    await bench.settle()
    bench.plane.apply([Forward(routes[1], stream)])
    officer.sound(ssrc, 3)
    await bench.settle()
    numbers = [
        [p.extension(EXTENSIONS.transport_cc) for p in listener.got] for listener in listeners
    ]
    assert numbers == [[b"\0\0", b"\0\1", b"\0\2", b"\0\3"], [b"\0\0"]]
