"""What somebody in the booth does by himself: for demonstrations and load, where nobody sits."""

from __future__ import annotations

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
    if state.phase == "out_of_service":
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
