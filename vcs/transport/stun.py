"""STUN Binding messages (RFC 8489) as ICE uses them (RFC 8445 section 7): bytes to values and back.

`parse` never raises: what is not a well-formed Binding message is None. Nothing in a message is
true before `Message.authentic` has said so.
"""

from __future__ import annotations

import binascii
import hmac
import os
import socket
from dataclasses import dataclass
from struct import pack, unpack_from
from typing import Final

Address = tuple[str, int]

REQUEST: Final = 0x0001
RESPONSE: Final = 0x0101
ERROR: Final = 0x0111

BAD_ATTRIBUTE: Final = 420
ROLE_CONFLICT: Final = 487

_COOKIE: Final = 0x2112A442
_HEADER_OCTETS: Final = 20
_INTEGRITY_OCTETS: Final = 24
_FINGERPRINT_OCTETS: Final = 8
_FINGERPRINT_XOR: Final = 0x5354554E
_MAX_OCTETS: Final = 1_500
_MAX_ATTRIBUTES: Final = 32

_USERNAME: Final = 0x0006
_INTEGRITY: Final = 0x0008
_ERROR_CODE: Final = 0x0009
_UNKNOWN_ATTRIBUTES: Final = 0x000A
_XOR_MAPPED_ADDRESS: Final = 0x0020
_PRIORITY: Final = 0x0024
_USE_CANDIDATE: Final = 0x0025
_FINGERPRINT: Final = 0x8028
_ICE_CONTROLLED: Final = 0x8029
_ICE_CONTROLLING: Final = 0x802A

_UNDERSTOOD: Final = frozenset(
    {
        _USERNAME,
        _INTEGRITY,
        _ERROR_CODE,
        _UNKNOWN_ATTRIBUTES,
        _XOR_MAPPED_ADDRESS,
        _PRIORITY,
        _USE_CANDIDATE,
    }
)
_OPTIONAL: Final = 0x8000
"""Types from here on may be ignored by who does not understand them (RFC 8489 section 14)."""


@dataclass(frozen=True, slots=True)
class Message:
    """A well-formed Binding message. Attributes after MESSAGE-INTEGRITY are left out, as nobody
    vouches for them (RFC 8489 section 14.5)."""

    type: int
    transaction: bytes
    username: str | None
    use_candidate: bool
    controlled: bool
    mapped: Address | None
    error_code: int | None
    unknown: tuple[int, ...]
    """Attributes that must be understood and are not."""
    _signed: bytes | None
    _signature: bytes

    def authentic(self, password: bytes) -> bool:
        """True when MESSAGE-INTEGRITY is there and was made with this password."""
        if self._signed is None:
            return False
        return hmac.compare_digest(hmac.digest(password, self._signed, "sha1"), self._signature)


def parse(data: bytes) -> Message | None:
    """None for anything but a Binding request, response or error of at most 1,500 octets, with the
    right length and, when there is one, the right FINGERPRINT."""
    size = len(data)
    if size < _HEADER_OCTETS or size > _MAX_OCTETS or size % 4:
        return None
    type_, length, cookie = unpack_from("!HHI", data)
    if type_ not in (REQUEST, RESPONSE, ERROR) or cookie != _COOKIE:
        return None
    if length != size - _HEADER_OCTETS:
        return None
    username: str | None = None
    mapped: Address | None = None
    error_code: int | None = None
    use_candidate = controlled = False
    unknown: list[int] = []
    signed: bytes | None = None
    signature = b""
    position = _HEADER_OCTETS
    for _ in range(_MAX_ATTRIBUTES):
        if position == size:
            break
        attribute, octets = unpack_from("!HH", data, position)
        start = position + 4
        end = start + octets
        if end > size:
            return None
        if attribute == _FINGERPRINT:
            if octets != 4 or end != size or not _fingerprint_holds(data, position):
                return None
        elif signed is not None:
            pass
        elif attribute == _INTEGRITY:
            if octets != 20:
                return None
            signed = _with_length(data[:position], position + _INTEGRITY_OCTETS)
            signature = data[start:end]
        elif attribute == _USERNAME:
            if username is not None:
                return None
            # ICE user names are ASCII (RFC 8839 section 5.4); others match nobody.
            username = data[start:end].decode("ascii", "replace")
        elif attribute == _USE_CANDIDATE:
            use_candidate = True
        elif attribute == _ICE_CONTROLLED:
            controlled = True
        elif attribute == _XOR_MAPPED_ADDRESS:
            mapped = _unpack_mapped(data, start, octets)
        elif attribute == _ERROR_CODE:
            if octets < 4:
                return None
            error_code = (data[start + 2] & 7) * 100 + data[start + 3]
        elif attribute < _OPTIONAL and attribute not in _UNDERSTOOD:
            unknown.append(attribute)
        position = end + (-octets % 4)
        if position > size:
            return None
    else:
        if position != size:
            return None
    return Message(
        type_,
        data[8:20],
        username,
        use_candidate,
        controlled,
        mapped,
        error_code,
        tuple(unknown),
        signed,
        signature,
    )


