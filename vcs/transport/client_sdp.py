"""The client's SDP: its offer, and what the server's answer made of it."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aiortc.sdp import MediaDescription, SessionDescription

from vcs.media.description import Codec, Extensions, Kind
from vcs.transport.dtls import Fingerprint
from vcs.transport.ice import Credentials
from vcs.transport.sections import (
    EXTENSION_URIS,
    OPUS_CLOCK_RATE,
    VIDEO_CLOCK_RATE,
    Direction,
)
from vcs.transport.stun import Address

OFFERED_EXTENSIONS: Final = Extensions(
    audio_level=1, abs_send_time=2, transport_cc=3, mid=4, rid=10, repaired_rid=11
)
"""Numbered as Chromium does."""

OPUS_PAYLOAD_TYPE: Final = 111
VP8_PAYLOAD_TYPE: Final = 96
RTX_PAYLOAD_TYPE: Final = 97

_MAX_ANSWER_CHARS: Final = 100_000
_KIND_EXTENSIONS: Final = {
    Kind.AUDIO: ("audio_level", "abs_send_time", "transport_cc", "mid"),
    Kind.VIDEO: ("abs_send_time", "transport_cc", "mid", "rid", "repaired_rid"),
}


class BadAnswer(ValueError):
    """The server's answer does not fit the offer, or is no session description."""


@dataclass(frozen=True, slots=True)
class ClientSection:
    """One section to offer. `rids` make a sending video section simulcast, small layer first."""

    kind: Kind
    direction: Direction
    rids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClientStream:
    """One SSRC of a section and the SSRC of its repairs (RFC 4588; None: audio)."""

    ssrc: int
    rtx_ssrc: int | None = None
    rid: str | None = None


@dataclass(frozen=True, slots=True)
class NegotiatedSection:
    """What a section came to be. `direction` is ours: sendonly means that we send.

    `streams`: sending, the SSRCs to use (one for each rid that the server took, or one without a
    rid); receiving, the one that the server declared (none when it feeds us nothing here).

    Packets of simulcast streams must carry the MID and RID extensions (repairs: MID and
    REPAIRED-RID), as nothing else tells the server whose they are.

    `extensions`: ids to write and to read; 0: not in use in this section.
    """

    mid: str
    kind: Kind
    direction: Direction
    codec: Codec
    payload_type: int
    rtx_payload_type: int | None
    clock_rate: int
    extensions: Extensions
    streams: tuple[ClientStream, ...]

    @property
    def ssrc(self) -> int:
        """SSRC of the first stream. Raises `IndexError` when there is none."""
        return self.streams[0].ssrc


