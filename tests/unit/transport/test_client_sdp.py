from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from vcs.media.description import Extensions, Kind
from vcs.transport.client_sdp import (
    OFFERED_EXTENSIONS,
    Answer,
    BadAnswer,
    ClientSection,
    choose_streams,
    make_offer,
    read_answer,
)
from vcs.transport.dtls import Fingerprint
from vcs.transport.ice import Credentials
from vcs.transport.sdp import SlotAnswer, make_answer, parse_offer

FINGERPRINT = Fingerprint("sha-256", ":".join(["AB"] * 32))
OFFERED = choose_streams(
    [
        ClientSection(Kind.AUDIO, "sendonly"),
        ClientSection(Kind.VIDEO, "sendonly", ("l", "m", "h")),
        ClientSection(Kind.VIDEO, "sendonly"),
        ClientSection(Kind.AUDIO, "recvonly"),
        ClientSection(Kind.VIDEO, "recvonly"),
    ]
)
OFFER = make_offer(OFFERED, Credentials("mine", "m" * 22), FINGERPRINT, (7, 1))
CANDIDATES = (
    "1 1 udp 100 192.0.2.1 5000 typ host",
    "2 1 udp 200 2001:db8::1 5000 typ host",
    "3 1 tcp 300 192.0.2.1 5000 typ host tcptype passive",
    "4 1 udp 400 media.example 5000 typ host",
)
ANSWER = make_answer(
    parse_offer(OFFER),
    ufrag="theirs",
    password="p" * 24,
    fingerprint=str(FINGERPRINT),
    candidates=CANDIDATES,
    slots={"3": SlotAnswer(10, None, "a"), "4": SlotAnswer(11, 12, "a")},
)


def test_our_server_takes_our_offer_whole() -> None:
    offer = parse_offer(OFFER)
    assert (offer.ufrag, offer.password, offer.fingerprints) == ("mine", "m" * 22, (FINGERPRINT,))
    assert offer.extensions == OFFERED_EXTENSIONS
    assert [section.rids for section in offer.sections] == [(), ("l", "m", "h"), (), (), ()]
    single = OFFERED[2].streams[0]
    assert offer.sections[2].ssrcs == {single.ssrc: single.rtx_ssrc}


def test_the_answer_read() -> None:
    answer = read_answer(ANSWER, OFFERED)
    assert answer.credentials == Credentials("theirs", "p" * 24)
    assert answer.fingerprints == (FINGERPRINT,)
    assert answer.candidates == (("2001:db8::1", 5000), ("192.0.2.1", 5000))
    assert answer.tcp_candidates == (("192.0.2.1", 5000),)
    assert [len(section.streams) for section in answer.sections.values()] == [1, 3, 1, 1, 1]
    assert answer.sections["1"].streams == OFFERED[1].streams
    assert answer.sections["4"].streams[0].rtx_ssrc == 12
    assert answer.sections["2"].extensions == Extensions(mid=4, transport_cc=3, abs_send_time=2)


def test_a_section_that_nobody_feeds() -> None:
    answer = read_answer(ANSWER.replace("a=sendonly", "a=inactive"), OFFERED)
    assert answer.sections["3"].streams == ()
    with pytest.raises(IndexError):
        _ = answer.sections["3"].ssrc


def test_a_refused_section_is_left_out() -> None:
    answer = read_answer(
        ANSWER.replace("m=video 9 UDP/TLS/RTP/SAVPF", "m=video 0 RTP/AVP"), OFFERED
    )
    assert list(answer.sections) == ["0", "3"]


def test_layers_that_the_server_left_out() -> None:
    answer = read_answer(ANSWER.replace("recv l;m;h", "recv l;h"), OFFERED)
    assert [stream.rid for stream in answer.sections["1"].streams] == ["l", "h"]


def test_an_answer_with_tcp_alone() -> None:
    answer = read_answer(ANSWER.replace(" udp ", " x "), OFFERED)
    assert answer.candidates == ()
    assert answer.tcp_candidates == (("192.0.2.1", 5000),)
    with pytest.raises(BadAnswer, match="candidate"):
        read_answer(
            ANSWER.replace(" udp ", " x ").replace("tcptype passive", "tcptype active"), OFFERED
        )


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("a=mid:1", "a=mid:9", "sections"),
        ("m=", "m=x 0 x x\r\na=mid:0\r\nm=", "malformed|sections"),
        ("9 UDP", "0 UDP", "every section"),
        ("a=ice-pwd", "a=x", "credentials"),
        ("setup:passive", "setup:active", "passive"),
        ("a=setup:passive\r\n", "", "DTLS"),
        ("a=candidate", "a=x", "candidate"),
        ("rtpmap:111 opus", "rtpmap:111 L16", "codec"),
        ("extmap:4", "extmap:5", "extension"),
        ("a=recvonly", "a=sendonly", "direction"),
        ("v=0", "x" * 100_000, "long"),
        ("v=0", "v=x", "malformed"),
    ],
)
def test_bad_answers(old: str, new: str, reason: str) -> None:
    assert old in ANSWER
    with pytest.raises(BadAnswer, match=reason):
        read_answer(ANSWER.replace(old, new), OFFERED)


@settings(max_examples=200)
@given(st.data())
def test_mutated_answers_are_taken_or_bad(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(ANSWER)))
    end = data.draw(st.integers(at, min(at + 60, len(ANSWER))))
    text = ANSWER[:at] + data.draw(st.text(max_size=6)) + ANSWER[end:]
    try:
        answer = read_answer(text, OFFERED)
    except BadAnswer:
        return
    assert isinstance(answer, Answer)


def test_ssrcs_are_all_different() -> None:
    streams = [stream for section in OFFERED for stream in section.streams]
    ssrcs = [s for stream in streams for s in (stream.ssrc, stream.rtx_ssrc) if s is not None]
    assert len(set(ssrcs)) == len(ssrcs) == 9
