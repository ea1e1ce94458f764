"""What a peer negotiates and what its streams are made of: plain values, shared by transport, plane
and hub."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum


class Kind(Enum):
    AUDIO = "audio"
    VIDEO = "video"


class Codec(Enum):
    OPUS = "opus"
    VP8 = "VP8"
    H264 = "H264"


class SrtpProfile(IntEnum):
    """Numbered as libsrtp does (RFC 5764 section 4.1.2, RFC 7714 section 14.2)."""

    AES128_CM_SHA1_80 = 1
    AEAD_AES_128_GCM = 7
    AEAD_AES_256_GCM = 8


@dataclass(frozen=True, slots=True, repr=False)
class SrtpKeys:
    """Key with salt for each direction, from the DTLS exporter (RFC 5764 section 4.2)."""

    profile: SrtpProfile
    receive: bytes
    send: bytes


@dataclass(frozen=True, slots=True)
class Extensions:
    """Header extension ids that a peer negotiated (RFC 8285); 0: not in use.

    The same for all the sections of a peer (BUNDLE, RFC 8843 section 15).
    """

    mid: int = 0
    rid: int = 0
    repaired_rid: int = 0
    audio_level: int = 0
    transport_cc: int = 0
    abs_send_time: int = 0
