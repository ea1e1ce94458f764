"""A case file's page: the record in words of one language, for a person to read and to print."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import jinja2

from vcs.visits import changes as c
from vcs.visits.case_record import Case
from vcs.visits.flow import Flow, Words


class CasePage:
    """`web`: the directory of templates and texts. Whatever is filled in is escaped.

    `flow`: the loaded one of the visit's name, for labels in the timeline.
    """

    def __init__(self, web: Path, language: c.Language, flow: Flow | None) -> None:
        self._language = language
        self._flow = flow
        self._words = _texts(web, "console", language) | _texts(web, "case", language)
        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(web / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters["text"] = self.text
        self._template = environment.get_template("case.html")

    def render(self, case: Case) -> str:
        """The whole page. Pictures are links to the files beside it."""
        return self._template.render(
            case=case,
            language=self._language,
            word=self.word,
            text=self.text,
            when=_when,
            moment=_moment,
            lasted=_lasted,
            actor=self.actor,
            said=lambda change: self.said(change, case),
            marked=self.mark,
            answered=self.answer,
            pictures={each.id: each for each in case.captures},
            cut=self.cut,
            visitor=self.visitor(case),
        )

    def word(self, key: str, **values: object) -> str:
        """A text of the page."""
        return self._words[key].format(**values)

    def text(self, words: Words) -> str:
        """A label in the page's language."""
        return words.en if self._language == "en" else words.id

    def actor(self, actor: str, officer: str | None) -> str:
        """Who did it."""
        return officer if actor == "officer" and officer else self.word(f"actor.{actor}")

    def visitor(self, case: Case) -> str:
        """The name as entered: the flow's first name."""
        names = (
            [field.name for _, field in self._flow.fields() if field.type == "name"]
            if self._flow is not None
            else []
        )
        answers = {each.field: each.value for each in case.answers}
        return answers.get(names[0], "") if names else ""

    def said(self, change: c.AnyChange, case: Case) -> str:
        """One change as a line of the timeline."""
        match change:
            case c.Begun():
                values = {"flow": change.flow, "version": change.flow_version}
            case c.Consented():
                values = {
                    "version": change.text_version,
                    "language": self.word(f"language.{change.language}"),
                }
            case c.Answered():
                values = {"what": self._field(change.field), "value": self._shown(change)}
            case c.CaptureAsked():
                values = {"what": self._capture(change.capture)}
            case c.CaptureTaken():
                values = {
                    "what": self._capture(change.capture),
                    "advice": ", ".join(self.word(f"advice.{each}") for each in change.advice)
                    or self.word("advice.none"),
                }
            case c.CaptureDerived():
                values = {
                    "what": self._picture(change.of, case),
                    "how": self.cut(change.quarter_turns, change.rectangle),
                }
            case c.CaptureChosen():
                key = "chosen_original" if change.id == change.of else "capture_chosen"
                return self.word(f"said.{key}", what=self._picture(change.of, case))
            case c.CaptureJudged():
                values = {
                    "what": self._picture(change.id, case),
                    "how": self.word("shot.accepted" if change.accepted else "shot.refused"),
                }
            case c.Compared():
                values = {"how": self.word("compare.same" if change.same else "compare.other")}
            case c.Marked():
                values = {"what": self._check(change.check), "how": self.mark(change.passed)}
            case c.Dealt():
                values = {"what": "; ".join(map(self._question, change.questions))}
            case c.QuestionMarked():
                values = {"what": self._question(change.question), "how": self.answer(change.right)}
            case c.Flagged():
                values = {
                    "what": self.word(f"flag.{change.flag}"),
                    "how": self.word("flag.raised" if change.raised else "flag.lowered"),
                }
            case c.Decided():
                key = "corrected" if change.corrects else "decided"
                return self.word(f"said.{key}", how=self.word(f"outcome.{change.outcome}"))
            case c.HandedOver():
                values = {
                    "from_desk": self._desk(case, change.from_desk, change.from_officer),
                    "to_desk": self._desk(case, change.to_desk, change.to_officer),
                    "reason": change.reason,
                }
            case c.Ended():
                values = {"how": self.word(f"ended.{change.how}")}
            case c.Signed() | c.StepFinished() | c.StepReopened():
                values = {"what": self._step(change.step)}
            case c.Noted() | c.ClosingNoted():
                values = {}
        return self.word(f"said.{change.__struct_config__.tag}", **values)

    def cut(self, quarter_turns: int, rectangle: c.Rectangle) -> str:
        """How a derived picture was made."""
        left, top, right, bottom = rectangle
        return self.word(
            f"cut.{quarter_turns}", left=left, top=top, width=right - left, height=bottom - top
        )

    def _desk(self, case: Case, desk: int, officer: int | None) -> str:
        name = None if officer is None else case.officers.get(officer)
        return case.desks[desk] if name is None else f"{case.desks[desk]} ({name})"

    def mark(self, passed: bool | None) -> str:
        """A line of the check list."""
        return self.word(
            "checks.open" if passed is None else "checks.passed" if passed else "checks.failed"
        )

    def answer(self, right: bool | None) -> str:
        """How a question was marked."""
        return self.word(
            "checks.open" if right is None else "interview.right" if right else "interview.wrong"
        )

    # --- labels, or the name where the flow has none -------------------------------------------

    def _field(self, name: str) -> str:
        found = self._flow.field(name) if self._flow is not None else None
        return name if found is None else self.text(found.label)

    def _shown(self, answered: c.Answered) -> str:
        found = self._flow.field(answered.field) if self._flow is not None else None
        for each in found.choices if found is not None else ():
            if each.name == answered.value:
                return self.text(each.label)
        return answered.value

    def _capture(self, name: str) -> str:
        found = self._flow.capture(name) if self._flow is not None else None
        return name if found is None else self.text(found.label)

    def _picture(self, identifier: str, case: Case) -> str:
        found = next((each for each in case.captures if each.id == identifier), None)
        return identifier if found is None else self.text(found.label)

    def _step(self, name: str) -> str:
        found = self._flow.step(name) if self._flow is not None else None
        return name if found is None else self.text(found.title)

    def _check(self, name: str) -> str:
        for step in self._flow.steps if self._flow is not None else ():
            for check in step.checks:
                if check.name == name:
                    return self.text(check.label)
        return name

    def _question(self, name: str) -> str:
        for step in self._flow.steps if self._flow is not None else ():
            for question in step.questions:
                if question.name == name:
                    return self.text(question.ask)
        return name


def _texts(web: Path, page: str, language: c.Language) -> dict[str, str]:
    read: dict[str, str] = json.loads(
        (web / "locale" / f"{page}.{language}.json").read_text("utf-8")
    )
    return read


def _when(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d %H:%M:%S}"


def _moment(text: str) -> str:
    """As the intervals of attention have it (ISO 8601)."""
    return text[:19].replace("T", " ")


def _lasted(started: datetime | str, ended: datetime | str | None) -> str:
    """Seconds, none while it lasts."""
    if ended is None:
        return ""
    first, last = (
        datetime.fromisoformat(each) if isinstance(each, str) else each for each in (started, ended)
    )
    return f"{(last - first).total_seconds():.1f} s"
