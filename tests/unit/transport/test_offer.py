from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import example, given, settings

from vcs.media.description import Codec, Extensions, Kind
from vcs.transport.sdp import BadOffer, Offer, RefusedSection, Section, parse_offer

from .offers import AUDIO, CHROMIUM, HEAD, OFFER, TRANSPORT, VIDEO, changed


def section(text: str, mid: str) -> Section:
    return next(section for section in parse_offer(text).sections if section.mid == mid)


def test_chromiums_offer() -> None:
    offer = parse_offer(CHROMIUM)
    assert (offer.ufrag, offer.password) == ("u91A", "4MYanXRwZyq+RnDEomqn128j")
    assert [(f.algorithm, f.value[:5]) for f in offer.fingerprints] == [("sha-256", "80:A1")]
    assert offer.extmap_allow_mixed
    assert offer.extensions == Extensions(
        mid=4, rid=10, repaired_rid=11, audio_level=1, transport_cc=3, abs_send_time=2
    )
    sound, picture, heard = offer.sections
    assert offer.all_sections == offer.sections
    assert sound == Section(
        mid="0",
        kind=Kind.AUDIO,
        direction="sendonly",
        codec=Codec.OPUS,
        payload_type=111,
        clock_rate=48_000,
        rtx_payload_type=None,
        red_payload_type=None,
        extensions=Extensions(mid=4, audio_level=1, transport_cc=3, abs_send_time=2),
        rids=(),
        ssrcs={1082247439: None},
        h264_profile="",
        feedback=frozenset({"transport-cc"}),
        reduced_size_rtcp=True,
    )
    assert (picture.codec, picture.payload_type, picture.rtx_payload_type) == (Codec.VP8, 96, 97)
    assert (picture.rids, picture.ssrcs) == (("q", "h", "f"), {})
    assert picture.feedback == {"goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"}
    assert (heard.direction, heard.ssrcs) == ("recvonly", {})
    assert heard.red_payload_type == 63


def test_h264_when_it_is_wanted_more() -> None:
    chosen = parse_offer(CHROMIUM, video=(Codec.H264, Codec.VP8)).sections[1]
    assert (chosen.codec, chosen.payload_type, chosen.rtx_payload_type) == (Codec.H264, 108, 109)
    assert chosen.h264_profile == "42e01f"


def test_line_ends_may_be_of_either_kind() -> None:
    assert parse_offer(OFFER.replace("\n", "\r\n")) == parse_offer(OFFER)


def test_a_section_of_another_kind_is_refused() -> None:
    application = (
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\na=mid:2\na=sctp-port:5000\n" + TRANSPORT
    )
    offer = parse_offer(changed("BUNDLE 0 1", "BUNDLE 0 1 2") + application)
    assert [s.mid for s in offer.sections] == ["0", "1"]
    assert offer.all_sections[2] == RefusedSection(
        "2", "application", "UDP/DTLS/SCTP", "webrtc-datachannel"
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("opus/48000/2", "PCMU/8000"),
        ("opus/48000/2", "opus/48000"),
        ("m=audio 9 UDP/TLS/RTP/SAVPF", "m=audio 9 RTP/AVP"),
        ("m=audio 9", "m=audio 0"),
    ],
)
def test_a_section_without_what_we_know_is_refused(old: str, new: str) -> None:
    offer = parse_offer(changed(old, new))
    assert [section.mid for section in offer.sections] == ["1"]
    assert isinstance(offer.all_sections[0], RefusedSection)


def test_a_section_that_waits_for_its_bundle_is_taken() -> None:
    video = VIDEO.replace(TRANSPORT, "a=bundle-only\n").replace("m=video 9", "m=video 0")
    assert len(parse_offer(HEAD + AUDIO + video).sections) == 2


def test_transport_lines_may_stand_above_all_sections() -> None:
    assert parse_offer(HEAD + TRANSPORT + (AUDIO + VIDEO).replace(TRANSPORT, "")) == parse_offer(
        OFFER
    )


