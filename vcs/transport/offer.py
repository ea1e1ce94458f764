"""Read a client's SDP offer (RFC 8829, RFC 8843): what we can take of it, or why not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from vcs.media.description import Codec, Extensions
from vcs.transport.dtls import Fingerprint
from vcs.transport.offer_section import (
    EXTENSION_FIELDS,
    Attributes,
    BadOffer,
    RefusedSection,
    Section,
    SectionReader,
    attributes,
)
from vcs.transport.sections import EXTENSION_URIS

MAX_CHARS: Final = 100_000
MAX_SECTIONS: Final = 32
MAX_SECTION_LINES: Final = 500

PREFERRED_VIDEO: Final = (Codec.VP8, Codec.H264)

_UNPRINTABLE: Final = re.compile(r"[^\t\r\n -~]")
_ICE_TEXT: Final = re.compile(r"[A-Za-z0-9+/]+")


@dataclass(frozen=True, slots=True)
class Offer:
    """What a client offered. `sections` are those that we take, `all_sections` the refused ones as
    well, in the offer's order. `extensions` are the ids used on the whole connection."""

    ufrag: str
    password: str
    fingerprints: tuple[Fingerprint, ...]
    extensions: Extensions
    all_sections: tuple[Section | RefusedSection, ...]
    extmap_allow_mixed: bool
    sections: tuple[Section, ...] = field(init=False)

    def __post_init__(self) -> None:
        taken = tuple(s for s in self.all_sections if isinstance(s, Section))
        object.__setattr__(self, "sections", taken)

    def check_follows(self, former: Offer) -> None:
        """Raises `BadOffer` unless this is a further offer on the same connection (RFC 8829
        section 5.2.2): same certificate, sections, codecs and ids; ICE credentials may be new.

        Header extensions may be missing: browsers offer no more those that the answer left out.
        """
        if set(self.fingerprints) != set(former.fingerprints):
            raise BadOffer("the certificate changed: a new connection is needed")
        ids = ((getattr(self.extensions, n), getattr(former.extensions, n)) for n in EXTENSION_URIS)
        if any(number not in (0, before) for number, before in ids):
            raise BadOffer("the header extension ids changed")
        if [_frame(s) for s in self.all_sections] != [_frame(s) for s in former.all_sections]:
            raise BadOffer("sections, directions or codecs changed")


def parse_offer(text: str, *, video: Sequence[Codec] = PREFERRED_VIDEO) -> Offer:
    """`video`: codecs to take, most wanted first. Raises `BadOffer`, whatever the text is."""
    session, media = _split(text)
    if "ice-lite" in session:
        raise BadOffer("the offer is ICE-lite, and so are we: nobody would begin")
    readers = [SectionReader(lines, session, video) for lines in media]
    mids = [reader.mid for reader in readers]
    if len(set(mids)) != len(mids):
        raise BadOffer("two sections have the same mid")
    _check_bundle(session, [reader.mid for reader in readers if reader.wanted])
    _check_extension_ids(readers)
    sections = tuple(reader.read() for reader in readers)
    taken = [section for section in sections if isinstance(section, Section)]
    if not taken:
        raise BadOffer("no section has a codec that we know")
    _check_payload_types(taken)
    _check_ssrcs(taken)
    ufrag, password, fingerprints = _transport(session, [r for r in readers if r.wanted])
    return Offer(
        ufrag=ufrag,
        password=password,
        fingerprints=fingerprints,
        extensions=_merged(taken),
        all_sections=sections,
        extmap_allow_mixed="extmap-allow-mixed" in session,
    )


def _split(text: str) -> tuple[Attributes, list[list[str]]]:
    """The session's attributes and the lines of each section."""
    if len(text) > MAX_CHARS:
        raise BadOffer("the offer is too long")
    if _UNPRINTABLE.search(text):
        raise BadOffer("the offer holds characters other than printable ASCII")
    text = text.replace("\r\n", "\n").removesuffix("\n")
    if "\r" in text:
        raise BadOffer("a line holds a carriage return")
    lines = text.split("\n")
    if lines[0] != "v=0":
        raise BadOffer("not a session description: it must begin with v=0")
    starts = [number for number, line in enumerate(lines) if line.startswith("m=")]
    if not starts:
        raise BadOffer("the offer has no sections")
    if len(starts) > MAX_SECTIONS:
        raise BadOffer(f"more than {MAX_SECTIONS} sections")
    sections = [
        lines[start:end] for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)
    ]
    if starts[0] > MAX_SECTION_LINES or any(len(s) > MAX_SECTION_LINES for s in sections):
        raise BadOffer("a section has too many lines")
    return attributes(lines[: starts[0]]), sections


