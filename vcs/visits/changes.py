"""What can happen to a visit, each as a value.

A visit is the sum of its changes, in order: the store keeps them as they stand, each with an audit
row in the same transaction, and a visit is brought back by applying them again. So a field is never
taken away or given another meaning here; what is new has a default.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

from vcs.visits.flow import Camera, Subject

Language = Literal["id", "en"]
Actor = Literal["visitor", "officer", "server"]
Outcome = Literal["approved", "rejected", "pending"]
Flag = Literal["prompted", "broker"]
"""prompted: somebody whispers the answers. broker: a digital broker is suspected."""
Ending = Literal["finished", "left", "declined"]
Advice = Literal[
    "too_small",
    "blurred",
    "glare",
    "too_dark",
    "too_bright",
    "no_card",
    "card_cut",
    "no_face",
    "small_face",
    "several_faces",
]
"""What is wrong with a picture, in the words that its taker is told."""
Rectangle = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels of a picture that stands upright; right and bottom are the
first that are outside."""


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    """Base of all changes."""


class Begun(Change, frozen=True, tag="begun"):
    """First of every visit. `flow_digest`: SHA-256 of the flow's file, hexadecimal."""

    flow: str
    flow_version: int
    flow_digest: str
    ticket: str | None
    booth: int
    desk: int
    language: Language


class Consented(Change, frozen=True, tag="consented"):
    """The visitor agreed to the text of this version, in this language. Again after each time that
    the booth was away."""

    text_version: str
    language: Language


class Answered(Change, frozen=True, tag="answered"):
    """The visitor submitted a field. `value` is as the field's type keeps it."""

    field: str
    value: str


class CaptureAsked(Change, frozen=True, tag="capture_asked"):
    """The officer wants this picture (again). `camera`: one of the booth's; null: the flow's."""

    capture: str
    camera: Camera | None = None


class CaptureTaken(Change, frozen=True, tag="capture_taken"):
    """A picture was stored. `digest` is the SHA-256 of the file, hexadecimal; `advice` what the
    checks found, none for a good one."""

    id: str
    capture: str
    subject: Subject
    digest: str
    octets: int
    width: int
    height: int
    advice: list[Advice]


class CaptureDerived(Change, frozen=True, tag="capture_derived"):
    """The officer cut a part out of a picture and turned it clockwise; the original stays.
    `of_digest`: of the original's file. `rectangle` is of the original before it is turned."""

    id: str
    of: str
    of_digest: str
    digest: str
    octets: int
    width: int
    height: int
    quarter_turns: int
    rectangle: Rectangle


class CaptureChosen(Change, frozen=True, tag="capture_chosen"):
    """What is looked at for the picture `of` from now on: one derived from it, or itself."""

    of: str
    id: str


class CaptureJudged(Change, frozen=True, tag="capture_judged"):
    """The officer accepts a picture, or wants another one."""

    id: str
    accepted: bool


class Compared(Change, frozen=True, tag="compared"):
    """The officer has looked at a card and a face side by side."""

    card: str
    face: str
    same: bool


class Marked(Change, frozen=True, tag="marked"):
    """A line of the check list; null takes a mark back."""

    check: str
    passed: bool | None


class Dealt(Change, frozen=True, tag="dealt"):
    """The questions of a step's interview, in order."""

    step: str
    questions: list[str]


class QuestionMarked(Change, frozen=True, tag="question_marked"):
    question: str
    right: bool | None


class Signed(Change, frozen=True, tag="signed"):
    """The visitor signed. `digest`: SHA-256 of the drawing's file."""

    step: str
    id: str
    digest: str
    octets: int


class Flagged(Change, frozen=True, tag="flagged"):
    flag: Flag
    raised: bool


class Noted(Change, frozen=True, tag="noted"):
    """The officer's notes, whole."""

    text: str


class ClosingNoted(Change, frozen=True, tag="closing_noted"):
    """What the officer wrote when the visitor had gone, whole."""

    text: str


class Attention(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From when to when one officer looked at this booth, or talked to it. UTC, ISO 8601."""

    kind: Literal["on_air", "focus"]
    started: str
    ended: str
    officer: int | None = None


class StepFinished(Change, frozen=True, tag="step_finished"):
    """`attention`: of an attended step, all since the step before it was finished."""

    step: str
    attention: list[Attention] = []


class StepReopened(Change, frozen=True, tag="step_reopened"):
    """Something in this step must be done again; the steps behind it stay as they are."""

    step: str


class Decided(Change, frozen=True, tag="decided"):
    """`id` is the console's own, so that asking twice decides once. `corrects`: the decision that
    this one takes the place of."""

    id: str
    outcome: Outcome
    officer: int
    reason: str | None = None
    missing: list[str] = []
    message: str = ""
    reference: str = ""
    corrects: str | None = None


class HandedOver(Change, frozen=True, tag="handed_over"):
    """Another desk serves this visit from now on; the visitor stays where he is. `reason`: what
    the officer who gave it wrote to the one who took it."""

    from_desk: int
    to_desk: int
    reason: str
    from_officer: int | None = None
    to_officer: int | None = None


class Ended(Change, frozen=True, tag="ended"):
    how: Ending


AnyChange = (
    Begun
    | Consented
    | Answered
    | CaptureAsked
    | CaptureTaken
    | CaptureDerived
    | CaptureChosen
    | CaptureJudged
    | Compared
    | Marked
    | Dealt
    | QuestionMarked
    | Signed
    | Flagged
    | Noted
    | ClosingNoted
    | StepFinished
    | StepReopened
    | Decided
    | HandedOver
    | Ended
)

_decoder: Final[msgspec.json.Decoder[AnyChange]] = msgspec.json.Decoder(AnyChange)
_encoder: Final = msgspec.json.Encoder(order="deterministic")

VisitId = Annotated[int, msgspec.Meta(ge=1, le=2**53)]


def encode(change: Change) -> bytes:
    """As it is kept, and as its digest is taken."""
    return _encoder.encode(change)


def decode(data: bytes) -> AnyChange:
    """Raises `msgspec.DecodeError`."""
    return _decoder.decode(data)
