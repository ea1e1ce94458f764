from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcs.media.framing import MAX_FRAME, FrameReader, frame

PACKETS = st.lists(st.binary(max_size=60), max_size=12)


def pieces(wire: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({cut % (len(wire) + 1) for cut in cuts})
    return [wire[a:b] for a, b in zip([0, *places], [*places, len(wire)], strict=True)]


@given(PACKETS, st.lists(st.integers(min_value=0)))
def test_any_cut_gives_the_same_packets(packets: list[bytes], cuts: list[int]) -> None:
    reader = FrameReader()
    got: list[bytes] = []
    for piece in pieces(b"".join(map(frame, packets)), cuts):
        got += [bytes(packet) for packet in reader.feed(piece)]
    assert got == [packet for packet in packets if packet]
    assert reader.empty == packets.count(b"")
    assert not reader.oversized


@given(st.lists(st.binary(max_size=200), max_size=8))
def test_garbage_never_raises_nor_is_kept(reads: list[bytes]) -> None:
    reader = FrameReader(limit=100)
    for data in reads:
        assert all(0 < len(packet) <= 100 for packet in reader.feed(data))
        assert len(reader._rest) <= 2 + 100


@given(PACKETS, st.integers(MAX_FRAME + 1, 65_535), st.lists(st.integers(min_value=0)))
def test_after_too_long_a_frame_nothing_comes(
    packets: list[bytes], size: int, cuts: list[int]
) -> None:
    reader = FrameReader()
    wire = b"".join(map(frame, packets)) + struct.pack("!H", size) + frame(b"x")
    got: list[bytes] = []
    for piece in pieces(wire, cuts):
        got += [bytes(packet) for packet in reader.feed(piece)]
    assert got == [packet for packet in packets if packet]
    assert reader.oversized


def test_the_longest_frame() -> None:
    reader = FrameReader()
    assert [len(packet) for packet in reader.feed(frame(bytes(MAX_FRAME)))] == [MAX_FRAME]
    with pytest.raises(struct.error):
        frame(bytes(65_536))


def test_whole_packets_are_not_copied() -> None:
    data = bytearray(frame(b"abc") + frame(b"de"))
    first, second = FrameReader().feed(memoryview(data))
    data[2] = ord("A")
    assert (bytes(first), bytes(second)) == (b"Abc", b"de")
