"""What is fuzzed: for each parser, how to feed it and the one error that it may raise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from vcs import messages
from vcs.media import h264, rtcp, twcc, vp8
from vcs.media.framing import FrameReader, frame
from vcs.media.packet import MalformedPacket, extension_text, find_extension, layout
from vcs.transport import stun
from vcs.transport.offer import parse_offer
from vcs.transport.offer_section import BadOffer
from vcs.visits.flow_file import BadFlow, read_flow


@dataclass(frozen=True, slots=True)
class Target:
    """`feed` takes any bytes and may raise `refusal`, nothing else. `seeds` are good inputs."""

    feed: Callable[[bytes], object]
    refusal: type[Exception] | tuple[()]
    seeds: tuple[bytes, ...]


def _rtp(data: bytes) -> object:
    extension, start, end = layout(data, len(data))
    for identifier in (1, 4, 15, 200):
        find_extension(data, extension, identifier)
    return extension_text(data, extension, 4), start, end


def _frames(data: bytes) -> object:
    reader = FrameReader()
    return [len(packet) for n in range(0, len(data), 7) for packet in reader.feed(data[n : n + 7])]


def _offer(data: bytes) -> object:
    return parse_offer(data.decode("utf-8", "replace"))


_REPORT: Final = rtcp.compose(
    [
        rtcp.SenderReport(1, 2, 3, 4, 5, (rtcp.ReportBlock(1, 2, 3, 4, 5, 6, 7),)),
        rtcp.SourceDescription(1, "name"),
        rtcp.Nack(1, 2, (3, 4, 90)),
        rtcp.Remb(1, 1_000_000, (2, 3)),
    ]
)
_ARRIVED: Final = twcc.TransportFeedback(1, 2, 3, 4, 5, 6, ((3, 1), (5, 400), (6, 9)))
_CHECK: Final = stun.binding_request(
    bytes(12), username="a:b", password=b"p", priority=1, tie_breaker=2, use_candidate=True
)
_OFFER: Final = "\r\n".join(
    (
        "v=0",
        "o=- 1 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "c=IN IP4 0.0.0.0",
        "a=mid:0",
        "a=sendonly",
        "a=rtcp-mux",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:abcdefghijklmnopqrstuv",
        "a=fingerprint:sha-256 " + ":".join(["AB"] * 32),
        "a=setup:actpass",
        "a=rtpmap:111 opus/48000/2",
        "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid",
        "a=ssrc:77 cname:x",
        "",
    )
)

_FLOW: Final = """\
name: claim
version: 1
title: {id: Klaim, en: Claim}
result: {id: Selesai., en: "Done.\\u0021"}
steps:
  - name: identity
    title: {id: Data diri, en: Your details}
    fields:
      - {name: born, type: date, before: today, label: {id: Lahir, en: Born}}
      - {name: nik, type: nik, agrees_with: [born], label: {id: NIK, en: NIK}, required: false}
  - name: interview
    title: {id: Wawancara, en: Interview}
    attended: true
    signature: true
    deal: 3
    questions:
      - {name: a, ask: {id: A, en: A}, on_file: born}
      - {name: b, ask: {id: B, en: B}}
      - {name: c, ask: {id: C, en: C}, liveness: true}
      - {name: d, ask: {id: D, en: D}, liveness: true}
rejections:
  - {name: false_papers, label: {id: Tidak asli, en: Not genuine}}
missing:
  - {name: card, label: {id: KTP, en: Card}}
"""

TARGETS: Final[Mapping[str, Target]] = {
    "rtp": Target(
        _rtp,
        MalformedPacket,
        (
            b"\x80\x60\0\1" + bytes(8) + b"x",
            b"\xb0\x60\0\1" + bytes(8) + b"\xbe\xde\0\1\x40a\0\0x\1",
            b"\x90\x60\0\1" + bytes(8) + b"\x10\0\0\1\4\1a\0x",
        ),
    ),
    "frames": Target(_frames, (), (frame(b"x") + frame(b"") + b"\0\5ab", b"\x10\0" * 40)),
    "rtcp": Target(rtcp.parse, rtcp.MalformedRtcp, (_REPORT, twcc.compose(_ARRIVED))),
    "transport-feedback": Target(
        lambda data: twcc.parse(1, 2, data), MalformedPacket, (twcc.compose(_ARRIVED)[12:],)
    ),
    "vp8": Target(
        lambda data: vp8.read_descriptor(data, 0, len(data)),
        MalformedPacket,
        (b"\x10\0", b"\x90\xf0\x81\1\2\x20\0"),
    ),
    "h264": Target(
        lambda data: h264.starts_key_frame(memoryview(data), 0, len(data)),
        MalformedPacket,
        (b"\x65\0", b"\x78\0\2\x67\1\0\1\x65", b"\x7c\x85\0"),
    ),
    "stun": Target(stun.parse, (), (_CHECK,)),
    "offer": Target(_offer, BadOffer, (_OFFER.encode(),)),
    "from-booth": Target(
        messages.decode_from_booth,
        messages.Malformed,
        (messages.encode(messages.BoothHello("x" * 40)).encode(),),
    ),
    "from-officer": Target(
        messages.decode_from_officer,
        messages.Malformed,
        (messages.encode(messages.Talk(1, 3, 4, 5)).encode(),),
    ),
    "flow": Target(lambda data: read_flow(data, "it.yaml"), BadFlow, (_FLOW.encode(),)),
}
