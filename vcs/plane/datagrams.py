"""Many datagrams in one system call: recvmmsg and sendmmsg of Linux.

A call of Python for each datagram, with its address as text, costs as much as half of what is done
with the datagram. Here an address is what the kernel writes, a `sockaddr`; paths are found by it.
"""

from __future__ import annotations

import errno
import socket
import struct
from typing import TYPE_CHECKING, Any, Final

from cffi import FFI

from vcs.plane import Address
from vcs.plane.srtp import MAX_DATAGRAM, MAX_HEADERS, TRAILER, PacketBuffer

if TYPE_CHECKING:
    from mypy_extensions import i64

    from vcs.plane.route import Route

BATCH: Final = 32
"""Datagrams of one call."""

_ffi = FFI()
_ffi.cdef(
    """
    struct iovec { void *base; size_t length; };
    struct msghdr {
        void *name; unsigned int name_length;
        struct iovec *parts; size_t part_count;
        void *control; size_t control_length;
        int flags;
    };
    struct mmsghdr { struct msghdr head; unsigned int length; };
    int recvmmsg(int, struct mmsghdr *, unsigned int, int, void *);
    int sendmmsg(int, struct mmsghdr *, unsigned int, int);
    """
)
_libc: Any = _ffi.dlopen(None)
_recvmmsg: Final[Any] = _libc.recvmmsg
_sendmmsg: Final[Any] = _libc.sendmmsg

_NAME_OCTETS: Final = 32
_FOUR: Final = struct.Struct("!4s8x")
_SIX: Final = struct.Struct("!4x16s4x")
_MESSAGE: Final[int] = _ffi.sizeof("struct mmsghdr")
_WORD: Final[int] = _ffi.sizeof("void *")
_LENGTHS_APART: Final = _MESSAGE // 4
_LENGTH_AT: Final[int] = _ffi.offsetof("struct mmsghdr", "length") // 4
_WORDS_APART: Final = _MESSAGE // _WORD
_MAPPED: Final = bytes(10) + b"\xff\xff"
"""An IPv4 address in IPv6 begins so (RFC 4291 section 2.5.5.2)."""


def sockaddr(address: Address, *, six: bool) -> bytes:
    """The address as the kernel has it, for a socket of IPv4 or, with `six`, of IPv6, where an IPv4
    address is mapped."""
    host, port = address
    family = socket.AF_INET6 if six else socket.AF_INET
    begin = struct.pack("=H", family) + struct.pack("!H", port)
    if ":" in host:
        return begin + _SIX.pack(socket.inet_pton(socket.AF_INET6, host))
    four = socket.inet_pton(socket.AF_INET, host)
    return begin + (_SIX.pack(_MAPPED + four) if six else _FOUR.pack(four))


def _key(words: memoryview, at: i64, six: bool) -> int:
    """Family, port and address of the `sockaddr` at this word, as one number."""
    if not six:
        first: int = words[at]
        return first
    key: int = words[at] | words[at + 1] << 64 | words[at + 2] << 128
    return key


def key_of(name: bytes) -> int:
    """Of a `sockaddr`: what `ReceiveBatch.source` gives for a datagram that comes from it."""
    six = len(name) > 16
    return _key(memoryview(name[:24] if six else name).cast("Q"), 0, six)


class _Messages:
    """Headers of BATCH datagrams, each of one part, with room for its address."""

    __slots__ = ("_kept", "lengths", "name_octets", "names", "parts", "pointer", "words")

    def __init__(self, buffers: list[PacketBuffer], *, six: bool) -> None:
        self.name_octets = 28 if six else 16
        names = bytearray(BATCH * _NAME_OCTETS)
        parts = _ffi.new("struct iovec[]", BATCH)
        messages = _ffi.new("struct mmsghdr[]", BATCH)
        held = _ffi.from_buffer(names)
        for number, buffer in enumerate(buffers):
            parts[number].base = _ffi.cast("void *", buffer.pointer)
            parts[number].length = MAX_DATAGRAM
            head = messages[number].head
            head.name = _ffi.cast("void *", held + number * _NAME_OCTETS)
            head.name_length = self.name_octets
            head.parts = parts + number
            head.part_count = 1
        self.pointer: Any = messages
        self.names = memoryview(names)
        self.words = memoryview(_ffi.buffer(messages)).cast("B").cast("L")
        self.lengths = memoryview(_ffi.buffer(messages)).cast("B").cast("I")
        self.parts = memoryview(_ffi.buffer(parts)).cast("B").cast("L")
        self._kept = parts, names, held, buffers


