from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcs.media.packet import MalformedPacket
from vcs.media.vp8 import read_descriptor, write_picture, write_tl0


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("10 00", (True, True, -1, 0, 0, -1, 0, -1, False)),
        ("10 01", (True, False, -1, 0, 0, -1, 0, -1, False)),
        ("00 00", (False, False, -1, 0, 0, -1, 0, -1, False)),
        ("11 00", (False, False, -1, 0, 0, -1, 0, -1, False)),
        ("90 80 05 00", (True, True, 2, 5, 7, -1, 0, -1, False)),
        ("90 80 8123 01", (True, False, 2, 0x123, 15, -1, 0, -1, False)),
        ("90 e0 8123 07 a0 01", (True, False, 2, 0x123, 15, 4, 7, 2, True)),
        ("90 40 09 01", (True, False, -1, 0, 0, 2, 9, -1, False)),
        ("90 10 ff 01", (True, False, -1, 0, 0, -1, 0, -1, False)),
        ("90 20 40 01", (True, False, -1, 0, 0, -1, 0, 1, False)),
    ],
)
def test_descriptors(raw: str, expected: tuple[object, ...]) -> None:
    packet = bytes.fromhex(raw)
    assert read_descriptor(packet, 0, len(packet)) == expected
    for length in range(len(packet)):
        with pytest.raises(MalformedPacket):
            read_descriptor(packet, 0, length)


@given(
    st.binary(max_size=5),
    st.integers(0, 0x7FFF),
    st.integers(0, 0x7FFF),
    st.integers(0, 255),
    st.sampled_from([7, 15]),
)
def test_rewriting_changes_the_numbers_and_nothing_else(
    before: bytes, picture: int, new: int, tl0: int, bits: int
) -> None:
    number = bytes([picture & 0x7F]) if bits == 7 else (0x8000 | picture).to_bytes(2, "big")
    packet = bytearray(before + b"\x90\xe0" + number + b"\x05\xe1\x00frame")
    start = len(before)
    old = read_descriptor(packet, start, len(packet))
    assert old[2:5] == (start + 2, picture & ((1 << bits) - 1), bits)
    write_picture(packet, old[2], bits, new)
    write_tl0(packet, old[5], tl0)
    assert read_descriptor(packet, start, len(packet)) == (
        *old[:3],
        new & ((1 << bits) - 1),
        bits,
        old[5],
        tl0,
        *old[7:],
    )
    assert bytes(packet[:start]) == before
    assert packet.endswith(b"\xe1\x00frame")


@given(st.binary(max_size=12))
def test_any_bytes_give_a_descriptor_or_the_one_error(data: bytes) -> None:
    try:
        _, _, picture_at, _, bits, tl0_at, _, tid, _ = read_descriptor(data, 0, len(data))
    except MalformedPacket:
        return
    assert picture_at + (bits > 7) < len(data)
    assert tl0_at < len(data)
    assert -1 <= tid <= 3