@dataclass(frozen=True, slots=True)
class OfferedSection:
    """A section with the mid and the SSRCs that we chose for it (receiving: none)."""

    mid: str
    wanted: ClientSection
    streams: tuple[ClientStream, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server answered. `candidates` of UDP and `tcp_candidates` (passive ones), most
    wanted first, at least one in all; `sections` by mid without the refused ones."""

    credentials: Credentials
    fingerprints: tuple[Fingerprint, ...]
    candidates: tuple[Address, ...]
    tcp_candidates: tuple[Address, ...]
    sections: Mapping[str, NegotiatedSection]


def choose_streams(sections: Sequence[ClientSection]) -> tuple[OfferedSection, ...]:
    """Number the sections from mid "0", with random SSRCs for what we send. Raises `ValueError`
    for no sections at all, or layers where there can be none."""
    if not sections:
        raise ValueError("nothing to offer")
    taken: set[int] = set()

    def fresh() -> int:
        while (ssrc := secrets.randbits(32)) in taken or ssrc == 0:
            pass
        taken.add(ssrc)
        return ssrc

    offered = []
    for mid, section in enumerate(sections):
        sends_video = section.kind is Kind.VIDEO and section.direction == "sendonly"
        if section.rids and not sends_video:
            raise ValueError("only a sending video section has layers")
        rids: tuple[str | None, ...] = section.rids or (None,)
        streams = tuple(
            ClientStream(fresh(), fresh() if section.kind is Kind.VIDEO else None, rid)
            for rid in (rids if section.direction == "sendonly" else ())
        )
        offered.append(OfferedSection(str(mid), section, streams))
    return tuple(offered)


def make_offer(
    sections: Sequence[OfferedSection],
    credentials: Credentials,
    fingerprint: Fingerprint,
    session: tuple[int, int],
) -> str:
    """`session`: id and version of the o= line (RFC 8866 section 5.2)."""
    lines = [
        "v=0",
        f"o=- {session[0]} {session[1]} IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        f"a=group:BUNDLE {' '.join(section.mid for section in sections)}",
        "a=extmap-allow-mixed",
    ]
    for section in sections:
        lines += [
            f"m={section.wanted.kind.value} 9 UDP/TLS/RTP/SAVPF {_formats(section.wanted.kind)}",
            "c=IN IP4 0.0.0.0",
            f"a=ice-ufrag:{credentials.ufrag}",
            f"a=ice-pwd:{credentials.password}",
            f"a=fingerprint:{fingerprint}",
            "a=setup:actpass",
            f"a=mid:{section.mid}",
            f"a={section.wanted.direction}",
            "a=rtcp-mux",
            "a=rtcp-rsize",
        ]
        lines += [
            f"a=extmap:{getattr(OFFERED_EXTENSIONS, name)} {EXTENSION_URIS[name]}"
            for name in _KIND_EXTENSIONS[section.wanted.kind]
        ]
        lines += _codecs(section.wanted.kind) + _streams(section)
    return "\r\n".join(lines) + "\r\n"


def read_answer(text: str, offered: Sequence[OfferedSection]) -> Answer:
    """Raises `BadAnswer`, whatever the text is."""
    if len(text) > _MAX_ANSWER_CHARS:
        raise BadAnswer("the answer is too long")
    try:
        description = SessionDescription.parse(text)
    except Exception:  # noqa: BLE001  (nineteen kinds; whatever it was, the answer is bad)
        raise BadAnswer("the answer is malformed") from None
    if [media.rtp.muxId for media in description.media] != [section.mid for section in offered]:
        raise BadAnswer("the answer has other sections than the offer")
    taken = [
        (section, media)
        for section, media in zip(offered, description.media, strict=True)
        if media.port != 0
    ]
    if not taken:
        raise BadAnswer("the server refused every section")
    first = taken[0][1]
    ice = first.ice
    if ice is None or not ice.usernameFragment or not ice.password or first.dtls is None:
        raise BadAnswer("the answer has no ICE credentials or no DTLS setup")
    if first.dtls.role != "server":
        raise BadAnswer("the server must be the passive side of DTLS")
    layers = _layers_taken(text)
    candidates, tcp_candidates = _addresses(first, "udp"), _addresses(first, "tcp")
    if not candidates and not tcp_candidates:
        raise BadAnswer("the answer has no candidate that we can use")
    return Answer(
        credentials=Credentials(ice.usernameFragment, ice.password),
        fingerprints=tuple(
            Fingerprint(known.algorithm.lower(), known.value.upper())
            for known in first.dtls.fingerprints
        ),
        candidates=candidates,
        tcp_candidates=tcp_candidates,
        sections={
            section.mid: _negotiated(section, media, layers.get(section.mid, ()))
            for section, media in taken
        },
    )


def _formats(kind: Kind) -> str:
    if kind is Kind.AUDIO:
        return str(OPUS_PAYLOAD_TYPE)
    return f"{VP8_PAYLOAD_TYPE} {RTX_PAYLOAD_TYPE}"


def _codecs(kind: Kind) -> list[str]:
    if kind is Kind.AUDIO:
        return [
            f"a=rtpmap:{OPUS_PAYLOAD_TYPE} opus/{OPUS_CLOCK_RATE}/2",
            f"a=rtcp-fb:{OPUS_PAYLOAD_TYPE} transport-cc",
            f"a=fmtp:{OPUS_PAYLOAD_TYPE} minptime=10;useinbandfec=1",
        ]
    feedback = ("transport-cc", "ccm fir", "nack", "nack pli", "goog-remb")
    return [
        f"a=rtpmap:{VP8_PAYLOAD_TYPE} VP8/{VIDEO_CLOCK_RATE}",
        *(f"a=rtcp-fb:{VP8_PAYLOAD_TYPE} {value}" for value in feedback),
        f"a=rtpmap:{RTX_PAYLOAD_TYPE} rtx/{VIDEO_CLOCK_RATE}",
        f"a=fmtp:{RTX_PAYLOAD_TYPE} apt={VP8_PAYLOAD_TYPE}",
    ]


def _streams(section: OfferedSection) -> list[str]:
    if section.wanted.rids:  # told by RID in the packets, as browsers do
        return [
            *(f"a=rid:{rid} send" for rid in section.wanted.rids),
            f"a=simulcast:send {';'.join(section.wanted.rids)}",
        ]
    lines: list[str] = []
    for stream in section.streams:
        lines.append(f"a=ssrc:{stream.ssrc} cname:vcs")
        if stream.rtx_ssrc is not None:
            lines.append(f"a=ssrc:{stream.rtx_ssrc} cname:vcs")
            lines.append(f"a=ssrc-group:FID {stream.ssrc} {stream.rtx_ssrc}")
    return lines


def _negotiated(
    section: OfferedSection, media: MediaDescription, layers: Sequence[str]
) -> NegotiatedSection:
    kind = section.wanted.kind
    numbers = {codec.payloadType: codec.name.lower() for codec in media.rtp.codecs}
    payload_type = OPUS_PAYLOAD_TYPE if kind is Kind.AUDIO else VP8_PAYLOAD_TYPE
    codec = Codec.OPUS if kind is Kind.AUDIO else Codec.VP8
    if media.kind != kind.value or numbers.get(payload_type) != codec.value.lower():
        raise BadAnswer("the server chose a codec that was not offered")
    uris = {uri: name for name, uri in EXTENSION_URIS.items()}
    ids = {
        uris[header.uri]: header.id for header in media.rtp.headerExtensions if header.uri in uris
    }
    if any(getattr(OFFERED_EXTENSIONS, name) != number for name, number in ids.items()):
        raise BadAnswer("the server changed a header extension id")
    sends = section.wanted.direction == "sendonly"
    if media.direction not in ("recvonly" if sends else "sendonly", "inactive"):
        raise BadAnswer("a section's direction does not fit the offer")
    if sends:
        streams = tuple(s for s in section.streams if s.rid is None or s.rid in layers)
    else:
        streams = _declared(media)
    return NegotiatedSection(
        mid=section.mid,
        kind=kind,
        direction=section.wanted.direction,
        codec=codec,
        payload_type=payload_type,
        rtx_payload_type=RTX_PAYLOAD_TYPE if numbers.get(RTX_PAYLOAD_TYPE) == "rtx" else None,
        clock_rate=OPUS_CLOCK_RATE if kind is Kind.AUDIO else VIDEO_CLOCK_RATE,
        extensions=Extensions(**ids),
        streams=() if media.direction == "inactive" else streams,
    )


def _declared(media: MediaDescription) -> tuple[ClientStream, ...]:
    repairs = {
        int(group.items[0]): int(group.items[1])
        for group in media.ssrc_group
        if group.semantic == "FID" and len(group.items) == 2
    }
    return tuple(
        ClientStream(description.ssrc, repairs.get(description.ssrc))
        for description in media.ssrc
        if description.ssrc not in repairs.values()
    )


def _layers_taken(text: str) -> dict[str, tuple[str, ...]]:
    """RIDs of a=simulcast:recv by mid; aiortc's reader drops the line."""
    taken: dict[str, tuple[str, ...]] = {}
    for section in text.split("\nm=")[1:]:
        lines = section.splitlines()
        mids = [line[6:] for line in lines if line.startswith("a=mid:")]
        for line in lines:
            if line.startswith("a=simulcast:recv ") and mids:
                taken[mids[0]] = tuple(line[17:].split(";"))
    return taken


def _addresses(media: MediaDescription, protocol: str) -> tuple[Address, ...]:
    """Candidates of `udp`, or passive ones of `tcp`, with an IP address, most wanted first."""
    found: list[tuple[int, Address]] = []
    for candidate in media.ice_candidates:
        if candidate.protocol.lower() != protocol or not 0 < candidate.port < 65_536:
            continue
        if protocol == "tcp" and candidate.tcpType != "passive":
            continue
        try:
            address = ipaddress.ip_address(candidate.ip)
        except ValueError:  # a name: nothing of ours makes those
            continue
        found.append((candidate.priority, (str(address), candidate.port)))
    return tuple(address for _, address in sorted(found, key=lambda item: -item[0]))
