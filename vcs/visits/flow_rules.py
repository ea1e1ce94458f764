"""What must hold between the parts of a flow: names, references, and what each step is for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, Protocol

from vcs.visits.flow import Capture, Check, Choice, Field, Flow, Question, Reason, Step

Named = Flow | Step | Field | Choice | Capture | Check | Question | Reason

FEWEST_DEALT: Final = 3
LONGEST_ANSWER: Final = 1_000
SEXES: Final = {"male", "female"}
TODAY: Final = "today"
UNLISTED_STEPS: Final = frozenset({"consent", "decision"})
"""Every visit has them, so no flow lists them."""

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")


class Source(Protocol):
    """Where values stand in their file (see `flow_reader`)."""

    def line(self, value: object, key: str = "") -> int: ...
    def broken(self, value: object, key: str) -> bool: ...


def mistakes(flow: Flow, source: Source) -> Iterator[tuple[int, str]]:
    """Every rule that does not hold: line and text. What is `broken` was told already."""
    rules = _Rules(flow, source)
    yield from rules.names()
    yield from rules.whole_flow()
    for step in flow.steps:
        yield from rules.step(step)
        for field in step.fields:
            yield from rules.field(field)


class _Rules:
    def __init__(self, flow: Flow, source: Source) -> None:
        self._flow = flow
        self._source = source
        self._fields: dict[str, Field] = {}
        for _, field in flow.fields():
            self._fields.setdefault(field.name, field)
        # Where fields could not be read, a name that is not found may be one of theirs.
        self._all_read = not (
            source.broken(flow, "steps")
            or any(source.broken(step, "fields") for step in flow.steps)
            or any(source.broken(field, "name") for _, field in flow.fields())
        )

    def names(self) -> Iterator[tuple[int, str]]:
        flow, steps = self._flow, self._flow.steps
        yield from self._unique([flow], "")
        yield from self._unique(steps, "in this flow")
        yield from self._unique((each for s in steps for each in s.fields), "in this flow")
        yield from self._unique((each for s in steps for each in s.captures), "in this flow")
        yield from self._unique((each for s in steps for each in s.checks), "in this flow")
        yield from self._unique((each for s in steps for each in s.questions), "in this flow")
        yield from self._unique(flow.rejections, "among the rejections")
        yield from self._unique(flow.missing, "among what may be missing")
        for _, field in flow.fields():
            yield from self._unique(field.choices, f"of field {field.name!r}")

    def whole_flow(self) -> Iterator[tuple[int, str]]:
        flow = self._flow
        for key, items in (
            ("steps", flow.steps),
            ("rejections", flow.rejections),
            ("missing", flow.missing),
        ):
            if not items and not self._source.broken(flow, key):
                yield self._source.line(flow, key), f"flow {flow.name!r}: {key}: at least one"
        if flow.version < 1 and not self._source.broken(flow, "version"):
            yield self._source.line(flow, "version"), f"flow {flow.name!r}: version: 1 or more"

    def step(self, step: Step) -> Iterator[tuple[int, str]]:
        whose, line = f"step {step.name!r}", self._source.line
        if step.name in UNLISTED_STEPS:
            yield line(step, "name"), f"{whose}: every visit has this step; it is not listed"
        parts = ("fields", "captures", "checks", "questions")
        lists = (step.fields, step.captures, step.checks, step.questions)
        broken = any(self._source.broken(step, part) for part in parts)
        if not (any(lists) or step.signature or broken):
            needed = ", ".join(parts)
            yield line(step), f"{whose}: there is nothing to do: give it {needed} or signature"
        if not step.attended and not self._source.broken(step, "attended"):
            for part in ("checks", "questions"):
                if getattr(step, part):
                    yield line(step, part), f"{whose}: {part} need the officer: attended: true"
        if not self._source.broken(step, "questions"):
            yield from self._interview(step, whose)

    def _interview(self, step: Step, whose: str) -> Iterator[tuple[int, str]]:
        line = self._source.line
        for question in step.questions:
            on_file = question.on_file
            if on_file is not None and self._unknown(on_file):
                text = f"question {question.name!r}: on_file: there is no field {on_file!r}"
                yield line(question, "on_file"), text
            if on_file is not None and question.liveness:
                text = f"question {question.name!r}: an action has nothing on_file"
                yield line(question, "on_file"), text
        if not step.questions:
            if step.deal:
                yield line(step, "deal"), f"{whose}: deal: there are no questions"
            return
        if self._source.broken(step, "deal"):
            return
        if step.deal < FEWEST_DEALT:
            yield line(step, "deal"), f"{whose}: deal: {FEWEST_DEALT} or more, not {step.deal}"
            return
        actions = sum(question.liveness for question in step.questions)
        sure = sum(self._sure(question) for question in step.questions if not question.liveness)
        if not actions:
            yield line(step, "questions"), f"{whose}: questions: none asks for a liveness action"
        elif sure < step.deal - 1 or sure + actions <= step.deal:
            text = (
                f"{whose}: questions: {sure} (without those about fields that may be left out) and "
                f"{actions} liveness actions are too few to deal {step.deal} in different sets"
            )
            yield line(step, "questions"), text

    def _sure(self, question: Question) -> bool:
        """Whether it can always be asked: its field is never left out."""
        field = self._fields.get(question.on_file or "")
        return field is None or field.required

    def field(self, field: Field) -> Iterator[tuple[int, str]]:
        whose, line = f"field {field.name!r}", self._source.line
        if field.name == TODAY:
            yield line(field, "name"), f"{whose}: this name means the day of the visit"
        if self._source.broken(field, "type"):
            return
        for key, value, types in (
            ("choices", field.choices, ("choice",)),
            ("agrees_with", field.agrees_with, ("nik",)),
            ("before", field.before, ("date",)),
            ("after", field.after, ("date",)),
        ):
            if value and field.type not in types:
                yield line(field, key), f"{whose}: {key} is for the type {types[0]} alone"
        few = len(field.choices) < 2 and not self._source.broken(field, "choices")
        if field.type == "choice" and few:
            yield line(field, "choices"), f"{whose}: choices: two or more"
        if not 1 <= field.max_length <= LONGEST_ANSWER and not self._source.broken(
            field, "max_length"
        ):
            yield line(field, "max_length"), f"{whose}: max_length: 1 to {LONGEST_ANSWER}"
        if field.type == "nik":
            yield from self._agrees_with(field, whose)
        for key, name in (("before", field.before), ("after", field.after)):
            if field.type == "date" and name is not None and name != TODAY:
                yield from self._date_field(field, key, name, whose)

    def _agrees_with(self, field: Field, whose: str) -> Iterator[tuple[int, str]]:
        line = self._source.line(field, "agrees_with")
        kinds: list[str] = []
        for name in field.agrees_with:
            other = self._fields.get(name)
            if self._unknown(name):
                yield line, f"{whose}: agrees_with: there is no field {name!r}"
            elif other is None:
                return
            elif other.type == "date":
                kinds.append("date")
            elif other.type == "choice" and {each.name for each in other.choices} == SEXES:
                kinds.append("sex")
            elif not (self._source.broken(other, "type") or self._source.broken(other, "choices")):
                yield (
                    line,
                    f"{whose}: agrees_with: {name!r} is neither a date nor a choice of male and "
                    "female",
                )
        if kinds not in ([], ["date"], ["sex"], ["date", "sex"]):
            yield line, f"{whose}: agrees_with: one date of birth, then one sex, not {kinds}"

    def _date_field(
        self, field: Field, key: str, name: str, whose: str
    ) -> Iterator[tuple[int, str]]:
        other, line = self._fields.get(name), self._source.line(field, key)
        if self._unknown(name):
            yield line, f"{whose}: {key}: there is no field {name!r} (or: {TODAY})"
        elif other is field:
            yield line, f"{whose}: {key}: a date is not {key} itself"
        elif other is not None and other.type != "date" and not self._source.broken(other, "type"):
            yield line, f"{whose}: {key}: field {name!r} is no date"

    def _unknown(self, name: str) -> bool:
        return self._all_read and name not in self._fields

    def _unique(self, named: Iterable[Named], where: str) -> Iterator[tuple[int, str]]:
        seen: set[str] = set()
        for each in named:
            if self._source.broken(each, "name"):
                continue
            whose, line = f"{type(each).__name__.lower()} {each.name!r}", self._source.line
            if _NAME.fullmatch(each.name) is None:
                yield (
                    line(each, "name"),
                    f"{whose}: a name is lower case letters, digits and underscores, a letter "
                    "first, 40 at most",
                )
            if each.name in seen:
                yield line(each, "name"), f"{whose}: this name is there twice {where}"
            seen.add(each.name)
