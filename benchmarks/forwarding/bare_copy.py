"""The floor: copies datagrams from where they come to where they are to go, and knows nothing of
them. Run as a program with the port; its table comes on standard input as JSON lines."""

from __future__ import annotations

import asyncio
import gc
import json
import socket
import sys

import uvloop

from benchmarks.forwarding.call import BUFFER_OCTETS
from vcs.transport.stun import Address

MAX_DRAIN = 256


class BareCopy:
    """`table`: from each address to those that get its datagrams."""

    def __init__(self, address: str, port: int) -> None:
        self.table: dict[Address, list[Address]] = {}
        self._buffer = bytearray(2048)
        self._view = memoryview(self._buffer)
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.setblocking(False)
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_OCTETS)
        self._sock.bind((address, port))
        asyncio.get_running_loop().add_reader(self._sock, self._readable)

    def _readable(self) -> None:
        receive, send, view = self._sock.recvfrom_into, self._sock.sendto, self._view
        for _ in range(MAX_DRAIN):
            try:
                size, address = receive(self._buffer)
            except BlockingIOError:
                return
            data = view[:size]
            for to in self.table.get(address, ()):
                try:
                    send(data, to)
                except BlockingIOError:
                    continue


async def _run(address: str, port: int) -> None:
    copy = BareCopy(address, port)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    gc.freeze()
    print("ready", flush=True)
    while line := await reader.readline():
        source, sinks = json.loads(line)
        copy.table[(source[0], source[1])] = [(host, number) for host, number in sinks]


if __name__ == "__main__":
    uvloop.run(_run(sys.argv[1], int(sys.argv[2])))