def _check_bundle(session: Attributes, mids: Sequence[str]) -> None:
    groups = [
        value.split(" ")[1:]
        for value in session.get("group", [])
        if value.partition(" ")[0] == "BUNDLE"
    ]
    if len(groups) != 1 or not set(mids) <= set(groups[0]):
        raise BadOffer("all sections must be in one BUNDLE group")


def _check_extension_ids(readers: Sequence[SectionReader]) -> None:
    """One id, one meaning, and the reverse, on the whole connection (RFC 8843 section 9.2)."""
    uris: dict[int, str] = {}
    numbers: dict[str, int] = {}
    for reader in readers:
        for number, uri in reader.extension_ids.items():
            if uris.setdefault(number, uri) != uri or (
                uri in EXTENSION_FIELDS and numbers.setdefault(uri, number) != number
            ):
                raise BadOffer("header extension ids differ between sections")


def _check_payload_types(sections: Sequence[Section]) -> None:
    meanings: dict[int, tuple[Codec, int | None]] = {}
    for section in sections:
        meaning = section.codec, None
        if meanings.setdefault(section.payload_type, meaning) != meaning:
            raise BadOffer("a payload type has two meanings")
        if section.rtx_payload_type is not None:
            repairs = section.codec, section.payload_type
            if meanings.setdefault(section.rtx_payload_type, repairs) != repairs:
                raise BadOffer("a payload type has two meanings")


def _check_ssrcs(sections: Sequence[Section]) -> None:
    seen = [
        ssrc
        for section in sections
        for pair in section.ssrcs.items()
        for ssrc in pair
        if ssrc is not None
    ]
    if len(set(seen)) != len(seen):
        raise BadOffer("an SSRC is declared twice")


def _transport(
    session: Attributes, readers: Sequence[SectionReader]
) -> tuple[str, str, tuple[Fingerprint, ...]]:
    """ICE credentials and certificate hashes: one set for the whole bundle."""
    # The first section has them, unless it is one that waits for a bundle or is to be refused.
    first = next((reader for reader in readers if "ice-ufrag" in reader.attributes), readers[0])
    ufrag, password, setup = (
        first.transport(name) or "" for name in ("ice-ufrag", "ice-pwd", "setup")
    )
    if not 4 <= len(ufrag) <= 256 or not _ICE_TEXT.fullmatch(ufrag):
        raise BadOffer("a=ice-ufrag is missing or malformed")
    if not 22 <= len(password) <= 256 or not _ICE_TEXT.fullmatch(password):
        raise BadOffer("a=ice-pwd is missing or malformed")
    if setup not in ("actpass", "active"):
        raise BadOffer("a=setup must be actpass or active")
    fingerprints = first.fingerprints()
    if not any(fingerprint.supported for fingerprint in fingerprints):
        raise BadOffer("a=fingerprint with sha-256 or better is missing or malformed")
    for reader in readers:
        for name, value in (("ice-ufrag", ufrag), ("ice-pwd", password), ("setup", setup)):
            if reader.one(name) not in (None, value):
                raise BadOffer(f"a={name} differs between sections of the bundle")
        if "fingerprint" in reader.attributes and set(reader.fingerprints()) != set(fingerprints):
            raise BadOffer("a=fingerprint differs between sections of the bundle")
    return ufrag, password, fingerprints


def _merged(sections: Sequence[Section]) -> Extensions:
    found = {
        name: max(getattr(section.extensions, name) for section in sections)
        for name in EXTENSION_URIS
    }
    return Extensions(**found)


def _frame(section: Section | RefusedSection) -> tuple[object, ...]:
    """What a further offer may not change in a section."""
    if isinstance(section, RefusedSection):
        return section.mid, section.media
    return (
        section.mid,
        section.kind,
        section.direction,
        section.codec,
        section.payload_type,
        section.rtx_payload_type,
        section.rids,
    )
