"""What a console and the server say about the queues of the branches that its booths belong to."""

from __future__ import annotations

import msgspec

from vcs.messages.base import Message, RequestId, Slot, snake_case


class CallNext(Message, frozen=True, tag=snake_case):
    """Call who is next in the queue of this booth's branch to it, while it is free; `slot` null:
    whoever is next among all branches, to a free booth of his own. `ack` follows, or
    `sheet_refused`."""

    id: RequestId
    slot: Slot | None


class CalledTo(msgspec.Struct, frozen=True):
    """Who was called to a booth of this desk and has not sat down yet, by his ticket."""

    slot: int
    code: str


class NextCall(msgspec.Struct, frozen=True):
    """Who would be called, and to which booth."""

    slot: int
    code: str


class BranchQueue(msgspec.Struct, frozen=True):
    """One branch's queue. `branch`: its name; `next`: its first ticket; `oldest_s`: how long the
    longest has waited, when this was told."""

    branch: str
    waiting: int
    oldest_s: int
    next: str | None


class QueueTold(Message, frozen=True, tag="queue"):
    """How the queues stand of all branches that this desk's booths belong to, at each change.
    `next`: who is next among them, null while none of those who wait has a free booth here."""

    branches: list[BranchQueue]
    next: NextCall | None
    called: list[CalledTo]
