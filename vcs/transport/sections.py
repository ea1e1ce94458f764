"""What both sides of a negotiation share: names of header extensions, SRTP profiles."""

from __future__ import annotations

from typing import Final, Literal

from vcs.media.description import SrtpProfile

Direction = Literal["sendonly", "recvonly"]
"""Always as the offering client sees it."""

EXTENSION_URIS: Final = {
    "mid": "urn:ietf:params:rtp-hdrext:sdes:mid",
    "rid": "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
    "repaired_rid": "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
    "audio_level": "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    "transport_cc": ("http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"),
    "abs_send_time": "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
}
"""The header extensions in use, by their field in `vcs.media.description.Extensions`."""

DEFAULT_PROFILES: Final = (SrtpProfile.AEAD_AES_128_GCM, SrtpProfile.AES128_CM_SHA1_80)
"""SRTP profiles, most wanted first. GCM costs a quarter of AES-CM with SHA-1 per packet."""

OPUS_CLOCK_RATE: Final = 48_000
VIDEO_CLOCK_RATE: Final = 90_000
