"""RTCP as values: a strict parser and a composer (RFC 3550 section 6, RFC 4585, RFC 5104, REMB).

Feedback messages that carry several entries (FIR, SDES) come out as one value for each entry. What
we have no use for (APP, XR, other feedback) is skipped, but must be well-formed as a packet.
Transport-wide feedback is in `vcs.media.twcc`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from vcs.media import twcc
from vcs.media.packet import Buffer

SENDER_REPORT: Final = 200
RECEIVER_REPORT: Final = 201
SOURCE_DESCRIPTION: Final = 202
GOODBYE: Final = 203
TRANSPORT_FEEDBACK: Final = twcc.RTCP_TYPE
PAYLOAD_FEEDBACK: Final = 206

GENERIC_NACK: Final = 1
PICTURE_LOSS: Final = 1
FULL_INTRA_REQUEST: Final = 4
APPLICATION_LAYER: Final = 15

MAX_BLOCKS: Final = 31
MAX_NACK_NUMBERS: Final = 1024
"""Read of one NACK: more than any receiver keeps a list of. The rest is left unread."""
_CNAME: Final = 1
_MAX_MANTISSA: Final = (1 << 18) - 1

_HEADER: Final = struct.Struct("!BBH")
_WORD: Final = struct.Struct("!I")
_PAIR: Final = struct.Struct("!II")
_BLOCK: Final = struct.Struct("!IIIIII")
_SENDER: Final = struct.Struct("!IQIII")
_LOST: Final = struct.Struct("!HH")


class MalformedRtcp(ValueError):
    """The peer sent a compound packet that is not one."""


@dataclass(frozen=True, slots=True)
class ReportBlock:
    """RFC 3550 section 6.4.1. `fraction_lost` in 1/256, `packets_lost` a signed 24-bit number,
    `jitter` in timestamp units, `last_sender_report` the middle 32 bits of its NTP time,
    `delay_since_last` in 1/65536 s."""

    ssrc: int
    fraction_lost: int
    packets_lost: int
    highest_sequence: int
    jitter: int
    last_sender_report: int
    delay_since_last: int


@dataclass(frozen=True, slots=True)
class SenderReport:
    """`ntp` is the 64-bit NTP timestamp: seconds since 1900, times 2**32."""

    ssrc: int
    ntp: int
    rtp_timestamp: int
    packets: int
    octets: int
    blocks: tuple[ReportBlock, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceiverReport:
    ssrc: int
    blocks: tuple[ReportBlock, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceDescription:
    """The canonical name of one source (RFC 3550 section 6.5.1); other items are skipped."""

    ssrc: int
    cname: str


@dataclass(frozen=True, slots=True)
class Goodbye:
    ssrcs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Nack:
    """Generic NACK (RFC 4585 section 6.2.1): 16-bit sequence numbers, in the order written."""

    sender_ssrc: int
    media_ssrc: int
    sequences: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PictureLoss:
    """PLI (RFC 4585 section 6.3.1)."""

    sender_ssrc: int
    media_ssrc: int


@dataclass(frozen=True, slots=True)
class FullIntraRequest:
    """One entry of a FIR (RFC 5104 section 4.3.1); `media_ssrc` is the entry's."""

    sender_ssrc: int
    media_ssrc: int
    sequence: int


@dataclass(frozen=True, slots=True)
class Remb:
    """Receiver estimated maximum bitrate (draft-alvestrand-rmcat-remb-03)."""

    sender_ssrc: int
    bits_per_s: int
    ssrcs: tuple[int, ...]


Packet = (
    SenderReport
    | ReceiverReport
    | SourceDescription
    | Goodbye
    | Nack
    | PictureLoss
    | FullIntraRequest
    | Remb
    | twcc.TransportFeedback
)


# --- reading --------------------------------------------------------------------------------------


