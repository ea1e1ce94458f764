"""Our SDP answer: ICE-lite, DTLS passive, everything in one bundle (RFC 8829 section 5.3)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from vcs.media.description import Codec, Kind
from vcs.transport.offer import Offer
from vcs.transport.offer_section import RefusedSection, Section
from vcs.transport.sections import EXTENSION_URIS

_VIDEO_FEEDBACK: Final = ("nack", "nack pli", "ccm fir")
_LAYER_EXTENSIONS: Final = ("rid", "repaired_rid")


@dataclass(frozen=True, slots=True)
class SlotAnswer:
    """What we send in a section that the client receives in. `stream_id` is the browser's
    MediaStream id: letters, digits, "-" and "_"."""

    ssrc: int
    rtx_ssrc: int | None
    stream_id: str
    cname: str = "vcs"


def make_answer(
    offer: Offer,
    *,
    ufrag: str,
    password: str,
    fingerprint: str,
    candidates: Sequence[str],
    slots: Mapping[str, SlotAnswer],
    silence_suppressed: bool = False,
) -> str:
    """The answer to `offer`.

    `fingerprint` and `candidates` are values of `a=fingerprint` and `a=candidate`. `slots` says by
    mid what we send; a receiving section that is not there is answered inactive.
    `silence_suppressed`: of silence the client is to send next to nothing (Opus DTX, RFC 7587
    section 6.1).
    """
    mids = " ".join(section.mid for section in offer.sections)
    lines = [
        "v=0",
        f"o=- {secrets.randbits(62)} 1 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=ice-lite",
        f"a=group:BUNDLE {mids}",
        *(["a=extmap-allow-mixed"] if offer.extmap_allow_mixed else []),
        "a=msid-semantic: WMS *",
    ]
    transport = [
        "c=IN IP4 0.0.0.0",
        "a=rtcp:9 IN IP4 0.0.0.0",
        f"a=ice-ufrag:{ufrag}",
        f"a=ice-pwd:{password}",
        f"a=fingerprint:{fingerprint}",
        "a=setup:passive",
    ]
    for section in offer.all_sections:
        if isinstance(section, RefusedSection):
            lines += _refusal(section)
            continue
        lines += _media_line(section) + transport
        if section is offer.sections[0]:  # candidates are the bundle's (RFC 8843 section 7.3)
            lines += [f"a=candidate:{candidate}" for candidate in candidates]
            lines.append("a=end-of-candidates")
        lines += _extensions(section) + _codec(section, silence_suppressed)
        if section.direction == "sendonly":
            lines += ["a=recvonly", *_layers(section)]
        elif section.mid in slots:
            lines += ["a=sendonly", *_stream(section, slots[section.mid])]
        else:
            lines.append("a=inactive")
    return "\r\n".join(lines) + "\r\n"


def _refusal(section: RefusedSection) -> list[str]:
    return [
        f"m={section.media} 0 {section.protocol} {section.formats}",
        "c=IN IP4 0.0.0.0",
        f"a=mid:{section.mid}",
        "a=inactive",
    ]


def _media_line(section: Section) -> list[str]:
    formats = [section.payload_type]
    if section.rtx_payload_type is not None:
        formats.append(section.rtx_payload_type)
    if section.red_payload_type is not None:
        formats.append(section.red_payload_type)
    return [f"m={section.kind.value} 9 UDP/TLS/RTP/SAVPF {' '.join(map(str, formats))}"]


def _extensions(section: Section) -> list[str]:
    lines = [f"a=mid:{section.mid}"]
    for name, uri in EXTENSION_URIS.items():
        number = getattr(section.extensions, name)
        if number and (section.rids or name not in _LAYER_EXTENSIONS):
            lines.append(f"a=extmap:{number} {uri}")
    return lines


def _codec(section: Section, silence_suppressed: bool) -> list[str]:
    number = section.payload_type
    lines = ["a=rtcp-mux"]
    if section.reduced_size_rtcp:
        lines.append("a=rtcp-rsize")
    if section.codec is Codec.OPUS:
        lines.append(f"a=rtpmap:{number} opus/48000/2")
        dtx = int(silence_suppressed)
        lines.append(f"a=fmtp:{number} minptime=10;useinbandfec=1;usedtx={dtx}")
        if section.red_payload_type is not None:
            lines.append(f"a=rtpmap:{section.red_payload_type} red/48000/2")
            lines.append(f"a=fmtp:{section.red_payload_type} {number}/{number}")
    else:
        lines.append(f"a=rtpmap:{number} {section.codec.value}/{section.clock_rate}")
    if section.codec is Codec.H264:
        lines.append(
            f"a=fmtp:{number} level-asymmetry-allowed=1;packetization-mode=1;"
            f"profile-level-id={section.h264_profile}"
        )
    lines += [f"a=rtcp-fb:{number} {value}" for value in _feedback(section)]
    if section.rtx_payload_type is not None:
        lines.append(f"a=rtpmap:{section.rtx_payload_type} rtx/{section.clock_rate}")
        lines.append(f"a=fmtp:{section.rtx_payload_type} apt={number}")
    return lines


def _feedback(section: Section) -> list[str]:
    """Of what was offered, what we give and take. REMB stands in where transport-cc is missing."""
    wanted: list[str] = []
    if section.extensions.transport_cc and "transport-cc" in section.feedback:
        wanted.append("transport-cc")
    elif section.kind is Kind.VIDEO:
        wanted.append("goog-remb")
    if section.kind is Kind.VIDEO:
        wanted += _VIDEO_FEEDBACK
    return [value for value in wanted if value in section.feedback]


def _layers(section: Section) -> list[str]:
    if not section.rids:
        return []
    return [
        *(f"a=rid:{rid} recv" for rid in section.rids),
        f"a=simulcast:recv {';'.join(section.rids)}",
    ]


def _stream(section: Section, slot: SlotAnswer) -> list[str]:
    ssrcs = [slot.ssrc]
    lines = [f"a=msid:{slot.stream_id} {slot.stream_id}-{section.kind.value}"]
    if slot.rtx_ssrc is not None and section.rtx_payload_type is not None:
        ssrcs.append(slot.rtx_ssrc)
        lines.append(f"a=ssrc-group:FID {slot.ssrc} {slot.rtx_ssrc}")
    return lines + [f"a=ssrc:{ssrc} cname:{slot.cname}" for ssrc in ssrcs]
