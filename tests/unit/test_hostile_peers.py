"""A client that has signed in, shaken hands and then sends nonsense: its session lives, everybody
else's calls are as they were, and every packet is accounted for."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Iterator

from tests.unit.test_hostile_datagrams import in_full, works
from tests.unit.test_live_talk import Talker, counter
from vcs import messages as m
from vcs.media import rtcp

ONE_BYTE, TWO_BYTE = 0xBEDE, 0x1000
TIME = 1 << 20
AT_ONCE = 100
"""Packets between two breaths of the loop, so that no buffer of the system overflows."""


def packets(talker: Talker) -> Iterator[bytes]:
    """Header extensions of every id at every length, in blocks that are too short, right and too
    long for them, under the SSRC of a stream and of none."""
    section = talker.connection.section("1")
    number = 40_000
    for ssrc in (section.ssrc, 77):
        for profile, lengths in ((ONE_BYTE, range(16)), (TWO_BYTE, (0, 1, 2, 3, 17, 255))):
            for identifier in range(16):
                for length in lengths:
                    one = profile == ONE_BYTE
                    element = bytes([identifier << 4 | length] if one else [identifier, length])
                    whole = -(-(len(element) + length + one) // 4)
                    # A block that is longer than its packet libsrtp does not even protect.
                    for words in (0, 1, whole, whole + 1):
                        body = (element + bytes([0xFF]) * 1024)[: 4 * words]
                        number += 1
                        head = struct.pack(
                            "!BBHIIHH",
                            0x90,
                            section.payload_type,
                            number & 0xFFFF,
                            TIME + number,
                            ssrc,
                            profile,
                            words,
                        )
                        yield head + body + b"\x90\x80"


def reports(talker: Talker) -> Iterator[bytes]:
    """RTCP cut off at every byte, with counts that its data does not bear out."""
    ssrc = talker.connection.section("1").ssrc
    block = rtcp.ReportBlock(1, 0, 0, 0, 0, 0, 0)
    whole = rtcp.compose(
        [
            rtcp.SenderReport(ssrc, 1, 2, 3, 4, (block,)),
            rtcp.SourceDescription(ssrc, "x"),
            rtcp.Nack(ssrc, 1, (1, 2, 3)),
            rtcp.Remb(ssrc, 1_000_000, (1, 2)),
        ]
    )
    for end in range(8, len(whole)):
        yield whole[:end]
    for kind in range(192, 224):
        for count in (0, 1, 15, 31):
            for words in (1, 2, 4, 0xFFFF):
                yield struct.pack("!BBHI", 0x80 | count, kind, words, ssrc) + bytes(8)
    for promised in (1, 2, 255):
        remb = struct.pack("!II4sBBH", ssrc, 0, b"REMB", promised, 0xFF, 0xFFFF)
        yield struct.pack("!BBH", 0x8F, 206, len(remb) // 4) + remb
    nack = struct.pack("!II", ssrc, 1) + b"\xff" * 1200
    yield struct.pack("!BBH", 0x81, 205, len(nack) // 4) + nack
    for base, count in ((0, 0xFFFF), (0xFFFF, 1), (5, 0)):
        told = struct.pack("!IIHHI", ssrc, 1, base, count, 0xFFFFFF00) + b"\xbf\xff\xd5\x55"
        yield struct.pack("!BBH", 0x8F, 205, len(told) // 4) + told


async def test_a_peer_with_keys_that_sends_nonsense_harms_nobody() -> None:
    async with counter((1, 2)) as desk:
        await works(desk, 1)
        media, hostile = desk.rig.media, desk.booths[2]
        peers, before = len(media.hub), dict(media.counters())
        desk.forget()
        sent = malformed = 0
        for sent, packet in enumerate(packets(hostile), 1):
            hostile.connection.send_rtp(packet)
            if sent % AT_ONCE == 0:
                await asyncio.sleep(0.02)
        for malformed, report in enumerate(reports(hostile), 1):
            hostile.connection.send_rtcp(report)
            if malformed % AT_ONCE == 0:
                await asyncio.sleep(1)  # more in a second are not read at all
                await desk.officer.wire.say(m.Ping(malformed))  # else he would not be on air
        await asyncio.sleep(0.3)
        after = media.counters()
        dropped = {name: after[name] - before[name] for name in before}
        assert dropped["drop_malformed"] + dropped["drop_unknown_ssrc"] == sent
        assert dropped["drop_unknown_ssrc"] > 0
        assert media.hub.malformed_rtcp > malformed // 2
        assert len(media.hub) == peers
        assert in_full(desk)
        assert desk.officer.voices() == {b"booth 1"}
        assert desk.booths[1].voices() == {b"officer"}
        await works(desk, 2)


async def test_ssrcs_without_end_end_at_sixteen() -> None:
    async with counter((1, 2)) as desk:
        hostile = desk.booths[2]
        section = hostile.connection.section("1")
        before = desk.rig.media.counters()["drop_ssrc_limit"]
        for ssrc in range(1000, 1200):
            head = struct.pack("!BBHII", 0x80, section.payload_type, 1, 0, ssrc)
            hostile.connection.send_rtp(head + b"\x90\x80")
        await asyncio.sleep(0.3)
        refused = desk.rig.media.counters()["drop_ssrc_limit"] - before
        assert 200 - 16 <= refused <= 200
        await works(desk, 1)
        await works(desk, 2)