def parse(data: Buffer) -> tuple[Packet, ...]:
    """All known packets of a compound (or reduced-size, RFC 5506) packet. Raises `MalformedRtcp`
    when any of it is malformed, and for nothing at all."""
    if not data:
        raise MalformedRtcp("empty")
    raw = bytes(data)
    packets: list[Packet] = []
    at = 0
    try:
        while at < len(raw):
            first, kind, words = _HEADER.unpack_from(raw, at)
            end = at + 4 + 4 * words
            if first >> 6 != 2 or not 192 <= kind <= 223 or end > len(raw):
                raise MalformedRtcp("not an RTCP packet")
            body = raw[at + 4 : end]
            if first & 0x20:
                # Not held to whole words: Chromium pads transport-wide feedback by 1 to 3 octets.
                if end != len(raw) or not body or not 0 < body[-1] <= len(body):
                    raise MalformedRtcp("bad padding")
                body = body[: -body[-1]]
            packets.extend(_parse_one(kind, first & 0x1F, body))
            at = end
    except struct.error as error:
        raise MalformedRtcp("cut off") from error
    return tuple(packets)


def _parse_one(kind: int, count: int, body: bytes) -> Iterable[Packet]:
    if kind == SENDER_REPORT:
        ssrc, ntp, timestamp, packets, octets = _SENDER.unpack_from(body)
        blocks = _blocks(body, _SENDER.size, count)
        return (SenderReport(ssrc, ntp, timestamp, packets, octets, blocks),)
    if kind == RECEIVER_REPORT:
        return (ReceiverReport(_WORD.unpack_from(body)[0], _blocks(body, 4, count)),)
    if kind == SOURCE_DESCRIPTION:
        return list(_chunks(body, count))
    if kind == GOODBYE:
        return (Goodbye(struct.unpack_from(f"!{count}I", body)),)
    if kind == TRANSPORT_FEEDBACK:
        return _transport_feedback(count, body)
    if kind == PAYLOAD_FEEDBACK:
        return _payload_feedback(count, body)
    return ()


def _blocks(body: bytes, at: int, count: int) -> tuple[ReportBlock, ...]:
    blocks = []
    for _ in range(count):
        ssrc, loss, highest, jitter, last, delay = _BLOCK.unpack_from(body, at)
        lost = loss & 0xFFFFFF
        lost -= (lost & 0x800000) << 1
        blocks.append(ReportBlock(ssrc, loss >> 24, lost, highest, jitter, last, delay))
        at += _BLOCK.size
    return tuple(blocks)


def _chunks(body: bytes, count: int) -> Iterator[SourceDescription]:
    at = 0
    for _ in range(count):
        (ssrc,) = _WORD.unpack_from(body, at)
        at += 4
        while True:
            if at >= len(body):
                raise MalformedRtcp("source description cut off")
            item = body[at]
            if item == 0:
                at += 4 - at % 4
                break
            if at + 2 > len(body) or at + 2 + body[at + 1] > len(body):
                raise MalformedRtcp("source description cut off")
            text = body[at + 2 : at + 2 + body[at + 1]]
            at += 2 + len(text)
            if item == _CNAME:
                try:
                    yield SourceDescription(ssrc, text.decode())
                except UnicodeDecodeError as error:
                    raise MalformedRtcp("CNAME is not UTF-8") from error


def _transport_feedback(form: int, body: bytes) -> Iterable[Packet]:
    sender, media = _PAIR.unpack_from(body)
    if form == GENERIC_NACK:
        if len(body) == 8:
            raise MalformedRtcp("NACK of nothing")
        sequences: list[int] = []
        for pid, following in _LOST.iter_unpack(body[8:]):
            if len(sequences) >= MAX_NACK_NUMBERS:
                break
            sequences.append(pid)
            sequences.extend((pid + bit + 1) & 0xFFFF for bit in range(16) if following >> bit & 1)
        return (Nack(sender, media, tuple(sequences)),)
    if form == twcc.FORMAT:
        try:
            return (twcc.parse(sender, media, body[8:]),)
        except ValueError as error:
            raise MalformedRtcp("transport-wide feedback") from error
    return ()


def _payload_feedback(form: int, body: bytes) -> Iterable[Packet]:
    sender, media = _PAIR.unpack_from(body)
    if form == PICTURE_LOSS:
        return (PictureLoss(sender, media),)
    if form == FULL_INTRA_REQUEST:
        entries = [
            FullIntraRequest(sender, ssrc, rest >> 24) for ssrc, rest in _PAIR.iter_unpack(body[8:])
        ]
        if not entries:
            raise MalformedRtcp("FIR without an entry")
        return entries
    if form == APPLICATION_LAYER and body[8:12] == b"REMB":
        (word,) = _WORD.unpack_from(body, 12)
        ssrcs = struct.unpack_from(f"!{word >> 24}I", body, 16)
        return (Remb(sender, (word & _MAX_MANTISSA) << (word >> 18 & 63), ssrcs),)
    return ()


