"""What a console and the server say about the branch's queue."""

from __future__ import annotations

import msgspec

from vcs.messages.base import Message, RequestId, Slot, snake_case


class CallNext(Message, frozen=True, tag=snake_case):
    """Call who is next to this booth, which is free. `ack` follows, or `sheet_refused`."""

    id: RequestId
    slot: Slot


class CalledTo(msgspec.Struct, frozen=True):
    """Who was called to a booth of this desk and has not sat down yet, by his ticket."""

    slot: int
    code: str


class QueueTold(Message, frozen=True, tag="queue"):
    """How the branch's queue stands, at each change. `next`: the ticket that would be called;
    `oldest_s`: how long the longest has waited, when this was told."""

    waiting: int
    oldest_s: int
    next: str | None
    called: list[CalledTo]
