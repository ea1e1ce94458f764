"""What a console and the server say about the officer's day: wrap-up, breaks, closing, tally."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from vcs.messages.base import Message, RequestId, Revision, Slot, snake_case
from vcs.messages.visit import Identifier
from vcs.visits.changes import Outcome

MAX_BREAK_MINUTES = 240

DeskStatus = Literal["open", "closing", "closed"]
"""closing: nobody new sits down or is called, whoever is there stays. closed: nobody is there."""
ClosingText = Annotated[str, msgspec.Meta(max_length=1000)]

# --- officer to server: `ack` follows, or `sheet_refused` -----------------------------------------


class EndWrapUp(Message, frozen=True, tag=snake_case):
    """The booth takes tickets again. Never refused."""

    id: RequestId
    slot: Slot


class WriteClosingNote(Message, frozen=True, tag=snake_case):
    """A note on the last visit at this booth, which has ended; the last one stands."""

    id: RequestId
    slot: Slot
    visit: Identifier
    text: ClosingText


class BeginBreak(Message, frozen=True, tag=snake_case):
    """`minutes` null: until the officer is back. `revision`: of the last `day`."""

    id: RequestId
    minutes: Annotated[int, msgspec.Meta(ge=1, le=MAX_BREAK_MINUTES)] | None
    revision: Revision


class EndBreak(Message, frozen=True, tag=snake_case):
    """Back. Never refused."""

    id: RequestId


class BeginClosing(Message, frozen=True, tag=snake_case):
    """Nobody new begins here from now on. `revision`: of the last `day`."""

    id: RequestId
    revision: Revision


class CloseDesk(Message, frozen=True, tag=snake_case):
    """Refused while somebody is there. `revision`: of the last `day`."""

    id: RequestId
    revision: Revision


class OpenDesk(Message, frozen=True, tag=snake_case):
    """Open again: a desk that was closed, or that was to be closed. Never refused for its state."""

    id: RequestId


class AskTally(Message, frozen=True, tag=snake_case):
    """`tally` comes before the `ack`."""

    id: RequestId


FromOfficerDay = (
    EndWrapUp
    | WriteClosingNote
    | BeginBreak
    | EndBreak
    | BeginClosing
    | CloseDesk
    | OpenDesk
    | AskTally
)

# --- server to officer ----------------------------------------------------------------------------


class WrapUpTold(msgspec.Struct, frozen=True):
    """The visit that has ended at a booth which is wrapping up. Lengths in seconds; `talks`: how
    often the officer talked to the visitor. `right` of `questions` were answered right. Ages in
    milliseconds at the moment of sending; `left_ms`: until the booth is free by itself."""

    slot: int
    visit: str
    visitor: str | None
    ticket: str | None
    outcome: Outcome | None
    visit_s: int
    talk_s: int
    talks: int
    captures: int
    right: int
    questions: int
    note: str
    since_ms: int
    left_ms: int


class BreakTold(msgspec.Struct, frozen=True):
    """`back`: the hour that visitors are told, HH:MM; null: none. `left_ms`: until then, negative
    when it is over."""

    since_ms: int
    back: str | None
    left_ms: int | None


class DayTold(Message, frozen=True, tag="day"):
    """The officer's day, whole, at each change and after each (re)connection."""

    revision: int
    status: DeskStatus
    pause: BreakTold | None
    wrap_ups: list[WrapUpTold]


class Tally(Message, frozen=True, tag=snake_case):
    """The signed-in officer's day so far. `date`: of the branch's time zone, ISO 8601. Lengths in
    seconds. `longest_wait_s`: the longest that a visitor of his was without him, from the beginning
    of the visit or the end of a talk to the next talk."""

    date: str
    visits: int
    approved: int
    pending: int
    rejected: int
    handed_over: int
    talk_s: int
    longest_wait_s: int
    break_s: int


ToOfficerDay = DayTold | Tally
