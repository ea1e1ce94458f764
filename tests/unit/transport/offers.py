"""Offers for tests: a real one, and short ones whose parts can be changed."""

from __future__ import annotations

from pathlib import Path

CHROMIUM = (
    Path(__file__).parents[2].joinpath("fixtures/chromium_simulcast_offer.sdp").read_text("ascii")
)

HEAD = """v=0
o=- 1 1 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1
"""
TRANSPORT = (
    """a=ice-ufrag:abcd
a=ice-pwd:abcdefghijklmnopqrstuv
a=fingerprint:sha-256 """
    + ":".join(["AB"] * 32)
    + """
a=setup:actpass
"""
)
AUDIO = (
    """m=audio 9 UDP/TLS/RTP/SAVPF 111
a=mid:0
a=sendonly
a=rtcp-mux
a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=rtpmap:111 opus/48000/2
a=ssrc:77 cname:c
"""
    + TRANSPORT
)
VIDEO = (
    """m=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99
a=mid:1
a=sendonly
a=rtcp-mux
a=rtcp-rsize
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
a=rtpmap:96 VP8/90000
a=rtcp-fb:96 goog-remb
a=rtcp-fb:96 nack
a=rtcp-fb:96 nack pli
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=rtpmap:98 H264/90000
a=fmtp:98 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
a=rtpmap:99 rtx/90000
a=fmtp:99 apt=98
a=ssrc-group:FID 5 6
a=ssrc:5 cname:c
a=ssrc:6 cname:c
"""
    + TRANSPORT
)
OFFER = HEAD + AUDIO + VIDEO


def changed(old: str, new: str, text: str = OFFER) -> str:
    """`text` with every `old` replaced; a test that changes nothing proves nothing."""
    assert old in text
    return text.replace(old, new)
