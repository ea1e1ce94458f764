"""The client's TCP connections (RFC 6544, active side), used as a socket that sends datagrams."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Final

from vcs.media.framing import FrameReader, frame
from vcs.transport.stun import Address

MAX_WAITING_OCTETS: Final = 1 << 18
"""For a connection that is not open yet or does not take more; what exceeds it is dropped."""

_READ_OCTETS: Final = 65_536


class ClientStreams:
    """A connection for each address that something is sent to, opened by that, and opened again by
    the next packet when it has ended. `on_packet(data, address)` gets what comes."""

    def __init__(self, on_packet: Callable[[bytes, Address], None]) -> None:
        self._on_packet = on_packet
        self._open: dict[Address, _Stream] = {}

    def sendto(self, data: bytes, address: Address) -> None:
        """Raises `OSError` as `sendto` of a datagram socket does: `BlockingIOError` when it is
        full."""
        stream = self._open.get(address)
        if stream is None:
            stream = self._open[address] = _Stream(address, self._received, self._ended)
        stream.send(data)

    def close(self) -> None:
        """All connections. May be used again."""
        for stream in list(self._open.values()):
            stream.close()
        self._open.clear()

    def _received(self, stream: _Stream, data: bytes) -> None:
        self._on_packet(data, stream.address)

    def _ended(self, stream: _Stream) -> None:
        if self._open.get(stream.address) is stream:
            del self._open[stream.address]


class _Stream:
    """One connection, or the attempt at one."""

    def __init__(
        self,
        address: Address,
        on_packet: Callable[[_Stream, bytes], None],
        on_end: Callable[[_Stream], None],
    ) -> None:
        self.address = address
        self._on_packet = on_packet
        self._on_end = on_end
        self._loop = asyncio.get_running_loop()
        self._reader = FrameReader()
        self._waiting = bytearray()
        self._closed = False
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connected = self._socket.connect_ex(address) == 0
        self._loop.add_reader(self._socket.fileno(), self._readable)
        self._loop.add_writer(self._socket.fileno(), self._writable)
        self._watching = True

    def send(self, data: bytes) -> None:
        if len(self._waiting) + len(data) > MAX_WAITING_OCTETS:
            raise BlockingIOError
        idle = self._connected and not self._waiting
        self._waiting += frame(data)
        if idle:
            self._writable()

    def close(self) -> None:
        """What waits goes out as far as the kernel takes it."""
        if self._closed:
            return
        self._closed = True
        self._loop.remove_reader(self._socket.fileno())
        self._loop.remove_writer(self._socket.fileno())
        self._socket.close()
        self._on_end(self)

    def _writable(self) -> None:
        self._connected = True
        try:
            if self._waiting:
                del self._waiting[: self._socket.send(self._waiting)]
        except (BlockingIOError, InterruptedError):
            pass
        except OSError:
            self.close()
            return
        if self._waiting and not self._watching:
            self._loop.add_writer(self._socket.fileno(), self._writable)
        elif self._watching and not self._waiting:
            self._loop.remove_writer(self._socket.fileno())
        self._watching = bool(self._waiting)

    def _readable(self) -> None:
        try:
            data = self._socket.recv(_READ_OCTETS)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        for packet in self._reader.feed(data):
            if self._closed:
                return
            self._on_packet(self, bytes(packet))
        if not data or self._reader.oversized:
            self.close()
