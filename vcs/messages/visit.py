"""What is said about a visit: the flow, what the visitor has entered, what the officer has checked.

A flow is sent once to each connection, before the first message that names it. What a visit is
like is sent whole at each change. Pictures do not come this way: see `vcs.http.captures`.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from vcs.messages.base import Language, Message, RequestId, Slot, snake_case
from vcs.visits.changes import Advice, Flag, Outcome, Rectangle
from vcs.visits.flow import Camera, Flow, Subject

MAX_VALUE_CHARS = 400
MAX_POINTS = 4000
"""Of a signature: a minute of quick strokes."""

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=40, pattern=r"^[a-z0-9_]+$")]
Value = Annotated[str, msgspec.Meta(max_length=MAX_VALUE_CHARS)]
Identifier = Annotated[str, msgspec.Meta(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
Notes = Annotated[str, msgspec.Meta(max_length=4000)]
ResultMessage = Annotated[str, msgspec.Meta(max_length=300)]
Coordinate = Annotated[int, msgspec.Meta(ge=0, le=10_000)]
Pixel = Annotated[int, msgspec.Meta(ge=0, le=20_000)]

# --- booth to server -----------------------------------------------------------------------------


class Draft(Message, frozen=True, tag=snake_case):
    """What stands in a field now, half typed; within 0.5 s of a touch. Nothing answers it."""

    field: Name
    value: Value


class Submit(Message, frozen=True, tag=snake_case):
    """A field is done. `done` follows, or `problem`."""

    id: RequestId
    field: Name
    value: Value


class FinishStep(Message, frozen=True, tag=snake_case):
    """The visitor has done all that this step wants of him. `done` follows, or `problem`."""

    id: RequestId
    step: Name


class Sign(Message, frozen=True, tag=snake_case):
    """A signature: strokes of x, y, x, y, ... in a field of `width` by `height`."""

    id: RequestId
    step: Name
    width: Coordinate
    height: Coordinate
    strokes: Annotated[
        list[Annotated[list[Coordinate], msgspec.Meta(min_length=2, max_length=MAX_POINTS)]],
        msgspec.Meta(min_length=1, max_length=200),
    ]


class Still(Message, frozen=True, tag=snake_case):
    """Nobody has touched the screen for a minute (true), or somebody has again (false)."""

    active: bool


FromBoothVisit = Draft | Submit | FinishStep | Sign | Still

# --- server to booth and console -----------------------------------------------------------------


class FlowTold(Message, frozen=True, tag="flow"):
    """A flow; `visit` and `sheet` name it. To booths without check lists and questions: those are
    the officer's."""

    flow: Flow


class PictureView(msgspec.Struct, frozen=True):
    """A picture that was taken. `accepted`: the officer's word; null: none yet."""

    id: str
    capture: str
    subject: Subject
    width: int
    height: int
    advice: list[Advice]
    accepted: bool | None


class Result(msgspec.Struct, frozen=True):
    """The decision as the visitor is told it. `reason` and `missing` are names of the flow's."""

    outcome: Outcome
    reference: str
    reason: str | None
    missing: list[str]
    message: str


# --- server to booth -----------------------------------------------------------------------------


class ServiceOffered(msgspec.Struct, frozen=True):
    """A service that a visitor without a ticket may choose."""

    flow: str
    title_id: str
    title_en: str


class VisitTold(Message, frozen=True, tag="visit"):
    """The booth's own visit, whole. `flow` null: none runs here.

    `step` is what the visitor can do alone now; null: the officer is needed, or all is done.
    `lacks` are the names of what that step still wants; of an attended step, `signature` alone.
    `asked` are pictures that the officer asks for, `asked_by` by which camera where he said so.
    `drafts` are what was typed and not submitted. `attended`: the title's step that waits for the
    officer.
    """

    flow: str | None
    step: str | None = None
    attended: str | None = None
    finished: list[str] = []
    lacks: list[str] = []
    answers: dict[str, str] = {}
    drafts: dict[str, str] = {}
    pictures: list[PictureView] = []
    asked: list[str] = []
    asked_by: dict[str, Camera] = {}
    signed: list[str] = []
    result: Result | None = None


class Done(Message, frozen=True, tag=snake_case):
    """The request `id` is on the disk. The `visit` that it led to came before."""

    id: int


class Problem(Message, frozen=True, tag=snake_case):
    """The request `id` changed nothing. `code` is a text of the page; `marked` are the places in
    the value that are wrong, counted from 0."""

    id: int
    code: str
    field: str | None = None
    marked: list[int] = []
    message: str = ""


ToBoothVisit = FlowTold | VisitTold | Done | Problem

# --- officer to server ---------------------------------------------------------------------------
# Each names the visit that the officer sees, so that none acts on the next one in that booth.


class AskCapture(Message, frozen=True, tag=snake_case):
    """The booth shows that the officer wants this picture; `camera` null: by the flow's."""

    id: RequestId
    slot: Slot
    visit: Identifier
    capture: Name
    camera: Camera | None = None


class JudgeCapture(Message, frozen=True, tag=snake_case):
    """A picture will do (true), or another one is wanted (false)."""

    id: RequestId
    slot: Slot
    visit: Identifier
    picture: Identifier
    accepted: bool


