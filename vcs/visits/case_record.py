"""What a case file says of a visit, as data: this is its `visit.json` (docs/case-file.md).

Times are UTC. A field is never given another meaning; what is new is added.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from vcs.visits import changes as c
from vcs.visits.flow import Words

EvidenceState = Literal["kept", "changed", "missing"]
FlowState = Literal["same", "changed", "gone"]


class Evidence(msgspec.Struct, frozen=True):
    """A file of this visit. `digest` is what it should have; `file` its place in the ZIP, none when
    it is missing; `found` the digest that it has, when that is another one."""

    digest: str
    octets: int
    state: EvidenceState
    file: str | None
    found: str | None = None


class FlowUsed(msgspec.Struct, frozen=True):
    """`state`: whether the labels here are from the very file that the visit went through."""

    name: str
    version: int
    digest: str
    title: Words
    state: FlowState


class ChangeTold(msgspec.Struct, frozen=True):
    """One change as the store has it; `change` has its `kind` inside."""

    number: int
    at: datetime
    actor: c.Actor
    officer: str | None
    change: c.AnyChange


class ConsentTold(msgspec.Struct, frozen=True):
    at: datetime
    text_version: str
    language: c.Language


class AnswerTold(msgspec.Struct, frozen=True):
    """The last answer of a field; `shown` is the choice's label, or the value itself."""

    step: str | None
    field: str
    label: Words
    value: str
    shown: Words
    at: datetime
    times: int


class CaptureTold(msgspec.Struct, frozen=True):
    """A picture. `accepted` None: nobody judged it. Of a derived one: `of` which
    it is, with that one's digest, and how it was made: `rectangle` of the upright original, then
    turned clockwise. `chosen`: looked at last in the place of the original."""

    id: str
    capture: str
    label: Words
    subject: str
    at: datetime
    width: int
    height: int
    advice: list[c.Advice]
    accepted: bool | None
    evidence: Evidence
    of: str | None = None
    quarter_turns: int | None = None
    rectangle: c.Rectangle | None = None
    of_digest: str | None = None
    chosen: bool = False


class ComparisonTold(msgspec.Struct, frozen=True):
    at: datetime
    officer: str | None
    card: str
    face: str
    same: bool


class QuestionTold(msgspec.Struct, frozen=True):
    """In the order dealt. `on_file`: the answer that stands beside it, as it is now."""

    step: str
    question: str
    ask: Words
    liveness: bool
    on_file: Words | None
    right: bool | None


class CheckTold(msgspec.Struct, frozen=True):
    step: str
    check: str
    label: Words
    passed: bool | None


class StepTold(msgspec.Struct, frozen=True):
    """Each time that a step was finished; `attention` of attended ones."""

    step: str
    title: Words
    attended: bool
    at: datetime
    officer: str | None
    attention: list[c.Attention]


class TalkTold(msgspec.Struct, frozen=True):
    kind: str
    officer: str | None
    started_at: datetime
    ended_at: datetime | None
    closed_by: str | None


class SignatureTold(msgspec.Struct, frozen=True):
    id: str
    step: str
    title: Words
    at: datetime
    evidence: Evidence


class NoteTold(msgspec.Struct, frozen=True):
    at: datetime
    officer: str | None
    text: str


class DecisionTold(msgspec.Struct, frozen=True):
    """The last one is in force; `corrects` names the one before it."""

    id: str
    at: datetime
    officer: str | None
    outcome: c.Outcome
    reason: Words | None
    missing: list[Words]
    message: str
    reference: str
    corrects: str | None


class Case(msgspec.Struct, frozen=True):
    """`whole`: every evidence file is there and is what it was. `desks`: names by id, of all that
    the visit was at; `officers`: of those who handed it over, took it, or attended its steps."""

    format: Literal["vcs-case-1"]
    visit: int
    whole: bool
    branch: str
    desk: str
    desks: dict[int, str]
    officers: dict[int, str]
    booth: str
    ticket: str | None
    flow: FlowUsed
    language: c.Language
    begun_at: datetime
    ended_at: datetime | None
    ended: c.Ending | None
    phase: str
    outcome: c.Outcome | None
    reference: str | None
    decisions: list[DecisionTold]
    consents: list[ConsentTold]
    answers: list[AnswerTold]
    captures: list[CaptureTold]
    comparisons: list[ComparisonTold]
    questions: list[QuestionTold]
    checks: list[CheckTold]
    steps: list[StepTold]
    talk: list[TalkTold]
    signatures: list[SignatureTold]
    flags: list[c.Flag]
    notes: list[NoteTold]
    evidence: list[Evidence]
    timeline: list[ChangeTold]
