"""The rings in which events wait to be pulled: one for each kind, bounded, so that a flood of one
cannot push out another. What does not fit is counted."""

from __future__ import annotations

from typing import Final, Generic, TypeVar

from vcs.plane import (
    EVENT_RING,
    ConnectionEnded,
    DtlsEvent,
    Events,
    KeyFrameWanted,
    RtcpEvent,
    StunEvent,
    Switched,
    UnknownSsrc,
)

T = TypeVar("T")

KINDS: Final = ("stun", "dtls", "rtcp", "unknown", "key_frames", "switched", "ended")


class Ring(Generic[T]):
    """Events of one kind, oldest first. A full ring refuses the newest."""

    __slots__ = ("_events", "dropped")

    def __init__(self) -> None:
        self._events: list[T] = []
        self.dropped = 0

    def push(self, event: T) -> None:
        if len(self._events) < EVENT_RING:
            self._events.append(event)
        else:
            self.dropped += 1

    def pull(self) -> list[T]:
        events, self._events = self._events, []
        return events

    def __len__(self) -> int:
        return len(self._events)


class Rings:
    """The rings of all kinds."""

    __slots__ = KINDS

    def __init__(self) -> None:
        self.stun: Ring[StunEvent] = Ring()
        self.dtls: Ring[DtlsEvent] = Ring()
        self.rtcp: Ring[RtcpEvent] = Ring()
        self.unknown: Ring[UnknownSsrc] = Ring()
        self.key_frames: Ring[KeyFrameWanted] = Ring()
        self.switched: Ring[Switched] = Ring()
        self.ended: Ring[ConnectionEnded] = Ring()

    def __bool__(self) -> bool:
        """Whether anything waits."""
        return bool(
            self.stun
            or self.dtls
            or self.rtcp
            or self.unknown
            or self.key_frames
            or self.switched
            or self.ended
        )

    def pull(self) -> Events:
        dropped: dict[str, int] = {}
        for kind in KINDS:
            ring: Ring[object] = getattr(self, kind)
            if ring.dropped:
                dropped[kind] = ring.dropped
                ring.dropped = 0
        return Events(
            stun=self.stun.pull(),
            dtls=self.dtls.pull(),
            rtcp=self.rtcp.pull(),
            unknown=self.unknown.pull(),
            key_frames=self.key_frames.pull(),
            switched=self.switched.pull(),
            dropped=dropped,
            ended=self.ended.pull(),
        )
