from __future__ import annotations

import os

import pytest
from pylibsrtp import Policy, Session

from tests.conformance.loopback import KEY_SIZES
from vcs.plane.srtp import AUTH_FAILED, REPLAYED, TOO_OLD, PacketBuffer, SrtpContext

PACKET = b"\x80\x6f\x00\x01" + bytes(4) + b"\0\0\0\x09" + b"payload"
REPORT = b"\x80\xc9\0\1\0\0\0\1"


def numbered(sequence: int) -> bytes:
    return PACKET[:2] + sequence.to_bytes(2, "big") + PACKET[4:]


@pytest.mark.parametrize("profile", KEY_SIZES)
def test_in_place_and_byte_exact(profile: int) -> None:
    key = os.urandom(30)
    buffer = PacketBuffer(2048)
    ours = SrtpContext(profile, key, inbound=False)
    theirs = Session(Policy(key=key, ssrc_type=Policy.SSRC_ANY_INBOUND, srtp_profile=profile))
    buffer.data[: len(PACKET)] = PACKET
    length = ours.protect(buffer, len(PACKET))
    assert theirs.unprotect(bytes(buffer.view[:length])) == PACKET
    buffer.data[: len(PACKET)] = PACKET
    assert ours.protect(buffer, len(PACKET)) < 0, "the same number again is refused"
    buffer.data[: len(REPORT)] = REPORT
    length = ours.protect_rtcp(buffer, len(REPORT))
    assert theirs.unprotect_rtcp(bytes(buffer.view[:length])) == REPORT


@pytest.mark.parametrize("profile", KEY_SIZES)
def test_refusals_have_their_status(profile: int) -> None:
    key = os.urandom(30)
    theirs = Session(Policy(key=key, ssrc_type=Policy.SSRC_ANY_OUTBOUND, srtp_profile=profile))
    ours = SrtpContext(profile, key, inbound=True)
    buffer = PacketBuffer(2048)

    def unprotect(wire: bytes) -> int:
        buffer.data[: len(wire)] = wire
        return ours.unprotect(buffer, len(wire))

    old = theirs.protect(numbered(1))
    wire = [theirs.protect(numbered(n)) for n in range(2, 1200)]
    forged = wire[0][:-1] + bytes([wire[0][-1] ^ 1])
    assert unprotect(forged) == AUTH_FAILED
    assert unprotect(wire[0]) == len(PACKET)
    assert buffer.data[: len(PACKET)] == numbered(2)
    assert unprotect(wire[0]) == REPLAYED
    assert unprotect(wire[-1]) == len(PACKET)
    assert unprotect(old) == TOO_OLD
    assert unprotect(wire[300]) == len(PACKET), "late by less than the window of 1024"
    assert unprotect(bytes(3)) < 0


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError):
        SrtpContext(7, b"short", inbound=True)
