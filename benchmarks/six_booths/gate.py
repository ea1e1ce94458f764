"""When a packet that arrives is one too many.

The rule that is measured: what the server has acknowledged as ended carries nothing any more. The
packets and the acknowledgement come over different sockets, so their order of *sending* has to be
seen from the receiving end. On one machine it can be, without any allowance of time:

- the server takes the path away, hands the silence tail to the kernel, and only then writes the
  message that says so (the new `desk` to the console, the new `booth_state` to the booth);
- on loopback a datagram is in the receiver's socket buffer when `sendto` has returned; whatever was
  sent before the message is therefore readable when the message is;
- booths, officer and this judgement live in one thread. When the message is taken off its socket,
  every UDP socket concerned is read until it is empty (`drain`), with the gate as it was. Then the
  gate falls.

A packet of speech that is read after that was sent after the message: it is late. Packets that were
merely waiting in a socket were read by `drain` and are not. Silence frames are the plane's tail and
no speech.

Between a command and the word that it is in force, the paths that the command opens count as open
too (`expected`): the server opens them before it says so.
"""

from __future__ import annotations

import select
from dataclasses import dataclass
from enum import Enum
from typing import Final

from vcs.transport.client import ClientConnection

_MOST_ROUNDS: Final = 200


class Verdict(Enum):
    """On one packet of speech. `LATE`: of a path that the last command has ended. `LEAK`: of a path
    that was not there before it either."""

    ALLOWED = "allowed"
    LATE = "late"
    LEAK = "leak"


@dataclass(slots=True)
class Gate:
    """One path, by the server's word."""

    open: bool = False
    expected: bool = False
    ended: bool = False

    def command(self, opens: bool) -> None:
        """A command leaves now, after which the path is to be open or not."""
        self.expected = opens
        self.ended = False

    def told(self, is_open: bool) -> None:
        """The server says what is in force; everything sent before it has been looked at."""
        self.ended = self.ended or (self.open and not is_open)
        self.open = is_open

    def settled(self) -> None:
        """The command was answered: only what the server said counts from now on."""
        self.expected = False

    @property
    def passable(self) -> bool:
        return self.open or self.expected

    def verdict(self) -> Verdict:
        """On a packet that is read now."""
        if self.passable:
            return Verdict.ALLOWED
        return Verdict.LATE if self.ended else Verdict.LEAK


def drain(connection: ClientConnection) -> None:
    """Read all that has arrived at this connection, now and not at the loop's next turn."""
    # The connection reads by itself and offers nobody else to: the one place that reaches inside.
    source = connection._socket
    for _ in range(_MOST_ROUNDS):
        if source is None or not select.select([source], [], [], 0)[0]:
            return
        connection._readable()
    raise RuntimeError("a socket that never runs dry cannot be judged")
