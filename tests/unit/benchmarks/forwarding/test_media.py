from __future__ import annotations

from benchmarks.forwarding.media import KEY_FRAME_EVERY, PACKET_OCTETS, PER_FRAME, Track, origin_of
from vcs.media.description import Kind
from vcs.media.packet import HEADER, find_extension, layout
from vcs.media.vp8 import read_descriptor


def test_pictures_are_what_a_server_takes_for_vp8() -> None:
    track = Track(Kind.VIDEO, ssrc=7, origin=42, transport_cc=3)
    keys = 0
    for number in range(PER_FRAME * KEY_FRAME_EVERY):
        packet = bytes(track.next(1_000 + number))
        assert len(packet) == PACKET_OCTETS[Kind.VIDEO]
        assert origin_of(packet) == (42, 1_000 + number)
        _, second, sequence, timestamp, ssrc = HEADER.unpack_from(packet)
        assert (sequence, ssrc) == (1_000 + number, 7)
        assert second == (0x80 if number % PER_FRAME == PER_FRAME - 1 else 0) | 96
        assert timestamp == (number // PER_FRAME + 1) * 3_000
        extension, start, end = layout(packet, len(packet))
        assert find_extension(packet, extension, 3) == (track.transport_at, 2)
        starts, key, _, picture, bits, _, _, tid, _ = read_descriptor(packet, start, end)
        assert starts == (number % PER_FRAME == 0)
        assert (picture, bits, tid) == (number // PER_FRAME + 1, 15, 0)
        keys += key
    assert keys == 1
    track.key_frame_wanted = True
    packet = bytes(track.next(0))
    _, start, end = layout(packet, len(packet))
    assert read_descriptor(packet, start, end)[1]


def test_sound_is_small_and_says_who_speaks() -> None:
    track = Track(Kind.AUDIO, ssrc=8, origin=43, transport_cc=0)
    first, second = bytes(track.next(1)), bytes(track.next(2))
    assert len(first) == len(second) == PACKET_OCTETS[Kind.AUDIO]
    assert [origin_of(packet) for packet in (first, second)] == [(43, 1), (43, 2)]
    assert HEADER.unpack_from(second)[3] - HEADER.unpack_from(first)[3] == 960
