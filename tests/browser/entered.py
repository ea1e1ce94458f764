"""What was entered in a visit, beside what its case file and the core system say of it: each
comparison names every difference."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from tests.browser.core_system import Told


@dataclass
class Sent:
    """A picture that a booth sent, and what it was advised."""

    capture: str
    digest: str
    advice: list[str]


@dataclass
class Entered:
    """All that people did in a visit, in the words of its flow; officers by their names.

    `reasons`: what was pressed for a rejection, or as missing, and the words on it. `talked`: who
    was on air with the booth, each time. `handed_over`: the reason, and by whom to whom.
    """

    service: str
    steps: list[str]
    booth: str = ""
    answers: dict[str, str] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)
    consents: list[tuple[str, str]] = field(default_factory=list)
    questions: dict[str, bool] = field(default_factory=dict)
    checks: dict[str, bool] = field(default_factory=dict)
    signed: list[str] = field(default_factory=list)
    talked: list[str] = field(default_factory=list)
    handed_over: list[tuple[str, str, str]] = field(default_factory=list)
    outcome: str = ""
    reasons: dict[str, str] = field(default_factory=dict)
    message: str = ""
    officer: str = ""
    reference: str = ""


@dataclass(frozen=True)
class CaseFile:
    """A case file that was read: its `visit.json`, and the SHA-256 of each other file by name."""

    record: Mapping[str, Any]
    files: Mapping[str, str]

    @classmethod
    def read(cls, path: Path) -> Self:
        with zipfile.ZipFile(path) as case:
            files = {name: hashlib.sha256(case.read(name)).hexdigest() for name in case.namelist()}
            return cls(json.loads(case.read("visit.json")), files)


def differences(case: CaseFile, entered: Entered) -> list[str]:
    """What a case file says otherwise than it was entered; nothing: they are the same."""
    record = case.record
    found = list(_unlike("answers", _answers(record), entered.answers))
    found += _unlike("questions", _by(record, "questions", "question", "right"), entered.questions)
    found += _unlike("checks", _checks(record), entered.checks)
    taken = [
        Sent(it["capture"], it["evidence"]["digest"], it["advice"]) for it in _captures(record)
    ]
    *earlier, decision = [{}, *record["decisions"]]
    pairs: dict[str, tuple[object, object]] = {
        "service": (record["flow"]["name"], entered.service),
        "flow": (record["flow"]["state"], "same"),
        "booth": (record["booth"], entered.booth),
        "pictures": (taken, entered.sent),
        "consents": (
            [(it["text_version"], it["language"]) for it in record["consents"]],
            entered.consents,
        ),
        "signatures": ([it["step"] for it in record["signatures"]], entered.signed),
        "steps": ([it["step"] for it in record["steps"]], entered.steps),
        "talk": (list(_talkers(record)), entered.talked),
        "hand-over": (list(_hand_overs(record)), entered.handed_over),
        "end": (record["ended"], "finished"),
        "decisions": (len(earlier), 1),
        "outcome": (decision.get("outcome"), entered.outcome),
        "reasons": (list(_reasons(decision)), list(entered.reasons.values())),
        "message": (decision.get("message"), entered.message),
        "decided by": (decision.get("officer"), entered.officer),
        "reference": (decision.get("reference"), entered.reference),
    }
    found += [f"{what}: {is_!r}, not {was!r}" for what, (is_, was) in pairs.items() if is_ != was]
    return found + list(_evidence_faults(case))


def told_wrongly(told: Sequence[Told], visits: Sequence[tuple[CaseFile, Entered]]) -> list[str]:
    """What the core system was told otherwise than it was decided. Each decision is to have one
    id, and each id the same bytes at every try."""
    bodies: dict[str, bytes] = {}
    found = [
        f"{each.id} came with other bytes than before"
        for each in told
        if bodies.setdefault(each.id, each.body) != each.body
    ]
    by_visit: dict[str, list[Any]] = {}
    for identifier, body in bodies.items():
        data = Told(identifier, body).data
        by_visit.setdefault(data["visit"], []).append(data)
        if identifier != f"msg_{data['visit']}_{data['decision']}":
            found.append(f"{identifier} tells of {data['visit']}, {data['decision']}")
    for case, entered in visits:
        visit = str(case.record["visit"])
        messages = by_visit.pop(visit, [])
        if len(messages) != 1:
            found.append(f"visit {visit} was told {len(messages)} times")
        for data in messages:
            found += [f"visit {visit}, {each}" for each in _misread(data, case, entered)]
    return found + [f"visit {visit} is none of ours" for visit in by_visit]


def _misread(data: Mapping[str, Any], case: CaseFile, entered: Entered) -> Iterator[str]:
    """Of one message."""
    rejected = entered.outcome == "rejected"
    (decision,) = case.record["decisions"]
    wanted: dict[str, object] = {
        "decision": decision["id"],
        "reference": entered.reference,
        "service": entered.service,
        "ticket": None,
        "corrects": None,
        "outcome": entered.outcome,
        "reason": next(iter(entered.reasons)) if rejected else None,
        "missing": [] if rejected else list(entered.reasons),
    }
    yield from _unlike("told", {name: data[name] for name in wanted}, wanted)
    yield from _unlike("answers", data["answers"], entered.answers)
    officer = case.record["officers"].get(str(data["officer"]))
    if officer != entered.officer:
        yield f"decided by {officer}, not {entered.officer}"
    digests = sorted(data["pictures"].values())
    if digests != sorted(each.digest for each in entered.sent):
        yield f"pictures: {digests}"


def _unlike(what: str, is_: Mapping[str, object], was: Mapping[str, object]) -> Iterator[str]:
    for name in sorted(is_.keys() | was.keys()):
        if is_.get(name) != was.get(name) or (name in is_) is not (name in was):
            yield f"{what}: {name} is {is_.get(name)!r}, not {was.get(name)!r}"


def _answers(record: Mapping[str, Any]) -> dict[str, Any]:
    return _by(record, "answers", "field", "value")


def _checks(record: Mapping[str, Any]) -> dict[str, Any]:
    """Those that were marked."""
    marks = _by(record, "checks", "check", "passed")
    return {check: passed for check, passed in marks.items() if passed is not None}


def _by(record: Mapping[str, Any], of: str, name: str, value: str) -> dict[str, Any]:
    return {each[name]: each[value] for each in record[of]}


def _captures(record: Mapping[str, Any]) -> list[Any]:
    """The pictures as they were taken, in this order."""
    return sorted((it for it in record["captures"] if it["of"] is None), key=lambda it: it["at"])


def _talkers(record: Mapping[str, Any]) -> Iterator[str]:
    """Of each talk; one that is not whole is told as it stands."""
    for each in record["talk"]:
        whole = each["ended_at"] is not None and each["ended_at"] > each["started_at"]
        yield each["officer"] if each["kind"] == "talk" and whole else f"{each}"


def _hand_overs(record: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    names = record["officers"]
    for entry in record["timeline"]:
        change = entry["change"]
        if change["kind"] == "handed_over":
            by, to = (names[str(change[each])] for each in ("from_officer", "to_officer"))
            yield change["reason"], by, to


def _reasons(decision: Mapping[str, Any]) -> Iterator[str]:
    """In the words on the officer's buttons."""
    for each in [decision.get("reason"), *decision.get("missing", [])]:
        if each is not None:
            yield each["id"]


def _evidence_faults(case: CaseFile) -> Iterator[str]:
    """Files that are not there, are not what was sent, or are nobody's."""
    record = case.record
    if not record["whole"]:
        yield "evidence is missing or was changed"
    wanted = {
        each["evidence"]["file"]: each["evidence"]["digest"]
        for each in [*record["captures"], *record["signatures"]]
    }
    there = {name: digest for name, digest in case.files.items() if name.startswith("evidence/")}
    yield from _unlike("evidence", there, wanted)