def binding_request(
    transaction: bytes,
    *,
    username: str,
    password: bytes,
    priority: int,
    tie_breaker: int,
    use_candidate: bool,
) -> bytes:
    """A connectivity check by the controlling side (RFC 8445 section 7.2.2)."""
    body = _attribute(_USERNAME, username.encode("ascii"))
    body += pack("!HHI", _PRIORITY, 4, priority) + pack("!HHQ", _ICE_CONTROLLING, 8, tie_breaker)
    if use_candidate:
        body += pack("!HH", _USE_CANDIDATE, 0)
    return _sealed(REQUEST, transaction, body, password)


def binding_response(transaction: bytes, address: Address, password: bytes) -> bytes:
    """Success: `address` is where the request came from."""
    host, port = address
    family, packed = (
        (2, socket.inet_pton(socket.AF_INET6, host.partition("%")[0]))
        if ":" in host
        else (1, socket.inet_pton(socket.AF_INET, host))
    )
    pad = pack("!I", _COOKIE) + transaction
    xored = bytes(a ^ b for a, b in zip(packed, pad, strict=False))
    value = pack("!BBH", 0, family, port ^ (_COOKIE >> 16)) + xored
    return _sealed(RESPONSE, transaction, _attribute(_XOR_MAPPED_ADDRESS, value), password)


def binding_error(
    transaction: bytes, code: int, password: bytes, unknown: tuple[int, ...] = ()
) -> bytes:
    """Failure, for authenticated requests alone. `unknown` goes with BAD_ATTRIBUTE."""
    body = _attribute(_ERROR_CODE, pack("!HBB", 0, code // 100, code % 100))
    if unknown:
        body += _attribute(_UNKNOWN_ATTRIBUTES, pack(f"!{len(unknown)}H", *unknown))
    return _sealed(ERROR, transaction, body, password)


def new_transaction() -> bytes:
    return os.urandom(12)


def _attribute(type_: int, value: bytes) -> bytes:
    return pack("!HH", type_, len(value)) + value + bytes(-len(value) % 4)


def _sealed(type_: int, transaction: bytes, body: bytes, password: bytes) -> bytes:
    """With MESSAGE-INTEGRITY and FINGERPRINT (RFC 8489 sections 14.5 and 14.7)."""
    message = pack("!HHI", type_, len(body) + _INTEGRITY_OCTETS, _COOKIE) + transaction + body
    message += _attribute(_INTEGRITY, hmac.digest(password, message, "sha1"))
    message = _with_length(message, len(message) + _FINGERPRINT_OCTETS)
    return message + pack("!HHI", _FINGERPRINT, 4, binascii.crc32(message) ^ _FINGERPRINT_XOR)


def _with_length(message: bytes, total: int) -> bytes:
    """The message with the length field that it would have if it were `total` octets long."""
    return message[:2] + pack("!H", total - _HEADER_OCTETS) + message[4:]


def _fingerprint_holds(data: bytes, position: int) -> bool:
    (value,) = unpack_from("!I", data, position + 4)
    covered = _with_length(data[:position], position + _FINGERPRINT_OCTETS)
    return bool(value == binascii.crc32(covered) ^ _FINGERPRINT_XOR)


def _unpack_mapped(data: bytes, start: int, octets: int) -> Address | None:
    if octets not in (8, 20) or data[start + 1] != (1 if octets == 8 else 2):
        return None
    (port,) = unpack_from("!H", data, start + 2)
    packed = bytes(
        a ^ b for a, b in zip(data[start + 4 : start + octets], data[4:20], strict=False)
    )
    family = socket.AF_INET if octets == 8 else socket.AF_INET6
    return socket.inet_ntop(family, packed), port ^ (_COOKIE >> 16)