class ReceiveBatch:
    """What came at one call: `buffers[n]`, `length(n)` and `source(n)` until the next call."""

    __slots__ = (
        "_lengths",
        "_messages",
        "_names",
        "_pointer",
        "_six",
        "_sock",
        "_words",
        "buffers",
    )

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._six = sock.family == socket.AF_INET6
        self.buffers = [PacketBuffer(MAX_DATAGRAM) for _ in range(BATCH)]
        self._messages = _Messages(self.buffers, six=self._six)
        self._pointer: Any = self._messages.pointer
        self._lengths = self._messages.lengths
        self._names = self._messages.names
        self._words = self._names.cast("Q")

    def receive(self) -> int:
        """How many datagrams came: 0 for none, BATCH at most, and then there may be more. Raises
        `OSError`."""
        count: int = _recvmmsg(
            self._sock.fileno(), self._pointer, BATCH, socket.MSG_DONTWAIT, _ffi.NULL
        )
        if count >= 0:
            return count
        number: int = _ffi.errno
        if number in (errno.EAGAIN, errno.EINTR):
            return 0
        raise OSError(number, "recvmmsg")

    def length(self, n: i64) -> int:
        """In octets; one that was longer than MAX_DATAGRAM is said to have just that."""
        size: int = self._lengths[n * _LENGTHS_APART + _LENGTH_AT]
        return size

    def source(self, n: i64) -> int:
        """Whom it came from, as `key_of` has it."""
        return _key(self._words, n * (_NAME_OCTETS // 8), self._six)

    def address(self, n: i64) -> Address:
        """Whom it came from, as the contract writes it."""
        at = n * _NAME_OCTETS
        name = bytes(self._names[at : at + _NAME_OCTETS])
        port = int.from_bytes(name[2:4], "big")
        if not self._six:
            return socket.inet_ntop(socket.AF_INET, name[4:8]), port
        if name[8:20] == _MAPPED:
            return socket.inet_ntop(socket.AF_INET, name[20:24]), port
        return socket.inet_ntop(socket.AF_INET6, name[8:24]), port


class SendBatch:
    """Packets that wait for one call: made in `following()`, added, and sent by `flush`.

    `system` is sendmmsg; a test may put a full socket in its place, which loopback never has.
    """

    __slots__ = (
        "_buffers",
        "_messages",
        "_octets",
        "_parts",
        "_routes",
        "_sock",
        "_words",
        "system",
        "waiting",
    )

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        size = MAX_HEADERS + MAX_DATAGRAM + TRAILER
        self._buffers = [PacketBuffer(size) for _ in range(BATCH)]
        self._messages = _Messages(self._buffers, six=sock.family == socket.AF_INET6)
        self._words = self._messages.words
        self._parts = self._messages.parts
        self._routes: list[Route | None] = [None] * BATCH
        self._octets = [0] * BATCH
        self.waiting: i64 = 0
        self.system: Any = _sendmmsg

    def following(self) -> PacketBuffer:
        """Where the next packet is made; there is always room."""
        return self._buffers[self.waiting]

    def add(self, destination: int, octets: i64, route: Route, payload: i64) -> bool:
        """The packet of so many octets that was made in `following()` waits; `destination`: where
        its `sockaddr` lies in memory; `payload`: the octets that the route counts. True: there is
        no room for another, `flush` now."""
        at = self.waiting
        self._words[at * _WORDS_APART] = destination
        self._parts[2 * at + 1] = octets
        self._routes[at] = route
        self._octets[at] = payload
        self.waiting = at + 1
        return at + 1 == BATCH

    def flush(self, counts: dict[str, int]) -> None:
        """Sends what waits. What the kernel does not take is dropped, as the network would, and not
        among what its route has sent."""
        waiting, at = self.waiting, 0
        self.waiting = 0
        number = self._sock.fileno()
        while at < waiting:
            first = self._messages.pointer if at == 0 else self._messages.pointer + at
            sent: int = self.system(number, first, waiting - at, 0)
            if sent > 0:
                at += sent
                continue
            error: int = _ffi.errno
            if error == errno.EINTR:
                continue
            counts["drop_send_full" if error == errno.EAGAIN else "drop_send_error"] += 1
            route = self._routes[at]
            if route is not None:
                route.packets -= 1
                route.octets -= self._octets[at]
            at += 1


class Destination:
    """A `sockaddr` that stays where it is in memory: `place`."""

    __slots__ = ("_kept", "place")

    def __init__(self, name: bytes) -> None:
        self._kept = _ffi.new("unsigned char[]", name)
        self.place = int(_ffi.cast("size_t", self._kept))