def test_active_clients_are_taken() -> None:
    assert len(parse_offer(changed("setup:actpass", "setup:active")).sections) == 2


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("v=0\n", "", "v=0"),
        ("a=group:BUNDLE 0 1\n", "", "BUNDLE"),
        ("BUNDLE 0 1", "BUNDLE 0", "BUNDLE"),
        ("a=rtcp-mux\n", "", "rtcp-mux"),
        ("a=sendonly", "a=sendrecv", "sendonly or recvonly"),
        ("a=sendonly", "a=inactive", "sendonly or recvonly"),
        ("a=sendonly\n", "", "sendonly or recvonly"),
        ("a=sendonly", "a=sendonly\na=recvonly", "sendonly or recvonly"),
        ("setup:actpass", "setup:passive", "setup"),
        ("a=setup:actpass\n", "", "setup"),
        ("ice-ufrag:abcd", "ice-ufrag:abc", "ufrag"),
        ("ice-ufrag:abcd", "ice-ufrag:ab d", "ufrag"),
        ("ice-pwd:abcdefghijklmnopqrstuv", "ice-pwd:abcdefghijklmnopqrstu", "pwd"),
        ("sha-256", "sha-1", "fingerprint"),
        ("sha-256 AB:", "sha-256 ", "fingerprint"),
        ("sha-256 AB:", "sha-256 GG:", "fingerprint"),
        ("a=mid:1", "a=mid:0", "same mid"),
        ("a=mid:1\n", "", "mid"),
        ("a=mid:1", "a=mid:0123456789abcdefg", "mid"),
        ("a=mid:1", "a=mid:1\na=mid:1", "twice"),
        ("t=0 0\n", "t=0 0\na=ice-lite\n", "lite"),
        ("s=-", "s=\u00e9", "ASCII"),
        ("s=-", "s=\x00", "ASCII"),
        ("a=mid:1", "a=mid:1\ra=x", "carriage return"),
        ("m=video 9", "m=video 99999999", "media line"),
        ("m=video 9 ", "m=video ", "media line"),
        ("apt=96", "apt=x", "codec"),
        ("VP8/90000", "VP8/90000\na=rtpmap:96 VP8/90000", "two meanings"),
        ("96 97 98 99", " ".join(map(str, range(65))), "payload types"),
        ("a=ssrc:5 cname:c", "a=ssrc:x cname:c", "SSRC"),
        ("a=ssrc:5 cname:c", "a=ssrc:4294967296 cname:c", "range"),
        ("a=ssrc:77", "a=ssrc:5", "twice"),
        ("a=extmap:1 ", "a=extmap:4 ", "extension"),
        ("a=extmap:1 ", "a=extmap:x ", "extension"),
        ("a=extmap:1 urn:", "a=extmap:4/sendonly urn:", "extension"),
    ],
)
def test_what_is_wrong_is_said(old: str, new: str, reason: str) -> None:
    with pytest.raises(BadOffer, match=reason) as raised:
        parse_offer(changed(old, new))
    assert len(str(raised.value)) < 200


@pytest.mark.parametrize(
    ("video", "reason"),
    [
        (changed("ice-ufrag:abcd", "ice-ufrag:efgh", VIDEO), "ice-ufrag differs"),
        (changed("AB:AB", "AC:AB", VIDEO), "fingerprint differs"),
        (changed("setup:actpass", "setup:active", VIDEO), "setup differs"),
        (changed("a=extmap:4 ", "a=extmap:5 ", VIDEO), "ids differ"),
        (changed("sdes:mid", "sdes:rtp-stream-id", VIDEO), "ids differ"),
        (VIDEO.replace("97", "111"), "two meanings"),
    ],
)
def test_sections_of_a_bundle_agree(video: str, reason: str) -> None:
    with pytest.raises(BadOffer, match=reason):
        parse_offer(HEAD + AUDIO + video)


def test_sizes_are_bounded() -> None:
    for text, reason in (
        ("v=0\n" + "a=x\n" * 30_000, "too long"),
        (HEAD + "a=x\n" * 600 + AUDIO + VIDEO, "lines"),
        (OFFER + "a=x\n" * 600, "lines"),
        (HEAD + AUDIO * 33, "32 sections"),
        (OFFER + "".join(f"a=ssrc:{n} cname:c\n" for n in range(100, 105)), "SSRCs"),
        (OFFER + "".join(f"a=extmap:{n} x{n}\n" for n in range(20, 90)), "extensions"),
        (OFFER + "a=rtcp-fb:* nack\n" * 65, "rtcp-fb"),
        (OFFER + "a=fingerprint:sha-256 x\n" * 5, "fingerprints"),
        (HEAD, "no sections"),
        (HEAD.replace("BUNDLE 0 1", "BUNDLE 0") + AUDIO.replace("opus", "L16"), "no section"),
    ):
        with pytest.raises(BadOffer, match=reason):
            parse_offer(text)


LAYERED = VIDEO + "a=rid:l send\na=rid:h send\na=simulcast:send l;h\n"


