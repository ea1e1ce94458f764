"""One section of an SDP offer: what we can take of it, or that it is refused.

A strict reader round `aiortc.sdp`. That parser raises nineteen kinds of exception on bad input, is
quadratic in places, and drops lines that we need; so it is given only the lines that it reads well,
of codecs that we know, in bounded number. Everything else is read here.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aiortc.sdp import MediaDescription, SessionDescription

from vcs.media.description import Codec, Extensions, Kind
from vcs.transport.codec_choice import KNOWN_RTPMAPS, choose
from vcs.transport.dtls import Fingerprint
from vcs.transport.sections import EXTENSION_URIS, Direction

MAX_MEMBERS: Final = 64
"""Payload types, SSRC lines, header extensions, or feedback lines for all payload types."""
MAX_RIDS: Final = 4
MAX_SSRCS: Final = 4
MAX_FINGERPRINTS: Final = 4

EXTENSION_FIELDS: Final = {uri: name for name, uri in EXTENSION_URIS.items()}

_TOKEN: Final = re.compile(r"[!#$%&'*+\-.^_`{|}~A-Za-z0-9]{1,16}")
_RID: Final = re.compile(r"[A-Za-z0-9_-]{1,16}")
_NUMBER: Final = re.compile(r"[0-9]{1,10}")
_MEDIA_LINE: Final = re.compile(r"m=([a-z]{1,16}) ([0-9]{1,5}) ([A-Z/]{1,32}) ([!-~]+(?: [!-~]+)*)")
_RTP_PROTOCOL: Final = "UDP/TLS/RTP/SAVPF"
_DIRECTIONS: Final = ("sendonly", "recvonly", "sendrecv", "inactive")
_LARGEST_ONE_BYTE_ID: Final = 14  # RFC 8285 section 4.2

Attributes = dict[str, list[str]]


class BadOffer(ValueError):
    """The offer cannot be answered. The text is fit to be sent back: it quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class Section:
    """A section that we take. `direction` is the client's.

    `ssrcs`: what the client declared that it sends, each with the SSRC of its repairs or None;
    empty for simulcast (`rids`, in the client's order, small first by custom).
    `extensions`: the ids offered in this section. `h264_profile`: profile-level-id as
    offered, "" for other codecs. `feedback`: the codec's `a=rtcp-fb` values.
    """

    mid: str
    kind: Kind
    direction: Direction
    codec: Codec
    payload_type: int
    clock_rate: int
    rtx_payload_type: int | None
    red_payload_type: int | None
    extensions: Extensions
    rids: tuple[str, ...]
    ssrcs: Mapping[int, int | None]
    h264_profile: str
    feedback: frozenset[str]
    reduced_size_rtcp: bool


@dataclass(frozen=True, slots=True)
class RefusedSection:
    """A section that is answered with port 0: another kind of media, or no codec of ours."""

    mid: str
    media: str
    protocol: str
    formats: str


def attributes(lines: Sequence[str]) -> Attributes:
    """`a=` lines by name; a value of "" for those that are bare."""
    found: Attributes = {}
    for line in lines:
        if line.startswith("a="):
            name, _, value = line[2:].partition(":")
            found.setdefault(name, []).append(value)
    return found


@functools.lru_cache(maxsize=64)
def _parsed(text: str) -> MediaDescription:
    """A section's codec lines, read by aiortc; not to be changed.

    Kept, since the sections of an offer and the offers of one browser hold the same lines, and
    reading them is what an offer costs (1 ms a section).
    """
    try:
        parsed = SessionDescription.parse(text)
    except Exception:  # noqa: BLE001  (nineteen kinds; whatever it was, the offer is bad)
        raise BadOffer("a codec or SSRC line is malformed") from None
    media: MediaDescription = parsed.media[0]
    return media


