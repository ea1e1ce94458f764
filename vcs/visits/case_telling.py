"""From a visit's log to the record of its case file: the same log gives the same record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vcs.store.audit import AuditLink
from vcs.store.records import TalkInterval
from vcs.store.visit_records import StoredChange, StoredVisit
from vcs.visits import changes as c
from vcs.visits.case_record import (
    AnswerTold,
    CaptureTold,
    Case,
    ChangeTold,
    CheckTold,
    ComparisonTold,
    ConsentTold,
    DecisionTold,
    Evidence,
    FlowState,
    FlowUsed,
    NoteTold,
    QuestionTold,
    SignatureTold,
    StepTold,
    TalkTold,
)
from vcs.visits.flow import Flow, Words
from vcs.visits.flow_file import LoadedFlow
from vcs.visits.visit import Visit


class ValuesGone(Exception):
    """The values of this visit have been taken away, and with them what a case file would say."""


@dataclass(frozen=True, slots=True)
class CaseSources:
    """What was read from the store. `flow`: the loaded one of the visit's name, if there is one;
    `officers`: names by id, as they are now."""

    visit: StoredVisit
    flow: LoadedFlow | None
    audit: Sequence[AuditLink]
    talk: Sequence[TalkInterval]
    officers: Mapping[int, str]
    branch: str
    desks: Mapping[int, str]
    booth: str


def wanted_evidence(log: Sequence[StoredChange]) -> dict[str, int]:
    """Octets by digest, of every file that the log speaks of, in the order of digests."""
    found: dict[str, int] = {}
    for entry in log:
        if isinstance(entry.change, c.CaptureTaken | c.CaptureDerived | c.Signed):
            found[entry.change.digest] = entry.change.octets
    return dict(sorted(found.items()))


def same_words(text: str) -> Words:
    """What has no label, or needs none."""
    return Words(text, text)


def must_be_told(stored: StoredVisit) -> c.Begun:
    """The first change, of a visit whose log is whole. Raises `ValuesGone`."""
    first = stored.log[0].change if stored.log else None
    if len(stored.log) < stored.changes or not isinstance(first, c.Begun):
        raise ValuesGone(f"the values of visit {stored.id} have been taken away")
    return first


def case_record(sources: CaseSources, evidence: Mapping[str, Evidence]) -> Case:
    """The record; `evidence` by digest, all of `wanted_evidence`. Raises `ValuesGone`."""
    stored = sources.visit
    first = must_be_told(stored)
    flow = sources.flow.flow if sources.flow is not None else _no_flow(first)
    visit = Visit(stored.id, flow)
    visit.apply(entry.change for entry in stored.log)
    telling = _Telling(sources, flow, visit, evidence)
    return Case(
        format="vcs-case-1",
        visit=stored.id,
        whole=all(each.state == "kept" for each in evidence.values()),
        branch=sources.branch,
        desk=sources.desks.get(stored.desk_id, str(stored.desk_id)),
        desks=telling.desks(first),
        officers=telling.officers(),
        booth=sources.booth,
        ticket=first.ticket,
        flow=FlowUsed(
            first.flow, first.flow_version, first.flow_digest, flow.title, _state(sources, first)
        ),
        language=stored.language,
        begun_at=stored.begun_at,
        ended_at=stored.ended_at,
        ended=visit.ended,
        phase=stored.phase,
        outcome=stored.outcome,
        reference=stored.reference,
        decisions=telling.decisions(),
        consents=telling.consents(),
        answers=telling.answers(),
        captures=telling.captures(),
        comparisons=telling.comparisons(),
        questions=telling.questions(),
        checks=telling.checks(),
        steps=telling.steps(),
        talk=telling.talk(),
        signatures=telling.signatures(),
        flags=sorted(visit.flags),
        notes=telling.notes(),
        evidence=list(evidence.values()),
        timeline=telling.timeline(),
    )


def _no_flow(begun: c.Begun) -> Flow:
    """Its file is gone: names stand where labels would."""
    name = same_words(begun.flow)
    return Flow(begun.flow, begun.flow_version, name, name, [], [], [])


def _state(sources: CaseSources, begun: c.Begun) -> FlowState:
    if sources.flow is None:
        return "gone"
    return "same" if sources.flow.digest == begun.flow_digest else "changed"


@dataclass(frozen=True, slots=True)
class _Telling:
    sources: CaseSources
    flow: Flow
    visit: Visit
    evidence: Mapping[str, Evidence]

    @property
    def log(self) -> Sequence[StoredChange]:
        return self.sources.visit.log

    def officer(self, officer_id: int | None) -> str | None:
        if officer_id is None:
            return None
        return self.sources.officers.get(officer_id, str(officer_id))

    def title(self, step: str) -> Words:
        found = self.flow.step(step)
        return same_words(step) if found is None else found.title

    def shown(self, field: str) -> Words | None:
        """An answer as a person reads it."""
        value = self.visit.answers.get(field)
        if value is None:
            return None
        found = self.flow.field(field)
        choices = [] if found is None else found.choices
        return next((each.label for each in choices if each.name == value), same_words(value))

    def desks(self, begun: c.Begun) -> dict[int, str]:
        found = {begun.desk}
        for entry in self.log:
            if isinstance(entry.change, c.HandedOver):
                found |= {entry.change.from_desk, entry.change.to_desk}
        return {each: self.sources.desks.get(each, str(each)) for each in sorted(found)}

    def officers(self) -> dict[int, str]:
        """Of those who handed it over or took it, and who was there at steps."""
        found: set[int | None] = set()
        for entry in self.log:
            if isinstance(entry.change, c.HandedOver):
                found |= {entry.change.from_officer, entry.change.to_officer}
            elif isinstance(entry.change, c.StepFinished):
                found |= {each.officer for each in entry.change.attention}
        return {
            each: self.officer(each) or "" for each in sorted(n for n in found if n is not None)
        }

    def timeline(self) -> list[ChangeTold]:
        return [
            ChangeTold(each.number, each.at, each.actor, self.officer(each.officer_id), each.change)
            for each in self.log
        ]

    def consents(self) -> list[ConsentTold]:
        return [
            ConsentTold(each.at, each.change.text_version, each.change.language)
            for each in self.log
            if isinstance(each.change, c.Consented)
        ]

    def answers(self) -> list[AnswerTold]:
        """In the flow's order; what the flow does not know comes last."""
        entries: dict[str, list[StoredChange]] = {}
        for entry in self.log:
            if isinstance(entry.change, c.Answered):
                entries.setdefault(entry.change.field, []).append(entry)
        places = {field.name: (step.name, field.label) for step, field in self.flow.fields()}
        names = [name for name in places if name in entries]
        names += [name for name in entries if name not in places]
        found = []
        for name in names:
            step, label = places.get(name, (None, same_words(name)))
            value = self.visit.answers[name]
            shown = self.shown(name) or same_words(value)
            at, times = entries[name][-1].at, len(entries[name])
            found.append(AnswerTold(step, name, label, value, shown, at, times))
        return found

    def captures(self) -> list[CaptureTold]:
        """In the order taken, each followed by what was cut out of it."""
        accepted = {p.taken.id: p.accepted for each in self.visit.pictures.values() for p in each}
        found: dict[str, CaptureTold] = {}
        for entry in self.log:
            change = entry.change
            if isinstance(change, c.CaptureTaken):
                wanted = self.flow.capture(change.capture)
                found[change.id] = CaptureTold(
                    id=change.id,
                    capture=change.capture,
                    label=same_words(change.capture) if wanted is None else wanted.label,
                    subject=change.subject,
                    at=entry.at,
                    width=change.width,
                    height=change.height,
                    advice=list(change.advice),
                    accepted=accepted.get(change.id),
                    evidence=self.evidence[change.digest],
                )
            elif isinstance(change, c.CaptureDerived):
                original = found.get(change.of)
                found[change.id] = CaptureTold(
                    id=change.id,
                    capture=change.of if original is None else original.capture,
                    label=same_words(change.of) if original is None else original.label,
                    subject="document" if original is None else original.subject,
                    at=entry.at,
                    width=change.width,
                    height=change.height,
                    advice=[],
                    accepted=None,
                    evidence=self.evidence[change.digest],
                    of=change.of,
                    quarter_turns=change.quarter_turns,
                    rectangle=change.rectangle,
                    of_digest=change.of_digest,
                    chosen=self.visit.chosen.get(change.of) == change.id,
                )
        # What was cut out of a picture stands beside it.
        places = {name: place for place, name in enumerate(found)}
        return sorted(
            found.values(), key=lambda it: (places.get(it.of or it.id, len(places)), places[it.id])
        )

    def comparisons(self) -> list[ComparisonTold]:
        return [
            ComparisonTold(each.at, self.officer(each.officer_id), it.card, it.face, it.same)
            for each in self.log
            if isinstance(it := each.change, c.Compared)
        ]

    def questions(self) -> list[QuestionTold]:
        found = []
        for step, names in self.visit.dealt.items():
            known = self.flow.step(step)
            pool = {each.name: each for each in known.questions} if known is not None else {}
            for name in names:
                it = pool.get(name)
                found.append(
                    QuestionTold(
                        step=step,
                        question=name,
                        ask=same_words(name) if it is None else it.ask,
                        liveness=it is not None and it.liveness,
                        on_file=None if it is None or not it.on_file else self.shown(it.on_file),
                        right=self.visit.question_marks.get(name),
                    )
                )
        return found

    def checks(self) -> list[CheckTold]:
        marks = dict(self.visit.marks)
        found = [
            CheckTold(step.name, check.name, check.label, marks.pop(check.name, None))
            for step in self.flow.steps
            for check in step.checks
        ]
        return found + [CheckTold("", name, same_words(name), it) for name, it in marks.items()]

    def steps(self) -> list[StepTold]:
        found = []
        for entry in self.log:
            if isinstance(it := entry.change, c.StepFinished):
                known = self.flow.step(it.step)
                attended = known.attended if known is not None else bool(it.attention)
                officer = self.officer(entry.officer_id)
                found.append(
                    StepTold(
                        it.step, self.title(it.step), attended, entry.at, officer, it.attention
                    )
                )
        return found

    def talk(self) -> list[TalkTold]:
        return [
            TalkTold(
                each.kind,
                self.officer(each.officer_id),
                each.started_at,
                each.ended_at,
                each.closed_by,
            )
            for each in self.sources.talk
        ]

    def signatures(self) -> list[SignatureTold]:
        return [
            SignatureTold(it.id, it.step, self.title(it.step), each.at, self.evidence[it.digest])
            for each in self.log
            if isinstance(it := each.change, c.Signed)
        ]

    def notes(self) -> list[NoteTold]:
        """Each as it was saved, whole; the last one stands, and the last closing note beside it."""
        return [
            NoteTold(each.at, self.officer(each.officer_id), it.text)
            for each in self.log
            if isinstance(it := each.change, c.Noted | c.ClosingNoted)
        ]

    def decisions(self) -> list[DecisionTold]:
        reasons = {each.name: each.label for each in self.flow.rejections}
        missing = {each.name: each.label for each in self.flow.missing}
        return [
            DecisionTold(
                id=it.id,
                at=each.at,
                officer=self.officer(it.officer),
                outcome=it.outcome,
                reason=None if it.reason is None else reasons.get(it.reason, same_words(it.reason)),
                missing=[missing.get(name, same_words(name)) for name in it.missing],
                message=it.message,
                reference=it.reference,
                corrects=it.corrects,
            )
            for each in self.log
            if isinstance(it := each.change, c.Decided)
        ]
