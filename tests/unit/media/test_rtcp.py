from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcs.media import rtcp, twcc
from vcs.media.rtcp import (
    FullIntraRequest,
    Goodbye,
    MalformedRtcp,
    Nack,
    Packet,
    PictureLoss,
    ReceiverReport,
    Remb,
    ReportBlock,
    SenderReport,
    SourceDescription,
)

u32 = st.integers(0, 2**32 - 1)
blocks = st.lists(
    st.builds(ReportBlock, u32, st.integers(0, 255), st.integers(-(2**23), 2**23 - 1), *[u32] * 4),
    max_size=31,
).map(tuple)
packets: st.SearchStrategy[Packet] = st.one_of(
    st.builds(SenderReport, u32, st.integers(0, 2**64 - 1), u32, u32, u32, blocks),
    st.builds(ReceiverReport, u32, blocks),
    st.builds(SourceDescription, u32, st.text(max_size=60)),
    st.builds(Goodbye, st.lists(u32, max_size=31).map(tuple)),
    st.builds(PictureLoss, u32, u32),
    st.builds(FullIntraRequest, u32, u32, st.integers(0, 255)),
    st.builds(Remb, u32, st.integers(0, 2**18 - 1), st.lists(u32, max_size=20).map(tuple)),
)


@given(st.lists(packets, min_size=1, max_size=5))
def test_what_is_composed_is_parsed(written: list[Packet]) -> None:
    raw = rtcp.compose(written)
    assert len(raw) % 4 == 0
    assert list(rtcp.parse(raw)) == written


@given(st.sets(st.integers(0, 65535), min_size=1, max_size=100), st.integers(0, 65535))
def test_nack_names_each_packet_once(numbers: set[int], first: int) -> None:
    ordered = sorted(numbers, key=lambda number: (number - first) & 0xFFFF)
    (nack,) = rtcp.parse(rtcp.compose([Nack(1, 2, tuple(ordered))]))
    assert isinstance(nack, Nack)
    assert (nack.sender_ssrc, nack.media_ssrc) == (1, 2)
    assert sorted(nack.sequences) == sorted(numbers)


def test_of_a_long_nack_only_the_beginning_is_read() -> None:
    numbers = tuple(range(17 * 480))
    raw = rtcp.compose([Nack(1, 2, numbers), PictureLoss(1, 2)])
    nack, after = rtcp.parse(raw)
    assert isinstance(nack, Nack)
    assert nack.sequences == numbers[: len(nack.sequences)]
    assert rtcp.MAX_NACK_NUMBERS <= len(nack.sequences) < rtcp.MAX_NACK_NUMBERS + 17
    assert after == PictureLoss(1, 2)


@given(st.integers(0, 2**50))
def test_remb_keeps_seventeen_bits_of_the_rate(rate: int) -> None:
    (remb,) = rtcp.parse(rtcp.compose([Remb(1, rate, (5,))]))
    assert isinstance(remb, Remb)
    assert 0 <= rate - remb.bits_per_s <= rate / 2**17


def test_bytes_as_the_documents_say() -> None:
    assert rtcp.compose([PictureLoss(1, 2)]).hex() == "81ce00020000000100000002"
    assert rtcp.compose([Nack(1, 2, (10, 11, 26, 27))]).hex() == (
        "81cd00040000000100000002000a8001001b0000"
    )
    assert rtcp.compose([Remb(1, 2_500_000, (7,))]).hex() == (
        "8fce000500000001" + "0000000052454d42" + "0112625a" + "00000007"
    )
    assert rtcp.compose([SourceDescription(9, "vcs")]).hex() == "81ca0003000000090103766373000000"


def test_unknown_kinds_are_skipped() -> None:
    app, xr = b"\x80\xcc\0\2" + bytes(4) + b"name", b"\x80\xcf\0\1\0\0\0\1"
    other = b"\x82\xce\0\2" + bytes(8)
    afb = b"\x8f\xce\0\3" + bytes(8) + b"GOOG"
    pli = rtcp.compose([PictureLoss(1, 2)])
    assert rtcp.parse(app + xr + pli + other + afb) == (PictureLoss(1, 2),)


def test_padding_of_the_last_packet() -> None:
    pli = b"\xa1\xce\0\3" + b"\0\0\0\1\0\0\0\2" + b"\0\0\0\4"
    assert rtcp.parse(pli) == (PictureLoss(1, 2),)
    for broken in (pli[:-1] + b"\0", pli[:-1] + b"\xff", pli + pli):
        with pytest.raises(MalformedRtcp):
            rtcp.parse(broken)


def test_feedback_padded_to_a_word_as_chromium_does() -> None:
    message = twcc.TransportFeedback(1, 2, 5, 4, 3, 7, ((5, 10), (7, 300), (8, 290)))
    raw = bytearray(rtcp.compose([message]))
    raw[0] |= 0x20
    raw[-1] = 1
    assert rtcp.parse(raw) == (message,)


def test_other_items_of_a_source_are_skipped() -> None:
    chunk = b"\0\0\0\7" + b"\2\2me" + b"\1\1x" + b"\0"
    raw = b"\x81\xca\0\3" + chunk
    assert rtcp.parse(raw) == (SourceDescription(7, "x"),)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "80",
        "80c90001",
        "40c90001" + "00000001",
        "80bf0001" + "00000001",
        "81c90001" + "00000001",  # a report block announced, none there
        "80c80001" + "00000001",
        "9fca0001" + "00000001",
        "81ca0002" + "0000000101ff6161",
        "81ca0002" + "000000010102ffff00000000"[:16],
        "83cb0002" + "0000000100000002",
        "81cd0002" + "0000000100000002",  # a NACK of nothing
        "84ce0002" + "0000000100000002",
        "84ce0003" + "000000010000000200000003",
        "8fce0004" + "0000000100000000" + "52454d42" + "ff000000",
        "8fcd0002" + "0000000100000002",
    ],
)
def test_malformed(raw: str) -> None:
    with pytest.raises(MalformedRtcp):
        rtcp.parse(bytes.fromhex(raw))


@given(st.binary(max_size=200))
def test_any_bytes_give_packets_or_the_one_error(data: bytes) -> None:
    with contextlib.suppress(MalformedRtcp):
        rtcp.parse(data)


@given(
    st.lists(st.tuples(st.integers(200, 207), st.integers(0, 31), st.binary(max_size=60))),
    st.integers(0, 3),
)
def test_framed_bytes_too(parts: list[tuple[int, int, bytes]], cut: int) -> None:
    raw = b""
    for kind, count, body in parts:
        body += bytes(-len(body) % 4)
        raw += bytes([0x80 | count, kind]) + (len(body) // 4).to_bytes(2, "big") + body
    with contextlib.suppress(MalformedRtcp):
        rtcp.parse(raw[: len(raw) - cut])


def test_what_does_not_fit_is_our_fault() -> None:
    for packet in (
        ReceiverReport(2**32),
        ReceiverReport(1, (ReportBlock(1, 0, 0, 0, 0, 0, 0),) * 32),
        Nack(1, 2, ()),
        SourceDescription(1, "x" * 256),
    ):
        with pytest.raises(ValueError):
            rtcp.compose([packet])
