"""What somebody in the booth does by himself: for demonstrations and load, where nobody sits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from vcs.messages import BoothState


@dataclass(frozen=True, slots=True)
class Habits:
    """Seconds until each thing is done; None: never.

    `start` after a fresh start of the program, `start_again` after a visit has ended, `consent`
    after being asked, `call` while waiting without having been talked to, `read` of a text.
    """

    start: float = 1.0
    start_again: float = 12.0
    consent: float = 1.0
    call: float | None = None
    read: float = 5.0


Deed = Literal["start", "consent", "call", "read"]


class Act(NamedTuple):
    """What is to be done, and after how many seconds. `about` tells one occasion from the next."""

    deed: Deed
    about: int
    after: float


def next_act(state: BoothState, habits: Habits, visits: int) -> Act | None:
    """What the visitor does next if nothing changes; `visits` had begun already."""
    if state.phase in ("closed", "out_of_service"):
        return None
    if state.visit == "none":
        return Act("start", visits, habits.start_again if visits else habits.start)
    occupant = state.occupant or 0
    if state.visit == "consent":
        return Act("consent", occupant, habits.consent)
    if state.text is not None:
        return Act("read", state.text.number, habits.read)
    if state.phase == "waiting" and not state.called and habits.call is not None:
        return Act("call", occupant, habits.call)
    return None


class Visitor:
    """Watches the booth's states and does each act when its time has come, unless something else
    came first. Belongs to the running loop."""

    def __init__(self, habits: Habits, do: Callable[[Act], None]) -> None:
        self._habits = habits
        self._do = do
        self._visits = 0
        self._intended: tuple[Deed, int] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def saw(self, state: BoothState | None) -> None:
        """The booth is in this state now; None: it has no server."""
        act = next_act(state, self._habits, self._visits) if state is not None else None
        intended = act[:2] if act is not None else None
        if intended == self._intended:
            return
        self._intended = intended
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if act is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(act.after, self._act, act)

    def _act(self, act: Act) -> None:
        self._timer = None
        if act.deed == "start":
            self._visits += 1
        self._do(act)
