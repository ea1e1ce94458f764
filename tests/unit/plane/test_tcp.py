"""What a connection asks of the kernel."""

from __future__ import annotations

import socket
from pathlib import Path

from tests.conformance.loopback import Bench
from tests.conformance.tcp import connection
from vcs.plane.tcp import CONGESTION_CONTROLS

ALLOWED = Path("/proc/sys/net/ipv4/tcp_allowed_congestion_control").read_text().split()


def congestion_control(sock: socket.socket) -> bytes:
    told = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, 16)
    return told.rstrip(b"\0")


async def test_no_congestion_control_that_stops_now_and_then(bench: Bench) -> None:
    """Whatever the machine's default is; here the one that does so, where the machine has it."""
    near, far = connection()
    if "bbr" in ALLOWED:
        far.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b"bbr")
    bench.strangers.append(near)
    bench.accepted.append(far)
    bench.plane.add_connection(far)
    assert congestion_control(far) in CONGESTION_CONTROLS