# --- writing --------------------------------------------------------------------------------------


def compose(packets: Iterable[Packet]) -> bytes:
    """The packets one after another. Raises `ValueError` for what does not fit its fields."""
    try:
        return b"".join(_compose_one(packet) for packet in packets)
    except struct.error as error:
        raise ValueError("a value does not fit its field") from error


def _compose_one(packet: Packet) -> bytes:
    match packet:
        case SenderReport():
            body = _SENDER.pack(
                packet.ssrc, packet.ntp, packet.rtp_timestamp, packet.packets, packet.octets
            )
            return _framed(SENDER_REPORT, len(packet.blocks), body + _compose_blocks(packet.blocks))
        case ReceiverReport():
            body = _WORD.pack(packet.ssrc) + _compose_blocks(packet.blocks)
            return _framed(RECEIVER_REPORT, len(packet.blocks), body)
        case SourceDescription():
            name = packet.cname.encode()
            body = _WORD.pack(packet.ssrc) + struct.pack("!BB", _CNAME, len(name)) + name
            return _framed(SOURCE_DESCRIPTION, 1, body + bytes(4 - len(body) % 4))
        case Goodbye():
            body = struct.pack(f"!{len(packet.ssrcs)}I", *packet.ssrcs)
            return _framed(GOODBYE, len(packet.ssrcs), body)
        case Nack():
            pairs = b"".join(_LOST.pack(*pair) for pair in _nack_pairs(packet.sequences))
            body = _PAIR.pack(packet.sender_ssrc, packet.media_ssrc) + pairs
            return _framed(TRANSPORT_FEEDBACK, GENERIC_NACK, body)
        case PictureLoss():
            body = _PAIR.pack(packet.sender_ssrc, packet.media_ssrc)
            return _framed(PAYLOAD_FEEDBACK, PICTURE_LOSS, body)
        case FullIntraRequest():
            body = _PAIR.pack(packet.sender_ssrc, 0)
            body += _PAIR.pack(packet.media_ssrc, packet.sequence << 24)
            return _framed(PAYLOAD_FEEDBACK, FULL_INTRA_REQUEST, body)
        case Remb():
            exponent = max(0, packet.bits_per_s.bit_length() - 18)
            word = len(packet.ssrcs) << 24 | exponent << 18 | packet.bits_per_s >> exponent
            body = _PAIR.pack(packet.sender_ssrc, 0) + b"REMB" + _WORD.pack(word)
            body += struct.pack(f"!{len(packet.ssrcs)}I", *packet.ssrcs)
            return _framed(PAYLOAD_FEEDBACK, APPLICATION_LAYER, body)
        case twcc.TransportFeedback():
            return twcc.compose(packet)


def _framed(kind: int, count: int, body: bytes) -> bytes:
    if count > MAX_BLOCKS:
        raise ValueError(f"more than {MAX_BLOCKS} entries")
    return _HEADER.pack(0x80 | count, kind, len(body) // 4) + body


def _compose_blocks(blocks: Iterable[ReportBlock]) -> bytes:
    return b"".join(
        _BLOCK.pack(
            block.ssrc,
            block.fraction_lost << 24 | block.packets_lost & 0xFFFFFF,
            block.highest_sequence,
            block.jitter,
            block.last_sender_report,
            block.delay_since_last,
        )
        for block in blocks
    )


def _nack_pairs(sequences: tuple[int, ...]) -> list[tuple[int, int]]:
    if not sequences:
        raise ValueError("a NACK names at least one packet")
    pairs: list[tuple[int, int]] = []
    for sequence in sequences:
        if pairs:
            pid, following = pairs[-1]
            behind = (sequence - pid) & 0xFFFF
            if 1 <= behind <= 16:
                pairs[-1] = (pid, following | 1 << behind - 1)
                continue
        pairs.append((sequence, 0))
    return pairs
