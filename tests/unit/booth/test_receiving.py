from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcs.booth.receiving import MediaReceiver
from vcs.media import rtcp
from vcs.transport.client import ClientStream

from .material import PICTURE, SOUND
from .test_sending import NOW, Stage

HEARD = replace(SOUND, mid="2", direction="recvonly", streams=SOUND.streams)
SEEN = replace(PICTURE, mid="3", direction="recvonly", streams=(ClientStream(0x2001, 0x3001),))


def stage_and_receiver() -> tuple[Stage, MediaReceiver]:
    stage = Stage()
    stage.sender.start(NOW)
    stage.pass_time(1.0)
    return stage, MediaReceiver([HEARD, SEEN])


def test_packets_find_their_slot() -> None:
    stage, receiver = stage_and_receiver()
    for packet in stage.out.rtp:
        receiver.received(packet, NOW)
    assert receiver.listeners["2"].count == len(stage.packets(SOUND.ssrc))
    assert receiver.viewers["3"].packets == len(stage.packets(0x2001))
    assert receiver.foreign == len(stage.packets(0x2002)) > 0


def test_repairs_are_counted_and_are_no_frames() -> None:
    stage, receiver = stage_and_receiver()
    lost = stage.packets(0x2001)[0].sequence
    stage.out.rtp.clear()
    stage.sender.feedback([rtcp.Nack(1, 0x2001, (lost,))], stage.now)
    for packet in stage.out.rtp:
        receiver.received(packet, NOW)
    assert (receiver.viewers["3"].repairs, receiver.viewers["3"].packets) == (1, 0)


def test_reports_tell_loss_and_round_trip() -> None:
    stage, receiver = stage_and_receiver()
    assert receiver.report(NOW) is None
    sound = [p for p in stage.out.rtp if len(p) and p[8:12] == SOUND.ssrc.to_bytes(4, "big")]
    for packet in sound[:10] + sound[15:]:
        receiver.received(packet, NOW)
    sender_report = stage.out.reports()[0]
    receiver.feedback([sender_report], NOW)
    data = receiver.report(NOW + 0.5)
    assert data is not None
    (report,) = rtcp.parse(data)
    assert isinstance(report, rtcp.ReceiverReport)
    (block,) = report.blocks
    assert block.packets_lost == 5
    assert block.fraction_lost == 5 * 256 // len(sound)
    assert block.last_sender_report == sender_report.ntp >> 16 & 0xFFFFFFFF
    assert block.delay_since_last == pytest.approx(32_768, abs=1)


@given(st.binary(max_size=60))
def test_anything_may_come(packet: bytes) -> None:
    receiver = MediaReceiver([HEARD, SEEN])
    receiver.received(packet, NOW)
    assert receiver.malformed + receiver.foreign == 1