class SectionReader:
    """One section: first its frame, which every section has, then what it holds."""

    def __init__(self, lines: list[str], session: Attributes, video: Sequence[Codec]) -> None:
        match = _MEDIA_LINE.fullmatch(lines[0])
        if match is None:
            raise BadOffer("a media line (m=) is malformed")
        self.media, port, self.protocol, self.formats = match.groups()
        self.lines = lines
        self.attributes = attributes(lines[1:])
        self.video = video
        self._session = session
        mid = self.one("mid")
        if mid is None or not _TOKEN.fullmatch(mid):
            raise BadOffer("a section has no mid of 1 to 16 characters")
        self.mid = mid
        # Port 0 is a section that the client itself gave up, unless it waits for its bundle.
        self.wanted = port != "0" or "bundle-only" in self.attributes
        self.extension_ids = dict(self._extension_ids())

    def one(self, name: str) -> str | None:
        """The value of an attribute that may stand once."""
        values = self.attributes.get(name, [])
        if len(values) > 1:
            raise BadOffer(f"a={name} stands twice in a section")
        return values[0] if values else None

    def read(self) -> Section | RefusedSection:
        refused = RefusedSection(self.mid, self.media, self.protocol, self.formats)
        if not self.wanted or self.media not in ("audio", "video"):
            return refused
        if self.protocol != _RTP_PROTOCOL:
            return refused
        kind = Kind(self.media)
        media = self._by_aiortc()
        choice = choose(media.rtp.codecs, kind, self.video)
        if choice is None:
            return refused
        direction = self._direction()
        if "rtcp-mux" not in self.attributes:
            raise BadOffer("rtcp-mux is required in each section")
        sends = direction == "sendonly"
        rids = self._rids(choice.payload_type) if sends and kind is Kind.VIDEO else ()
        repaired = choice.rtx_payload_type is not None
        return Section(
            mid=self.mid,
            kind=kind,
            direction=direction,
            codec=choice.codec,
            payload_type=choice.payload_type,
            clock_rate=choice.clock_rate,
            rtx_payload_type=choice.rtx_payload_type,
            # Taken where we are the sender: what clients send us is forwarded as it is.
            red_payload_type=None if sends else choice.red_payload_type,
            extensions=self._extensions(),
            rids=rids,
            ssrcs=_ssrcs(media, repaired) if sends and not rids else {},
            h264_profile=choice.h264_profile,
            feedback=choice.feedback,
            reduced_size_rtcp="rtcp-rsize" in self.attributes,
        )

    def _by_aiortc(self) -> MediaDescription:
        """The codecs and SSRCs, read by aiortc from the lines that concern codecs of ours."""
        offered = self.formats.split()
        if len(offered) > MAX_MEMBERS:
            raise BadOffer("too many payload types")
        kept: list[str] = []
        payload_types: list[str] = []
        for value in self.attributes.get("rtpmap", []):
            number, _, name = value.partition(" ")
            if name.lower() in KNOWN_RTPMAPS and number in offered:
                payload_types.append(number)
                kept.append(f"a=rtpmap:{value}")
        if len(set(payload_types)) != len(payload_types):
            raise BadOffer("a payload type has two meanings")
        for name in ("fmtp", "rtcp-fb"):
            for value in self.attributes.get(name, []):
                if value.partition(" ")[0] in (*payload_types, "*"):
                    kept.append(f"a={name}:{value}")  # noqa: PERF401
        for name in ("ssrc", "ssrc-group"):
            kept += [f"a={name}:{value}" for value in self.attributes.get(name, [])[:MAX_MEMBERS]]
        if sum(line.startswith("a=rtcp-fb:*") for line in kept) > MAX_MEMBERS:
            raise BadOffer("too many lines a=rtcp-fb:*")
        media_line = f"m={self.media} 9 {self.protocol} {' '.join(payload_types) or '127'}"
        return _parsed("\r\n".join(["v=0", media_line, *kept, ""]))

    def _direction(self) -> Direction:
        named = [name for name in _DIRECTIONS if name in self.attributes]
        if named == ["sendonly"]:
            return "sendonly"
        if named == ["recvonly"]:
            return "recvonly"
        raise BadOffer("each section must be either sendonly or recvonly")

    def _extension_ids(self) -> Iterator[tuple[int, str]]:
        """Id and URI of each a=extmap without a direction of its own (RFC 8285 section 5)."""
        values = self.attributes.get("extmap", [])
        if len(values) > MAX_MEMBERS:
            raise BadOffer("too many header extensions")
        seen: set[str] = set()
        for value in values:
            number, _, uri = value.partition(" ")
            number, slash, _ = number.partition("/")
            if not _NUMBER.fullmatch(number) or not uri or number in seen:
                raise BadOffer("a header extension line (a=extmap) is malformed or repeated")
            seen.add(number)
            if not slash:
                yield int(number), uri

    def _extensions(self) -> Extensions:
        """Ours among those offered. Larger ids than 14 would need two-byte headers: left out."""
        found = {
            EXTENSION_FIELDS[uri]: number
            for number, uri in self.extension_ids.items()
            if uri in EXTENSION_FIELDS and 1 <= number <= _LARGEST_ONE_BYTE_ID
        }
        return Extensions(**found)

    def _rids(self, payload_type: int) -> tuple[str, ...]:
        """The layers of a=simulcast:send (RFC 8853 section 5.1), of alternatives the first."""
        simulcast = self.one("simulcast")
        if simulcast is None:
            return ()
        words = simulcast.split(" ")
        if "send" not in words[:-1]:
            raise BadOffer("a=simulcast must name layers to send")
        declared: dict[str, str] = {}
        for value in self.attributes.get("rid", []):
            name, _, rest = value.partition(" ")
            if rest == "send" or rest.startswith("send "):
                declared[name] = rest[5:]
        rids: list[str] = []
        for layer in words[words.index("send") + 1].split(";"):
            rid = layer.partition(",")[0].removeprefix("~")
            if not _RID.fullmatch(rid) or rid in rids or rid not in declared:
                raise BadOffer("a=simulcast and a=rid do not fit together")
            formats = re.search(r"(?:^|;)pt=([0-9,]+)", declared[rid])
            if formats is None or str(payload_type) in formats.group(1).split(","):
                rids.append(rid)
        if len(rids) > MAX_RIDS:
            raise BadOffer(f"more than {MAX_RIDS} simulcast layers")
        return tuple(rids)

    def transport(self, name: str) -> str | None:
        """An attribute that may stand in the section or for all of them."""
        value = self.one(name)
        if value is None:
            values = self._session.get(name, [])
            value = values[0] if values else None
        return value

    def fingerprints(self) -> tuple[Fingerprint, ...]:
        values = self.attributes.get("fingerprint") or self._session.get("fingerprint", [])
        if len(values) > MAX_FINGERPRINTS:
            raise BadOffer("too many fingerprints")
        pairs = [value.partition(" ") for value in values]
        return tuple(
            Fingerprint(algorithm.lower(), digits.upper()) for algorithm, _, digits in pairs
        )


def _ssrcs(media: MediaDescription, repaired: bool) -> Mapping[int, int | None]:
    """Declared SSRCs with those of their repairs (FID, RFC 5576 section 4.2)."""
    declared = [description.ssrc for description in media.ssrc]
    pairs: dict[int, int] = {}
    other: set[int] = set()
    for group in media.ssrc_group:
        members = [item for item in group.items if isinstance(item, int)]
        if group.semantic == "FID" and len(members) == 2:
            pairs[members[0]] = members[1]
        other.update(members[1:] if group.semantic in ("FID", "FEC-FR") else ())
    if any(not 0 < ssrc < 1 << 32 for ssrc in (*declared, *other)):
        raise BadOffer("an SSRC is out of range")
    ssrcs = [ssrc for ssrc in declared if ssrc not in other]
    if len(ssrcs) > MAX_SSRCS:
        raise BadOffer(f"more than {MAX_SSRCS} SSRCs in a section")
    return {ssrc: pairs.get(ssrc) if repaired else None for ssrc in ssrcs}
