"""libsrtp on our own buffers (RFC 3711, RFC 7714): no copy, no object for a packet.

The one place that reaches into pylibsrtp, whose own `Session` copies each packet twice.
"""

from __future__ import annotations

from typing import Any, Final

from pylibsrtp import Policy, Session
from pylibsrtp._binding import ffi, lib

from vcs.media.description import SrtpProfile

RECEIVE_WINDOW: Final = 1024
SEND_WINDOW: Final = 128
MAX_DATAGRAM: Final = 2048
MAX_HEADERS: Final = 128
"""An RTP header and the largest extension block that `Route.write_template` makes, and more."""
TRAILER: Final = 160
"""What protection may add to a packet: tag, index and MKI (SRTP_MAX_TRAILER_LEN and a word)."""

AUTH_FAILED: Final = -7
REPLAYED: Final = -9
TOO_OLD: Final = -10
"""Statuses of libsrtp, negated."""


class PacketBuffer:
    """Memory that both Python and libsrtp write to."""

    __slots__ = ("data", "pointer", "view")

    def __init__(self, size: int) -> None:
        self.data = bytearray(size)
        self.view = memoryview(self.data)
        self.pointer: Any = ffi.from_buffer(self.data)


class SrtpContext:
    """One direction of one peer. Each method works on the first `length` bytes of the buffer, in
    place, and returns the new length, or the negated status of libsrtp (0 is never a length).

    After a refusal the buffer's contents are of no use. `handle` and `length` are for who calls
    libsrtp's `protect` and `unprotect` below by hand: `length[0]` is set before and read after.
    """

    __slots__ = ("_session", "handle", "length", "tag")

    def __init__(self, profile: int, key: bytes, *, inbound: bool) -> None:
        """Raises `ValueError` for a key that does not fit the profile."""
        policy = Policy(
            key=key,
            ssrc_type=Policy.SSRC_ANY_INBOUND if inbound else Policy.SSRC_ANY_OUTBOUND,
            srtp_profile=profile,
        )
        policy.window_size = RECEIVE_WINDOW if inbound else SEND_WINDOW
        self.tag = 10 if profile == SrtpProfile.AES128_CM_SHA1_80 else 16
        """Octets that protection adds to an RTP packet (RFC 3711 section 5.2, RFC 7714 section
        5.2.1)."""
        self._session: Any = Session(policy)
        self.handle: Any = self._session._srtp[0]
        self.length: Any = ffi.new("int *")

    def unprotect(self, buffer: PacketBuffer, length: int) -> int:
        self.length[0] = length
        status: int = unprotect(self.handle, buffer.pointer, self.length)
        return -status if status else int(self.length[0])

    def protect(self, buffer: PacketBuffer, length: int) -> int:
        self.length[0] = length
        status: int = protect(self.handle, buffer.pointer, self.length)
        return -status if status else int(self.length[0])

    def unprotect_rtcp(self, buffer: PacketBuffer, length: int) -> int:
        self.length[0] = length
        status: int = lib.srtp_unprotect_rtcp(self.handle, buffer.pointer, self.length)
        return -status if status else int(self.length[0])

    def protect_rtcp(self, buffer: PacketBuffer, length: int) -> int:
        self.length[0] = length
        status: int = lib.srtp_protect_rtcp(self.handle, buffer.pointer, self.length)
        return -status if status else int(self.length[0])


unprotect: Final[Any] = lib.srtp_unprotect
protect: Final[Any] = lib.srtp_protect
"""`(handle, pointer, length)`: the status, 0 for success."""
