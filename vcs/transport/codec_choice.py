"""Which of the offered codecs is taken: Opus; VP8 or H.264 constrained baseline, with RTX."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.sdp import H264Profile, parse_h264_profile_level_id

from vcs.media.description import Codec, Kind
from vcs.transport.sections import OPUS_CLOCK_RATE, VIDEO_CLOCK_RATE

KNOWN_RTPMAPS: Final = ("opus/48000/2", "red/48000/2", "vp8/90000", "h264/90000", "rtx/90000")
"""Of `a=rtpmap`, in lower case; no other line need be read."""

_UNSAFE_PAYLOAD_TYPES: Final = range(64, 96)  # look like RTCP (RFC 5761 section 4)


@dataclass(frozen=True, slots=True)
class CodecChoice:
    """A codec as the client numbered it. `h264_profile` is H.264's profile-level-id, else "";
    `feedback` the values of its `a=rtcp-fb`."""

    codec: Codec
    payload_type: int
    clock_rate: int
    rtx_payload_type: int | None
    red_payload_type: int | None
    h264_profile: str
    feedback: frozenset[str]


def choose(
    offered: Sequence[RTCRtpCodecParameters], kind: Kind, video: Sequence[Codec]
) -> CodecChoice | None:
    """`video`: most wanted first. None when nothing fits."""
    safe = [codec for codec in offered if codec.payloadType not in _UNSAFE_PAYLOAD_TYPES]
    for wanted in video if kind is Kind.VIDEO else (Codec.OPUS,):
        for codec in safe:
            if codec.payloadType is not None and _is(wanted, codec):
                profile = codec.parameters.get("profile-level-id")
                return CodecChoice(
                    codec=wanted,
                    payload_type=codec.payloadType,
                    clock_rate=codec.clockRate,
                    rtx_payload_type=_repairs_of(codec, safe) if kind is Kind.VIDEO else None,
                    red_payload_type=_redundancy_of(codec, safe) if kind is Kind.AUDIO else None,
                    h264_profile=str(profile) if wanted is Codec.H264 else "",
                    feedback=frozenset(
                        f"{feedback.type} {feedback.parameter or ''}".strip()
                        for feedback in codec.rtcpFeedback
                    ),
                )
    return None


def _is(wanted: Codec, codec: RTCRtpCodecParameters) -> bool:
    if codec.name.lower() != wanted.value.lower():
        return False
    if wanted is Codec.OPUS:
        return codec.clockRate == OPUS_CLOCK_RATE and codec.channels == 2
    if codec.clockRate != VIDEO_CLOCK_RATE:
        return False
    return wanted is Codec.VP8 or _is_constrained_baseline(codec)


def _is_constrained_baseline(codec: RTCRtpCodecParameters) -> bool:
    """H.264 as every WebRTC endpoint has it (RFC 7742 section 6.2), with fragmented units."""
    level = codec.parameters.get("profile-level-id")
    if not isinstance(level, str) or not re.fullmatch("[0-9A-Fa-f]{6}", level):
        return False
    try:
        profile, _ = parse_h264_profile_level_id(level)
    except ValueError:
        return False
    return (
        profile is H264Profile.PROFILE_CONSTRAINED_BASELINE
        and codec.parameters.get("packetization-mode") == "1"
    )


def _redundancy_of(
    codec: RTCRtpCodecParameters, offered: Sequence[RTCRtpCodecParameters]
) -> int | None:
    """RFC 2198, with nothing but this codec inside (`a=fmtp:63 111/111`)."""
    for other in offered:
        inside = "/".join(other.parameters)
        if other.name.lower() == "red" and set(inside.split("/")) == {str(codec.payloadType)}:
            return other.payloadType
    return None


def _repairs_of(
    codec: RTCRtpCodecParameters, offered: Sequence[RTCRtpCodecParameters]
) -> int | None:
    for other in offered:
        if other.name.lower() == "rtx" and other.parameters.get("apt") == codec.payloadType:
            return other.payloadType
    return None
