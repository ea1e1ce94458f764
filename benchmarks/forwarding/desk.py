"""One desk's worth of load: an officer and six booths, each sending picture and sound. The officer
is sent all of the booths', and every booth the officer's: 1,400 packets a second in, 2,400 out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Protocol

from benchmarks.forwarding.call import Call
from benchmarks.forwarding.media import PACKETS_PER_S, Track
from vcs.media.description import Kind

BOOTHS: Final = 6
PER_PERSON: Final = sum(PACKETS_PER_S.values())
IN_PER_S: Final = PER_PERSON * (BOOTHS + 1)
OUT_PER_S: Final = PER_PERSON * 2 * BOOTHS


def officer_number(desk: int) -> int:
    """Numbers tell people apart over all desks."""
    return desk * 10


def booth_number(desk: int, slot: int) -> int:
    return desk * 10 + slot


@dataclass(slots=True)
class Desk:
    """`calls`: every connection; `sending`: who sends what on which, one person after another."""

    calls: list[Call] = field(default_factory=list)
    sending: list[tuple[Call, Track]] = field(default_factory=list)

    def sends(self, call: Call, number: int, ssrcs: dict[Kind, int], transport_cc: int) -> None:
        """A person's tracks on this call."""
        for kind, ssrc in ssrcs.items():
            track = Track(kind, ssrc, number, transport_cc)
            call.tracks.append(track)
            self.sending.append((call, track))


class CannotServe(Exception):
    """A server did not start, or a connection did not come about. The text says why."""


class Server(Protocol):
    """A server under load."""

    async def start(self) -> None:
        """Returns when it answers. Raises `CannotServe`."""

    async def open_desk(self, number: int) -> Desk:
        """Connect everybody of this desk (from 1). Raises `CannotServe`."""

    @property
    def pid(self) -> int:
        """Of the process that forwards."""

    async def stop(self) -> None:
        """End it and everything of it."""
