"""The emulated link does what it is told, as plain datagrams show it: a bench that measures servers
must itself have been measured. Tolerances are wide enough for a busy machine."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

import pytest

from benchmarks.links.link import Link
from benchmarks.links.shape import BadShape, Shape
from tests.network.datagrams import Arrival, pour


def kbps(arrivals: Sequence[Arrival], size: int = 1000) -> float:
    """From the first arrival to the last."""
    seconds = arrivals[-1].arrived - arrivals[0].arrived
    return (len(arrivals) - 1) * size * 8 / seconds / 1000


def delay_ms(arrivals: Sequence[Arrival]) -> float:
    return median(arrival.took_ms for arrival in arrivals)


def lost_percent(arrivals: Sequence[Arrival], sent: int) -> float:
    return 100 * (1 - len(arrivals) / sent)


def in_order(arrivals: Sequence[Arrival]) -> bool:
    numbers = [arrival.number for arrival in arrivals]
    return numbers == sorted(numbers)


def check_delay(arrivals: Sequence[Arrival], wanted_ms: float) -> None:
    assert wanted_ms <= delay_ms(arrivals) <= wanted_ms + 3


def test_untouched_everything_arrives_at_once(link: Link) -> None:
    for to_client in (True, False):
        arrivals = pour(link, 500, 1000, to_client=to_client)
        assert len(arrivals) == 500
        assert in_order(arrivals)
        check_delay(arrivals, 0)


def test_delay_is_of_its_own_direction(link: Link) -> None:
    link.shape(down=Shape(delay_ms=40), up=Shape(delay_ms=15))
    check_delay(pour(link, 200, 500), 40)
    check_delay(pour(link, 200, 500, to_client=False), 15)


def test_the_check_of_delay_can_fail(link: Link) -> None:
    link.shape(down=Shape(delay_ms=46))
    with pytest.raises(AssertionError):
        check_delay(pour(link, 200, 500), 40)


def test_rate_and_queue(link: Link) -> None:
    """Twice the rate is offered: half is dropped at the tail, and what gets through has waited for
    the whole queue."""
    link.shape(down=Shape(rate_kbps=1000, queue_ms=100))
    link.report()
    arrivals = pour(link, 500, 250)
    assert kbps(arrivals) == pytest.approx(1000, rel=0.05)
    assert 40 < lost_percent(arrivals, 500) < 55
    late = [arrival.took_ms for arrival in arrivals if arrival.number > 100]
    assert 85 < median(late) < 120
    told = link.report()["down"]
    assert told["packets"] == 500
    assert told["overflowed"] == 500 - len(arrivals)
    assert told["delivered_octets"] == len(arrivals) * 1000
    assert 85 < told["queue_ms"]["p50"] < 110


def test_below_the_rate_nothing_waits(link: Link) -> None:
    link.shape(down=Shape(rate_kbps=1000, queue_ms=100))
    link.report()
    arrivals = pour(link, 200, 90)
    assert len(arrivals) == 200
    assert link.report()["down"]["queue_ms"]["p50"] < 5


def test_a_rate_changes_while_packets_wait(link: Link) -> None:
    link.shape(down=Shape(rate_kbps=400, queue_ms=200))
    slow = pour(link, 100, 100)
    link.shape(down=Shape(rate_kbps=1600, queue_ms=200))
    fast = pour(link, 400, 400)
    assert kbps(slow) == pytest.approx(400, rel=0.06)
    assert kbps(fast) == pytest.approx(1600, rel=0.06)


def test_jitter_keeps_the_order_unless_told_otherwise(link: Link) -> None:
    link.shape(down=Shape(delay_ms=50, jitter_ms=50))
    arrivals = pour(link, 500, 200)
    assert in_order(arrivals)
    took = [arrival.took_ms for arrival in arrivals]
    assert min(took) < 20
    late = sorted(took)[int(0.95 * len(took))]  # a busy machine wakes the relay late now and then
    assert 80 < late < 105
    link.shape(down=Shape(delay_ms=50, jitter_ms=50, reorder=True))
    assert not in_order(pour(link, 500, 200))


def test_random_loss(link: Link) -> None:
    link.shape(down=Shape(loss_percent=10))
    arrivals = pour(link, 3000, 2000, size=200)
    assert 7 < lost_percent(arrivals, 3000) < 13
    assert mean_burst(arrivals) < 1.4


def test_loss_in_bursts(link: Link) -> None:
    link.shape(down=Shape(loss_percent=10, burst_packets=6))
    arrivals = pour(link, 6000, 2000, size=200)
    assert 6 < lost_percent(arrivals, 6000) < 14
    assert 4 < mean_burst(arrivals) < 8


def test_an_outage_ends(link: Link) -> None:
    link.shape(down=Shape(outage=True))
    assert pour(link, 50, 500) == []
    link.shape(down=Shape())
    assert len(pour(link, 50, 500)) == 50


def test_udp_is_blocked_and_tcp_is_not(link: Link) -> None:
    link.shape(down=Shape(blocked=("udp",)), up=Shape(blocked=("udp",)))
    assert pour(link, 50, 500) == []
    assert pour(link, 50, 500, to_client=False) == []
    assert connects(link)
    link.shape(up=Shape(blocked=("tcp:9001",)))
    assert not connects(link)


def test_another_address_and_the_first_one_gone(link: Link) -> None:
    old = link.client_address
    link.change_client_address()
    assert link.client_address != old
    assert len(pour(link, 50, 500)) == 50
    shown = subprocess.run(
        link.at_client("ip", "-4", "addr"), capture_output=True, text=True, check=True
    ).stdout
    assert link.client_address in shown
    assert old not in shown


def test_a_shape_that_cannot_be(link: Link) -> None:
    with pytest.raises(BadShape):
        link.shape(down=Shape(jitter_ms=5))


def test_it_takes_little(link: Link) -> None:
    """A quarter of a core at 2,000 packets a second would disturb what it measures."""
    link.shape(down=Shape(rate_kbps=20_000, delay_ms=20, jitter_ms=5, loss_percent=1))
    before = link.cpu_seconds()
    pour(link, 4000, 2000)
    assert link.cpu_seconds() - before < 1.5


def test_it_ends_with_whoever_made_it() -> None:
    """Killed without a word: the link's process goes too, and its namespaces with it."""
    program = "; ".join(
        (
            "from benchmarks.links.link import Link",
            "import os, signal",
            "link = Link()",
            "print(link.client_namespace, flush=True)",
            "os.kill(os.getpid(), signal.SIGKILL)",
        )
    )
    done = subprocess.run(
        (sys.executable, "-c", program), capture_output=True, text=True, check=False
    )
    namespace = done.stdout.strip()
    assert namespace.startswith("/proc/")
    gone = f"for _ in $(seq 50); do test -e {namespace} || exit 0; sleep 0.1; done; exit 1"
    assert subprocess.run(("sh", "-c", gone), check=False).returncode == 0


def mean_burst(arrivals: Sequence[Arrival]) -> float:
    """Packets that were lost in a row."""
    numbers = [arrival.number for arrival in arrivals]
    holes = [b - a - 1 for a, b in pairwise(numbers) if b - a > 1]
    return sum(holes) / len(holes)


def connects(link: Link) -> bool:
    """A TCP connection from the client to the server, within half a second."""
    listening = "import socket; s = socket.create_server(('0.0.0.0', 9001)); print(); s.accept()"
    knocking = f"import socket; socket.create_connection(('{link.server_address}', 9001), 0.5)"
    with subprocess.Popen(
        link.at_server(sys.executable, "-c", listening), stdout=subprocess.PIPE
    ) as server:
        assert server.stdout is not None
        server.stdout.readline()
        knock = link.at_client(sys.executable, "-c", knocking)
        done = subprocess.run(knock, capture_output=True, check=False)
        server.terminate()
    return done.returncode == 0
