"""What of SDP is needed to talk to Janus as an agent that has one address and controls."""

from __future__ import annotations

from aiortc.sdp import SessionDescription

from benchmarks.forwarding.desk import CannotServe
from benchmarks.forwarding.namespace import ADDRESS
from vcs.transport.dtls import Fingerprint
from vcs.transport.ice import Credentials
from vcs.transport.stun import Address


def candidate_line(port: int) -> str:
    return f"a=candidate:1 1 udp 2130706431 {ADDRESS} {port} typ host"


def remote_of(described: SessionDescription) -> tuple[Address, Credentials, list[Fingerprint]]:
    """Where the server is, and its secrets. Raises `CannotServe`."""
    first = described.media[0]
    ours = [c for c in first.ice_candidates if c.ip == ADDRESS and c.component == 1]
    ice = first.ice
    if not ours or ice.usernameFragment is None or ice.password is None or first.dtls is None:
        raise CannotServe("janus gathered no candidate at the benchmark's address")
    return (
        (ours[0].ip, ours[0].port),
        Credentials(ice.usernameFragment, ice.password),
        [Fingerprint(f.algorithm.lower(), f.value.upper()) for f in first.dtls.fingerprints],
    )


def subscriber_answer(
    offer: str, credentials: Credentials, fingerprint: Fingerprint, port: int
) -> str:
    """An answer that takes everything as it is offered. `fingerprint` is ours; we begin DTLS."""
    kept = ("a=rtpmap:", "a=fmtp:", "a=rtcp-fb:", "a=extmap:", "a=mid:")
    lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0"]
    for line in offer.splitlines():
        if line.startswith("a=group:"):
            lines.append(line)
        elif line.startswith("m="):
            lines += [
                line,
                "c=IN IP4 0.0.0.0",
                f"a=ice-ufrag:{credentials.ufrag}",
                f"a=ice-pwd:{credentials.password}",
                f"a=fingerprint:{fingerprint}",
                "a=setup:active",
                "a=recvonly",
                "a=rtcp-mux",
                candidate_line(port),
            ]
        elif line.startswith(kept):
            lines.append(line)
    return "\r\n".join(lines) + "\r\n"
