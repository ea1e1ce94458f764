"""A flow: what a visit of one service must get done, as values.

Flows are files (see `flow_file`); nothing in the program knows the steps of a claim. Names are
lower case with underscores and unique within the flow; texts are in both languages.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

FieldType = Literal[
    "text",  # one line
    "name",  # of a person
    "nik",  # identity number, 16 digits
    "date",  # ISO 8601, YYYY-MM-DD
    "phone",  # Indonesian mobile number
    "membership",  # KPJ, 11 digits
    "bank_account",  # digits alone
    "email",
    "choice",  # one of `choices`, by name
    "address",  # several lines
]
Subject = Literal["card", "face", "document"]
"""What a capture must show; it decides which checks are made."""
Camera = Literal["main", "document"]
"""Which of a booth's cameras: the one that the officer sees live, or one over the table for papers,
which gives stills alone."""


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One text in both languages."""

    id: str
    en: str


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    label: Words


class Field(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One question that the visitor answers by touch.

    `agrees_with`, of a `nik`: names of the fields that hold its owner's date of birth and sex (a
    `choice` of `male` and `female`), in this order, either may be left out. `before` and `after`,
    of a `date`: `today` or the name of another date field.
    """

    name: str
    type: FieldType
    label: Words
    hint: Words | None = None
    required: bool = True
    choices: list[Choice] = []
    agrees_with: list[str] = []
    before: str | None = None
    after: str | None = None
    max_length: int = 100


class Capture(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One picture that is wanted of the visitor, or of a paper."""

    name: str
    subject: Subject
    label: Words
    hint: Words | None = None
    required: bool = True
    camera: Camera = "main"


class Check(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of the officer's check list."""

    name: str
    label: Words


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One question that the officer may be dealt. `on_file`: the field whose answer is shown beside
    it. A liveness question asks for an action instead."""

    name: str
    ask: Words
    on_file: str | None = None
    liveness: bool = False


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that a visit must get done. `attended`: only while the officer looks at this booth
    or talks to it. `deal`: how many questions of `questions` are dealt, a liveness action among
    them. `signature`: the visitor signs by touch."""

    name: str
    title: Words
    attended: bool = False
    fields: list[Field] = []
    captures: list[Capture] = []
    checks: list[Check] = []
    questions: list[Question] = []
    deal: int = 0
    signature: bool = False


class Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a claim is rejected, or what is missing while it is pending."""

    name: str
    label: Words


class Flow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a visit of one service must get done, in the order of `steps`.

    Consent comes before the first step and the decision after the last; they are not listed.
    `result`: what an approved visitor is told of what comes next.
    """

    name: str
    version: int
    title: Words
    result: Words
    steps: list[Step]
    rejections: list[Reason]
    missing: list[Reason]

    def step(self, name: str) -> Step | None:
        return next((step for step in self.steps if step.name == name), None)

    def fields(self) -> Iterator[tuple[Step, Field]]:
        """Every field with its step."""
        for step in self.steps:
            for field in step.fields:
                yield step, field

    def field(self, name: str) -> Field | None:
        return next((field for _, field in self.fields() if field.name == name), None)

    def capture(self, name: str) -> Capture | None:
        captures = (capture for step in self.steps for capture in step.captures)
        return next((capture for capture in captures if capture.name == name), None)
