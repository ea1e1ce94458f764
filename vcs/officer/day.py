"""An officer's day at a desk: wrap-up after a visit, breaks, and closing.

Which booths may be called to, whether somebody new may sit down, whether the officer may speak: all
of it follows from this state. No input or output. `now` is monotonic time in seconds; moments that
people are told, and that outlive the server, are of the wall clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from vcs.messages.day import DeskStatus

WRAP_UP_S = 180.0

DayRefusal = Literal["stale", "on_break", "desk_closed", "not_closing", "somebody_there"]


class DayRefused(Exception):
    """A command changed nothing. `code` is for the page, the text for a person."""

    def __init__(self, code: DayRefusal, text: str) -> None:
        super().__init__(text)
        self.code: DayRefusal = code


@dataclass(frozen=True, slots=True)
class Break:
    """`back_at` None: until he is back. `back` is the same in the branch's time zone, HH:MM."""

    id: int
    officer_id: int
    began_at: datetime
    back_at: datetime | None = None
    back: str | None = None


@dataclass(slots=True)
class DeskDay:
    """State of one desk. `wrap_ups`: until when each booth's wrap-up lasts at most, by slot.
    `revision` counts breaks and closings, and is what a command about them must name."""

    wrap_up_s: float = WRAP_UP_S
    status: DeskStatus = "open"
    pause: Break | None = None
    overdue: bool = False
    """The officer had said that he would be back by now."""
    revision: int = 0
    wrap_ups: dict[int, float] = field(default_factory=dict)

    # --- what is so -----------------------------------------------------------------------------

    @property
    def takes_visitors(self) -> bool:
        """Somebody new may sit down. Wrap-up and breaks do not keep him from what he does alone."""
        return self.status == "open"

    def may_be_called_to(self, slot: int) -> bool:
        """The queue may send somebody to this booth, as far as the officer is concerned."""
        return self.takes_visitors and self.pause is None and slot not in self.wrap_ups

    @property
    def back(self) -> str | None:
        """When visitors are told that the officer is back; None when nobody can say."""
        return None if self.pause is None or self.overdue else self.pause.back

    # --- wrap-up --------------------------------------------------------------------------------

    def wrap_up(self, slot: int, now: float) -> None:
        """A visit that the officer took part in has ended there."""
        if self.status != "closed":
            self.wrap_ups[slot] = now + self.wrap_up_s

    def end_wrap_up(self, slot: int) -> None:
        """The booth is as any other again. Never refused."""
        self.wrap_ups.pop(slot, None)

    def tick(self, now: float) -> None:
        """Ends what has lasted too long."""
        for slot, until in list(self.wrap_ups.items()):
            if now >= until:
                del self.wrap_ups[slot]

    # --- breaks ---------------------------------------------------------------------------------

    def check_break(self, revision: int) -> None:
        """Raises `DayRefused` when no break can begin now."""
        self._check_revision(revision)
        if self.pause is not None:
            raise DayRefused("on_break", "you are on a break already")
        if self.status == "closed":
            raise DayRefused("desk_closed", "this desk is closed")

    def begin_break(self, pause: Break) -> None:
        """Nobody is called here, and the officer does not speak."""
        self.pause, self.overdue = pause, False
        self.revision += 1

    def end_break(self) -> Break | None:
        """Back. Never refused; gives the break that ended."""
        ended, self.pause, self.overdue = self.pause, None, False
        if ended is not None:
            self.revision += 1
        return ended

    # --- closing --------------------------------------------------------------------------------

    def check_closing(self, revision: int) -> None:
        """Raises `DayRefused` when closing cannot begin now."""
        self._check_revision(revision)
        if self.pause is not None:
            raise DayRefused("on_break", "come back from the break first")
        if self.status == "closed":
            raise DayRefused("desk_closed", "this desk is closed already")

    def check_close(self, revision: int, somebody_there: bool) -> None:
        """Raises `DayRefused` while a visitor is at the desk."""
        self._check_revision(revision)
        if self.status == "open":
            raise DayRefused("not_closing", "begin to close the desk first")
        if self.pause is not None:
            raise DayRefused("on_break", "come back from the break first")
        if somebody_there:
            raise DayRefused("somebody_there", "a visitor is still at this desk")

    def become(self, status: DeskStatus) -> None:
        """From now on."""
        if status != self.status:
            self.status = status
            self.revision += 1
        if status == "closed":
            self.wrap_ups.clear()

    def _check_revision(self, revision: int) -> None:
        if revision != self.revision:
            raise DayRefused("stale", "the desk has changed meanwhile; look and press again")
