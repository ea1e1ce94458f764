"""Plain UDP datagrams over a link, from one namespace to the other, with the times at both ends.

    python datagrams.py receive PORT
    python datagrams.py send ADDRESS PORT COUNT SIZE PER_SECOND

`receive` says so when it listens and prints (number, sent, arrived) for each datagram once its
standard input is closed. All times are of the monotonic clock, which namespaces have in common.
"""

from __future__ import annotations

import json
import select
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # as a program it stands alone
    from benchmarks.links.link import Link

PORT = 9000
HEADERS = 28
"""Octets of IPv4 and UDP."""
_STAMP = struct.Struct("!Id")
_SETTLE_S = 0.3


class Arrival(NamedTuple):
    """One datagram that arrived."""

    number: int
    sent: float
    arrived: float

    @property
    def took_ms(self) -> float:
        return (self.arrived - self.sent) * 1000


def pour(
    link: Link, count: int, per_s: float, *, size: int = 1000, to_client: bool = True
) -> list[Arrival]:
    """Send datagrams of `size` octets, headers included, and return those that arrived in the order
    of arrival. Waits for stragglers a little longer than any queue of these tests."""
    at_sink, at_source = (
        (link.at_client, link.at_server) if to_client else (link.at_server, link.at_client)
    )
    address = link.client_address if to_client else link.server_address
    with subprocess.Popen(
        at_sink(sys.executable, __file__, "receive", str(PORT)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as sink:
        assert sink.stdout is not None
        assert sink.stdout.readline() == b"listening\n"
        words = (address, PORT, count, size - HEADERS, per_s)
        source = (sys.executable, __file__, "send", *(str(word) for word in words))
        subprocess.run(at_source(*source), check=True)
        time.sleep(_SETTLE_S)
        told, _ = sink.communicate()
    return [Arrival(*each) for each in json.loads(told)]


def _receive(port: int) -> None:
    arrivals: list[tuple[int, float, float]] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        sock.bind(("0.0.0.0", port))
        print("listening", flush=True)
        while True:
            ready, _, _ = select.select([sock, sys.stdin], [], [])
            if sock in ready:
                data = sock.recv(65_535)
                arrivals.append((*_STAMP.unpack_from(data), time.monotonic()))
            elif sys.stdin in ready:
                break
    print(json.dumps(arrivals))


def _send(address: str, port: int, count: int, size: int, per_s: float) -> None:
    rest = bytes(size - _STAMP.size)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        began = time.monotonic()
        for number in range(count):
            wait = began + number / per_s - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            sock.sendto(_STAMP.pack(number, time.monotonic()) + rest, (address, port))


def _main(words: Sequence[str]) -> None:
    if words[0] == "receive":
        _receive(int(words[1]))
    else:
        _send(words[1], int(words[2]), int(words[3]), int(words[4]), float(words[5]))


if __name__ == "__main__":
    _main(sys.argv[1:])