class DeriveCapture(Message, frozen=True, tag=snake_case):
    """Cut this out of a picture and turn it clockwise; it is looked at from then on.
    `rectangle`: left, top, right, bottom in pixels of the original as it stands upright."""

    id: RequestId
    slot: Slot
    visit: Identifier
    picture: Identifier
    quarter_turns: Annotated[int, msgspec.Meta(ge=0, le=3)]
    rectangle: tuple[Pixel, Pixel, Pixel, Pixel]


class ChooseCapture(Message, frozen=True, tag=snake_case):
    """Look at this one from now on: derived, or the original again."""

    id: RequestId
    slot: Slot
    visit: Identifier
    picture: Identifier


class Compare(Message, frozen=True, tag=snake_case):
    """Card and face, seen side by side: the same person or not. Either may be a derived one."""

    id: RequestId
    slot: Slot
    visit: Identifier
    card: Identifier
    face: Identifier
    same: bool


class MarkCheck(Message, frozen=True, tag=snake_case):
    id: RequestId
    slot: Slot
    visit: Identifier
    check: Name
    passed: bool | None


class MarkQuestion(Message, frozen=True, tag=snake_case):
    id: RequestId
    slot: Slot
    visit: Identifier
    question: Name
    right: bool | None


class RaiseFlag(Message, frozen=True, tag=snake_case):
    id: RequestId
    slot: Slot
    visit: Identifier
    flag: Flag
    raised: bool


class WriteNotes(Message, frozen=True, tag=snake_case):
    """The notes on this visit, whole."""

    id: RequestId
    slot: Slot
    visit: Identifier
    text: Notes


class CompleteStep(Message, frozen=True, tag=snake_case):
    """An attended step is done. Refused unless the booth is on air or in focus now."""

    id: RequestId
    slot: Slot
    visit: Identifier
    step: Name


class ReopenStep(Message, frozen=True, tag=snake_case):
    """The visitor is to go through this step again; what he entered stays."""

    id: RequestId
    slot: Slot
    visit: Identifier
    step: Name


class Decide(Message, frozen=True, tag=snake_case):
    """The decision, made up by the console as `decision`: sent again after a lost connection, it
    decides once. `corrects`: the decision that this one takes the place of."""

    id: RequestId
    slot: Slot
    visit: Identifier
    decision: Identifier
    outcome: Outcome
    reason: Name | None = None
    missing: Annotated[list[Name], msgspec.Meta(max_length=20)] = []
    message: ResultMessage = ""
    corrects: Identifier | None = None


FromOfficerVisit = (
    AskCapture
    | JudgeCapture
    | DeriveCapture
    | ChooseCapture
    | Compare
    | MarkCheck
    | MarkQuestion
    | RaiseFlag
    | WriteNotes
    | CompleteStep
    | ReopenStep
    | Decide
)

# --- server to officer ---------------------------------------------------------------------------


class Disagreement(msgspec.Struct, frozen=True):
    """An answer that does not fit another one any more. `code` is a text of the page."""

    code: str
    marked: list[int]


class DerivedView(msgspec.Struct, frozen=True):
    """A part cut out of the picture `of` and turned clockwise; `rectangle` is the original's."""

    id: str
    of: str
    width: int
    height: int
    quarter_turns: int
    rectangle: Rectangle


class Sheet(Message, frozen=True, tag=snake_case):
    """The verification sheet of the focused booth, whole; `visit` null: no visit runs there.

    `step` is the first that is not finished, null when only the decision is left; `lacks` what it
    still wants. `typing` is the field that the visitor is at, with what stands there so far in
    `drafts`. `asked` are pictures asked for and not taken yet, `asked_by` with which camera.
    `derived` were cut out of `pictures`; `chosen` says of which pictures another one is looked at.
    `present`: the booth is on air or in focus by the server's word, so that an attended step may
    be completed. `handed_over`: the reason with which a colleague gave this visit to this desk.
    """

    slot: int
    visit: str | None
    flow: str | None = None
    ticket: str | None = None
    visitor: str | None = None
    language: Language = "id"
    step: str | None = None
    finished: list[str] = []
    lacks: list[str] = []
    answers: dict[str, str] = {}
    drafts: dict[str, str] = {}
    typing: str | None = None
    disagreements: dict[str, Disagreement] = {}
    pictures: list[PictureView] = []
    derived: list[DerivedView] = []
    chosen: dict[str, str] = {}
    asked: list[str] = []
    asked_by: dict[str, Camera] = {}
    compared: bool | None = None
    marks: dict[str, bool] = {}
    dealt: dict[str, list[str]] = {}
    question_marks: dict[str, bool] = {}
    flags: list[Flag] = []
    notes: str = ""
    signed: list[str] = []
    decision: Result | None = None
    decision_id: str | None = None
    still: bool = False
    present: bool = False
    handed_over: str | None = None


class SheetRefused(Message, frozen=True, tag=snake_case):
    """The command `id` about a visit changed nothing."""

    id: int
    code: str
    message: str


ToOfficerVisit = FlowTold | Sheet | SheetRefused

Working = Literal["self", "officer", "decided", "still"]
"""self: the visitor works alone. officer: only the officer can go on. decided: the result stands on
the screen. still: works alone, but nobody has touched the screen for a minute."""


class Progress(msgspec.Struct, frozen=True):
    """How far a visit is, for its tile. `step` counts from 1; `of` counts the decision too."""

    step: int
    of: int
    title_id: str
    title_en: str
    working: Working
