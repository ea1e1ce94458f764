"""What consoles and the server say about handing a visit over to another officer's desk.

Told to the two consoles alone; a booth is told that a colleague goes on, when he has accepted.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from vcs.messages.base import Message, RequestId, Slot, snake_case

MAX_REASON_CHARS = 200

VisitName = Annotated[str, msgspec.Meta(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_REASON_CHARS)]
OfferId = Annotated[int, msgspec.Meta(ge=1, le=2**53)]
DeskNumber = Annotated[int, msgspec.Meta(ge=1, le=2**53)]


class AskColleagues(Message, frozen=True, tag=snake_case):
    """Who may take a visit of this desk now? `colleagues` answers."""

    id: RequestId


class OfferHandOver(Message, frozen=True, tag=snake_case):
    """Offer the visit in this slot to another desk, with a reason that its officer reads. The booth
    is on hold. `ack` or `sheet_refused` follows, and later `hand_over_ended`."""

    id: RequestId
    slot: Slot
    visit: VisitName
    desk: DeskNumber
    reason: Reason


class WithdrawHandOver(Message, frozen=True, tag=snake_case):
    """Take the offer of this visit back. `ack` or `sheet_refused` follows."""

    id: RequestId
    slot: Slot
    visit: VisitName


class AnswerHandOver(Message, frozen=True, tag=snake_case):
    """Take the offered visit over (true), or decline. `ack` follows when the booth is at this desk,
    or `sheet_refused`."""

    id: RequestId
    offer: OfferId
    accepted: bool


FromOfficerHandOver = AskColleagues | OfferHandOver | WithdrawHandOver | AnswerHandOver


class Colleague(msgspec.Struct, frozen=True):
    """A desk with an officer. `in_use` of its `booths` have a visitor. `back_in_ms`: of one who is
    on a break, when it ends."""

    desk: int
    desk_name: str
    officer: str
    in_use: int
    booths: int
    takes: Literal["yes", "full", "on_break"]
    back_in_ms: int | None = None


class Colleagues(Message, frozen=True, tag=snake_case):
    """Answer to `ask_colleagues`, those who may take a visit first."""

    id: int
    colleagues: list[Colleague]


class OfferedVisit(msgspec.Struct, frozen=True):
    """A visit that a colleague offers to this desk."""

    offer: int
    booth: str
    visitor: str | None
    service_id: str
    service_en: str
    step_id: str
    step_en: str
    reason: str
    officer: str
    desk_name: str
    left_ms: int


class HandOverOffers(Message, frozen=True, tag=snake_case):
    """All visits that are offered to this desk, oldest first, at each change."""

    offers: list[OfferedVisit]


HandOverEnd = Literal[
    "accepted",
    "declined",
    "withdrawn",
    "expired",
    "talk",
    "visit_ended",
    "officer_left",
    "colleague_left",
]
"""talk: the officer who offered it talked to the visitor again. officer_left, colleague_left: the
console of the one who offered, or of the one who was asked, has gone."""


class HandOverEnded(Message, frozen=True, tag=snake_case):
    """To the desk that offered: what became of it. `officer`: the colleague who was asked."""

    slot: int
    visitor: str | None
    officer: str
    how: HandOverEnd


class OfferedTo(msgspec.Struct, frozen=True):
    """On the tile of a visit that is offered to a colleague and not answered yet."""

    officer: str
    left_ms: int


ToOfficerHandOver = Colleagues | HandOverOffers | HandOverEnded
