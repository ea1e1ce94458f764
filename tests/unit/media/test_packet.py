from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcs.media.packet import (
    HEADER,
    NOT_FOUND,
    MalformedPacket,
    compose_extensions,
    extension_text,
    find_extension,
    layout,
)

elements = st.dictionaries(st.integers(1, 14), st.binary(min_size=1, max_size=16), max_size=14)


def rtp(block: bytes = b"", payload: bytes = b"", padding: int = 0, sources: int = 0) -> bytes:
    first = 0x80 | sources | (0x10 if block else 0) | (0x20 if padding else 0)
    tail = bytes(padding - 1) + bytes([padding]) if padding else b""
    return HEADER.pack(first, 111, 1, 2, 3) + bytes(4 * sources) + block + payload + tail


def test_a_plain_packet() -> None:
    packet = rtp(payload=b"hello")
    assert layout(packet, len(packet)) == (-1, 12, 17)
    assert find_extension(packet, -1, 3) == NOT_FOUND


def test_at_an_offset_and_with_bytes_behind() -> None:
    packet = rtp(payload=b"hello", sources=2)
    assert layout(b"??" + packet + b"???", len(packet), 2) == (-1, 22, 27)


@given(elements, st.binary(max_size=40), st.integers(0, 255), st.integers(0, 15))
def test_what_is_composed_is_found(
    written: dict[int, bytes], payload: bytes, padding: int, sources: int
) -> None:
    block, positions = compose_extensions(list(written.items()))
    assert len(block) % 4 == 0
    packet = rtp(block, payload, padding, sources)
    extension, start, end = layout(packet, len(packet))
    assert packet[start:end] == payload
    for (identifier, data), position in zip(written.items(), positions, strict=True):
        at, size = find_extension(packet, extension, identifier)
        assert packet[at : at + size] == data
        assert block[position : position + len(data)] == data
    for identifier in set(range(1, 15)) - set(written):
        assert find_extension(packet, extension, identifier) == NOT_FOUND


@given(st.dictionaries(st.integers(1, 255), st.binary(max_size=255), max_size=5))
def test_two_byte_elements(written: dict[int, bytes]) -> None:
    body = b"".join(bytes([i, len(data)]) + data + b"\0" for i, data in written.items())
    body += bytes(-len(body) % 4)
    packet = rtp(struct.pack("!HH", 0x1005, len(body) // 4) + body, b"x")
    extension, _, _ = layout(packet, len(packet))
    for identifier, data in written.items():
        at, size = find_extension(packet, extension, identifier)
        assert packet[at : at + size] == data


def test_what_one_byte_cannot_hold_is_left_out() -> None:
    assert compose_extensions([(0, b"a"), (15, b"b"), (3, b""), (4, bytes(17))]) == (b"", [-1] * 4)


def test_reserved_elements_end_the_block() -> None:
    for reserved in (b"\xf0a", b"\x01ab"):
        block = b"\xbe\xde\0\1" + (reserved + b"\x30z\0\0")[:4]
        packet = rtp(block, b"x")
        assert find_extension(packet, 12, 3) == NOT_FOUND


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        bytes(11),
        b"\x40" + bytes(20),
        rtp(sources=15)[:40],
        b"\x90" + bytes(13),
        b"\x90" + bytes(11) + b"\xbe\xde\0\1",
        b"\xa0" + bytes(11),
        b"\xa0" + bytes(12),
        b"\xa0" + bytes(12) + b"\3",
    ],
)
def test_malformed(packet: bytes) -> None:
    with pytest.raises(MalformedPacket):
        layout(packet, len(packet))


def test_an_element_beyond_its_block() -> None:
    for block in (b"\xbe\xde\0\1\x3faaa", b"\x10\0\0\1\3\3aa", b"\x10\0\0\1\0\0\0\3"):
        with pytest.raises(MalformedPacket):
            find_extension(rtp(block, b"payload"), 12, 9)


def test_text() -> None:
    for data, text in ((b"a1", "a1"), (b"\xc3\xa4", None), (b"a\n", None)):
        block, _ = compose_extensions([(4, data)])
        packet = rtp(block)
        if text is None:
            with pytest.raises(MalformedPacket):
                extension_text(packet, 12, 4)
        else:
            assert extension_text(packet, 12, 4) == text
        assert extension_text(packet, 12, 5) is None


@given(st.binary(max_size=120), st.sampled_from([b"", b"\xbe\xde", b"\x10\0"]))
def test_any_bytes_give_places_inside_or_the_one_error(data: bytes, profile: bytes) -> None:
    if profile:
        data = b"\x90" + data[:11].ljust(11, b"\0") + profile + data[11:]
    try:
        extension, start, end = layout(data, len(data))
        assert 12 <= start <= end <= len(data)
        for identifier in range(1, 256, 7):
            at, size = find_extension(data, extension, identifier)
            assert (at, size) == NOT_FOUND or extension < at <= at + size <= start
    except MalformedPacket:
        pass
