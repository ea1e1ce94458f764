from __future__ import annotations

import hypothesis.strategies as st
import pytest
from aiortc.sdp import SessionDescription
from hypothesis import given

from vcs.media.description import Codec
from vcs.transport.sdp import BadOffer, SlotAnswer, make_answer, parse_offer

from .offers import AUDIO, CHROMIUM, HEAD, OFFER, VIDEO, changed

FINGERPRINT = "sha-256 " + ":".join(["CD"] * 32)
CANDIDATES = (
    "1 1 udp 2130706431 192.0.2.1 5000 typ host",
    "2 1 tcp 1671430143 192.0.2.1 5000 typ host tcptype passive",
)


def answer(text: str, slots: dict[str, SlotAnswer] | None = None, h264: bool = False) -> str:
    offer = parse_offer(text, video=(Codec.H264,)) if h264 else parse_offer(text)
    return make_answer(
        offer,
        ufrag="a1ours",
        password="p" * 24,
        fingerprint=FINGERPRINT,
        candidates=CANDIDATES,
        slots=slots or {},
    )


@pytest.mark.parametrize(("suppressed", "dtx"), [(True, 1), (False, 0)])
def test_silence_is_sent_or_not_as_the_client_is_told(suppressed: bool, dtx: int) -> None:
    told = make_answer(
        parse_offer(CHROMIUM),
        ufrag="a1ours",
        password="p" * 24,
        fingerprint=FINGERPRINT,
        candidates=CANDIDATES,
        slots={},
        silence_suppressed=suppressed,
    )
    assert f"a=fmtp:111 minptime=10;useinbandfec=1;usedtx={dtx}\r\n" in told


def sections(text: str) -> list[list[str]]:
    assert text.endswith("\r\n")
    return [part.split("\r\n") for part in text.removesuffix("\r\n").split("\r\nm=")]


def test_chromiums_offer_answered() -> None:
    head, sound, picture, heard = sections(
        answer(CHROMIUM, {"2": SlotAnswer(4_000_000_000, None, "officer")})
    )
    assert "a=ice-lite" in head
    assert "a=group:BUNDLE 0 1 2" in head
    assert "a=extmap-allow-mixed" in head
    assert sound[0] == "audio 9 UDP/TLS/RTP/SAVPF 111"
    assert picture[0] == "video 9 UDP/TLS/RTP/SAVPF 96 97"
    for number, lines in enumerate((sound, picture, heard)):
        assert {
            f"a=mid:{number}",
            "a=ice-ufrag:a1ours",
            "a=ice-pwd:" + "p" * 24,
            "a=fingerprint:" + FINGERPRINT,
            "a=setup:passive",
            "a=rtcp-mux",
            "a=rtcp-rsize",
        } <= set(lines)
    assert "a=end-of-candidates" in sound
    assert [line for line in sound if line.startswith("a=candidate:")] == [
        f"a=candidate:{candidate}" for candidate in CANDIDATES
    ]
    assert "a=recvonly" in sound
    assert "a=fmtp:111 minptime=10;useinbandfec=1;usedtx=0" in sound
    assert not any("red/48000" in line for line in sound)
    assert [line for line in sound if "rtcp-fb" in line] == ["a=rtcp-fb:111 transport-cc"]
    assert {
        "a=recvonly",
        "a=rid:q recv",
        "a=rid:h recv",
        "a=rid:f recv",
        "a=simulcast:recv q;h;f",
        "a=rtpmap:97 rtx/90000",
        "a=fmtp:97 apt=96",
        "a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
        "a=extmap:11 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
    } <= set(picture)
    assert [line for line in picture if "rtcp-fb" in line] == [
        f"a=rtcp-fb:96 {value}" for value in ("transport-cc", "nack", "nack pli", "ccm fir")
    ]
    assert {
        "a=sendonly",
        "a=msid:officer officer-audio",
        "a=ssrc:4000000000 cname:vcs",
        "a=rtpmap:63 red/48000/2",
        "a=fmtp:63 111/111",
    } <= set(heard)
    assert heard[0].endswith(" 111 63")
    assert not any("FID" in line for line in heard)


def test_only_extensions_of_ours_are_answered() -> None:
    _, _, picture, _ = sections(answer(CHROMIUM))
    numbers = {line.split(":")[1].split(" ")[0] for line in picture if line.startswith("a=extmap:")}
    assert numbers == {"2", "3", "4", "10", "11"}


def test_a_slot_with_repairs() -> None:
    offer = changed("a=sendonly", "a=recvonly")
    _, heard, seen = sections(answer(offer, {"1": SlotAnswer(10, 11, "slot1", cname="one")}))
    assert "a=inactive" in heard
    assert {
        "a=sendonly",
        "a=msid:slot1 slot1-video",
        "a=ssrc-group:FID 10 11",
        "a=ssrc:10 cname:one",
        "a=ssrc:11 cname:one",
    } <= set(seen)


def test_repairs_are_not_declared_without_their_codec() -> None:
    offer = changed("a=fmtp:97 apt=96\n", "", changed("a=sendonly", "a=recvonly"))
    _, _, seen = sections(answer(offer, {"1": SlotAnswer(10, 11, "slot1")}))
    assert "a=ssrc:10 cname:vcs" in seen
    assert not any("11" in line for line in seen if line.startswith("a=ssrc"))


def test_remb_stands_in_for_missing_transport_feedback() -> None:
    _, _, picture = sections(answer(OFFER))
    assert [line for line in picture if "rtcp-fb" in line] == [
        f"a=rtcp-fb:96 {value}" for value in ("goog-remb", "nack", "nack pli")
    ]


def test_h264() -> None:
    _, _, picture = sections(answer(OFFER, h264=True))
    assert picture[0] == "video 9 UDP/TLS/RTP/SAVPF 98 99"
    assert (
        "a=fmtp:98 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"
        in picture
    )


def test_a_refused_section_keeps_its_place() -> None:
    application = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\na=mid:2\n"
    offer = changed("BUNDLE 0 1", "BUNDLE 0 1 2", HEAD) + application + AUDIO + VIDEO
    head, refused, _, _ = sections(answer(offer))
    assert "a=group:BUNDLE 0 1" in head
    assert refused[0] == "application 0 UDP/DTLS/SCTP webrtc-datachannel"
    assert not any(line.startswith("a=candidate") for line in refused)


def test_what_was_not_offered_is_not_answered() -> None:
    head, sound, picture = sections(answer(changed("a=rtcp-rsize\n", "")))
    assert "a=extmap-allow-mixed" not in head
    assert "a=rtcp-rsize" not in sound + picture
    assert not any("simulcast" in line or "a=rid" in line for line in picture)


@pytest.mark.parametrize("text", [OFFER, CHROMIUM])
def test_another_reader_reads_the_answer(text: str) -> None:
    read = SessionDescription.parse(answer(text))
    assert [media.rtp.muxId for media in read.media] == read.group[0].items
    assert all(media.ice is not None and media.ice.iceLite for media in read.media)
    assert len(read.media[0].ice_candidates) == 2


@given(st.text("abc\r\n =:", max_size=12))
def test_nothing_of_the_offer_can_begin_a_line(mid: str) -> None:
    """Whatever a mid is, it is refused or stands in its place."""
    text = HEAD.replace("BUNDLE 0", f"BUNDLE {mid}") + AUDIO.replace("mid:0", f"mid:{mid}") + VIDEO
    try:
        answered = answer(text)
    except BadOffer:
        return
    assert f"a=mid:{mid}" in answered.split("\r\n")