@pytest.mark.parametrize(
    ("old", "new", "rids"),
    [
        ("send l;h", "send l;h", ("l", "h")),
        ("send l;h", "send ~l,h;h", ("l", "h")),
        ("send l;h", "recv x send l;h", ("l", "h")),
        ("a=rid:l send", "a=rid:l send pt=98;max-fps=3", ("h",)),
        ("a=rid:l send", "a=rid:l send max-width=3;pt=96,98", ("l", "h")),
        ("a=simulcast:send l;h\n", "", ()),
    ],
)
def test_layers(old: str, new: str, rids: tuple[str, ...]) -> None:
    video = section(HEAD + AUDIO + changed(old, new, LAYERED), "1")
    assert video.rids == rids
    assert video.ssrcs == ({} if rids else {5: 6})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("send l;h", "send l;x"),
        ("send l;h", "send l;l"),
        ("send l;h", "send"),
        ("send l;h", "recv l"),
        ("send l;h", "send " + "l" * 17),
        ("a=rid:l send", "a=rid:l recv"),
        ("send l;h", "send l;h\na=simulcast:send l"),
    ],
)
def test_layers_that_do_not_fit(old: str, new: str) -> None:
    with pytest.raises(BadOffer, match="simulcast"):
        parse_offer(HEAD + AUDIO + changed(old, new, LAYERED))


def test_too_many_layers() -> None:
    names = "abcde"
    layers = "".join(f"a=rid:{n} send\n" for n in names) + f"a=simulcast:send {';'.join(names)}\n"
    with pytest.raises(BadOffer, match="layers"):
        parse_offer(HEAD + AUDIO + VIDEO + layers)


def test_repairs_without_their_codec_are_left_out() -> None:
    video = section(changed("a=fmtp:97 apt=96\n", ""), "1")
    assert (video.rtx_payload_type, video.ssrcs) == (None, {5: None})


def test_extension_ids_beyond_one_byte_are_left_out() -> None:
    assert section(changed("a=extmap:1 ", "a=extmap:15 "), "0").extensions == Extensions(mid=4)
    assert section(changed("a=extmap:1 ", "a=extmap:1/recvonly "), "0").extensions.audio_level == 0


def restarted(text: str = OFFER) -> Offer:
    return parse_offer(changed("abcd\n", "efgh\n", text))


def test_a_further_offer() -> None:
    former = parse_offer(OFFER)
    restarted().check_follows(former)
    parse_offer(changed("sha-256 ab", "sha-256 AB", OFFER.replace("AB", "ab"))).check_follows(
        former
    )


def test_a_further_offer_without_the_extensions_that_were_not_answered() -> None:
    """As Chromium writes it for a connection without layers: stream ids were offered once."""
    rid = "a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\n"
    former = parse_offer(OFFER + rid)
    assert former.extensions.rid == 10
    restarted().check_follows(former)
    with pytest.raises(BadOffer, match="extension"):
        parse_offer(OFFER + rid.replace("10", "11")).check_follows(former)
    with pytest.raises(BadOffer, match="extension"):
        former.check_follows(restarted())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (OFFER.replace("AB:AB", "AC:AB"), "certificate"),
        (changed("a=extmap:1 ", "a=extmap:2 "), "extension"),
        (changed("a=sendonly", "a=recvonly"), "sections"),
        (changed("a=mid:0", "a=mid:2").replace("BUNDLE 0", "BUNDLE 2"), "sections"),
        (changed("111", "112"), "sections"),
        (HEAD + VIDEO + AUDIO, "sections"),
        (changed("m=video 9", "m=video 0"), "sections"),
        (HEAD + AUDIO, "BUNDLE|sections"),
    ],
)
def test_a_further_offer_that_does_not_follow(text: str, reason: str) -> None:
    with pytest.raises(BadOffer, match=reason):
        parse_offer(text).check_follows(parse_offer(OFFER))


def outcome(text: str) -> Offer | None:
    try:
        return parse_offer(text)
    except BadOffer:
        return None


LINES = [line + "\n" for line in (CHROMIUM + OFFER + LAYERED).splitlines()]


@given(st.text(max_size=400))
@example("v=0\nm=")
def test_random_text_is_only_a_bad_offer(text: str) -> None:
    assert outcome(text) is None
    outcome(HEAD + AUDIO + text + "\n" + VIDEO)


@settings(max_examples=300)
@given(st.data())
def test_mutated_offers_are_taken_or_bad(data: st.DataObject) -> None:
    lines = (OFFER + "a=rid:l send\na=simulcast:send l\n").splitlines(keepends=True)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        how = data.draw(st.sampled_from(("drop", "other", "cut", "insert", "replace")))
        line = lines[at].rstrip("\n")
        place = data.draw(st.integers(0, len(line)))
        if how == "drop":
            lines[at] = ""
        elif how == "other":
            lines[at] += data.draw(st.sampled_from(LINES))
        elif how == "cut":
            lines[at] = line[:place] + "\n"
        else:
            new = data.draw(st.text(st.characters(max_codepoint=127), max_size=6))
            rest = line[place + (how == "replace") :]
            lines[at] = line[:place] + new + rest + "\n"
    outcome("".join(lines))


@settings(max_examples=200)
@given(st.lists(st.sampled_from(LINES), max_size=40))
def test_shuffled_lines_are_taken_or_bad(lines: list[str]) -> None:
    outcome(HEAD + "".join(lines))
    outcome(HEAD + AUDIO + "".join(lines))
