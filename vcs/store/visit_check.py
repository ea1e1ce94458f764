"""One visit's rows against each other: what would have to fit if nobody had touched them."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Final

import msgspec

from vcs.store import projection
from vcs.store.audit_chain import LOOKED, NOTHING, Link, body_digest, link_hash
from vcs.store.audit_tables import AuditHeadEntryRow, AuditRow
from vcs.store.projection import Projection
from vcs.store.visit_records import StoredCapture
from vcs.store.visit_tables import CaptureRow, DecisionRow, VisitChangeRow, VisitRow
from vcs.visits.changes import AnyChange, Begun, CaptureDerived, decode


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not fit. `row`: of the visit's audit. Holds no personal value."""

    visit_id: int | None
    row: int | None
    what: str

    def __str__(self) -> str:
        visit = "audit heads" if self.visit_id is None else f"visit {self.visit_id}"
        return f"{visit}{'' if self.row is None else f', row {self.row}'}: {self.what}"


@dataclass(slots=True)
class VisitRows:
    """All that the database has of one visit; lists in order of their numbers."""

    visit_id: int
    visit: VisitRow | None = None
    audit: list[AuditRow] = field(default_factory=list)
    changes: list[VisitChangeRow] = field(default_factory=list)
    captures: list[CaptureRow] = field(default_factory=list)
    decisions: list[DecisionRow] = field(default_factory=list)
    entries: list[AuditHeadEntryRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """A file that a change speaks of. `row`: the change's audit row."""

    visit_id: int
    row: int | None
    digest: str
    octets: int


_CAPTURE_COLUMNS: Final = tuple(StoredCapture.__dataclass_fields__)
_DECISION_COLUMNS: Final = ("id", "visit_id", "outcome", "reason", "at", "corrects")


class VisitCheck:
    """Yields findings; afterwards `files` are the files that must be there."""

    def __init__(self, rows: VisitRows) -> None:
        self.files: list[EvidenceFile] = []
        self._rows = rows
        self._row_of_change = {
            row.change: row.number for row in rows.audit if row.change is not None
        }

    def findings(self) -> Iterator[Finding]:
        """All that does not fit."""
        yield from self._chain()
        yield from self._heads()
        yield from self._bodies()
        log, findings = self._decoded()
        yield from findings
        if not findings and len(log) == len(self._row_of_change):
            yield from self._look_up_rows(log)

    def _finding(self, row: int | None, what: str) -> Finding:
        return Finding(self._rows.visit_id, row, what)

    # --- the chain ------------------------------------------------------------------------------

    def _chain(self) -> Iterator[Finding]:
        expected, previous = 1, NOTHING
        for row in self._rows.audit:
            if row.number != expected:
                yield self._missing(expected, row.number - 1)
            elif row.previous != previous:
                yield self._finding(row.number, "does not follow the row before it")
            if link_hash(row.previous, _link(row)) != row.hash:
                yield self._finding(row.number, "was changed")
            expected, previous = row.number + 1, row.hash
        visit = self._rows.visit
        if visit is None:
            yield self._finding(None, "the visit itself is missing")
        elif visit.audited >= expected:
            yield self._missing(expected, visit.audited)
        elif visit.audited < expected - 1:
            yield self._finding(expected - 1, "is beyond the end that the visit knows")

    def _missing(self, first: int, last: int) -> Finding:
        what = "is missing" if first == last else f"is missing, and all up to {last}"
        return self._finding(first, what)

    def _heads(self) -> Iterator[Finding]:
        hashes = {row.number: row.hash for row in self._rows.audit}
        for entry in self._rows.entries:
            found = hashes.get(entry.number)
            if found is None:
                yield self._finding(entry.number, f"is missing, and head {entry.head} knew it")
            elif found != entry.hash:
                yield self._finding(entry.number, f"is not what head {entry.head} knew")
        last = max((entry.number for entry in self._rows.entries), default=0)
        if self._rows.visit is not None and self._rows.visit.headed != last:
            yield self._finding(self._rows.visit.headed, "should be known to a head and is not")

    # --- changes --------------------------------------------------------------------------------

    def _bodies(self) -> Iterator[Finding]:
        by_number = {change.number: change for change in self._rows.changes}
        salt = self._rows.visit.salt if self._rows.visit is not None else None
        expected = 1
        for row in self._rows.audit:
            if row.change is None:
                if row.kind != LOOKED:
                    yield self._finding(row.number, "names no change and is no look")
                continue
            if row.change != expected:
                yield self._finding(row.number, f"names change {row.change}, not {expected}")
            expected = row.change + 1
            change = by_number.pop(row.change, None)
            if change is None:
                yield self._finding(row.number, f"its change {row.change} is missing")
            elif change.body is None or salt is None:
                yield self._finding(row.number, f"the values of its change {row.change} are gone")
            elif not hmac.compare_digest(body_digest(salt, change.body), row.digest or b""):
                yield self._finding(row.number, f"its change {row.change} was changed")
            elif (change.at, change.actor, change.officer_id, change.kind) != (
                row.at,
                row.actor,
                row.officer_id,
                row.kind,
            ):
                yield self._finding(row.number, f"its change {row.change} says something else")
        for number in by_number:
            yield self._finding(None, f"change {number} has no row in the audit")

    def _decoded(self) -> tuple[list[tuple[VisitChangeRow, AnyChange]], list[Finding]]:
        log: list[tuple[VisitChangeRow, AnyChange]] = []
        findings = []
        for row in self._rows.changes:
            if row.body is None:
                continue
            try:
                log.append((row, decode(row.body)))
            except msgspec.DecodeError:
                findings.append(
                    self._finding(
                        self._row_of_change.get(row.number),
                        f"its change {row.number} cannot be read",
                    )
                )
        return log, findings

    # --- what is derived from them --------------------------------------------------------------

    def _look_up_rows(self, log: Sequence[tuple[VisitChangeRow, AnyChange]]) -> Iterator[Finding]:
        captures: dict[str, StoredCapture] = {}
        decisions: dict[str, dict[str, object]] = {}
        now: Projection | None = None
        for row, change in log:
            if isinstance(change, Begun):
                now = projection.begun(change, row.officer_id, row.at)
            elif now is not None:
                now = projection.after(now, change, row.at)
            original = captures.get(change.of) if isinstance(change, CaptureDerived) else None
            if isinstance(change, CaptureDerived) and (
                original is None or original.digest != change.of_digest
            ):
                yield self._finding(
                    self._row_of_change.get(row.number), "is derived from no picture of this visit"
                )
            capture = projection.capture(self._rows.visit_id, change, original)
            if capture is not None:
                captures[capture.id] = capture
                self.files.append(
                    EvidenceFile(
                        capture.visit_id,
                        self._row_of_change.get(row.number),
                        capture.digest,
                        capture.octets,
                    )
                )
            decision = projection.decision(self._rows.visit_id, change, row.at)
            if decision is not None:
                decisions[decision.id] = asdict(decision)
        yield from self._visit_row(now, len(log))
        yield from self._differences(
            "capture",
            {name: asdict(capture) for name, capture in captures.items()},
            {
                row.id: {key: getattr(row, key) for key in _CAPTURE_COLUMNS}
                for row in self._rows.captures
            },
        )
        yield from self._differences(
            "decision",
            decisions,
            {
                row.id: {key: getattr(row, key) for key in _DECISION_COLUMNS}
                for row in self._rows.decisions
            },
        )

    def _visit_row(self, now: Projection | None, changes: int) -> Iterator[Finding]:
        visit = self._rows.visit
        if visit is None or now is None:
            return
        for column, value in (*asdict(now).items(), ("changes", changes)):
            if getattr(visit, column) != value:
                yield self._finding(None, f"the visit's {column} is not what its changes say")

    def _differences(
        self,
        kind: str,
        derived: dict[str, dict[str, object]],
        found: dict[str, dict[str, object]],
    ) -> Iterator[Finding]:
        for name in sorted(derived.keys() | found.keys()):
            if derived.get(name) != found.get(name):
                yield self._finding(None, f"the row of {kind} {name} is not what its changes say")


def _link(row: AuditRow) -> Link:
    return Link(
        row.visit_id,
        row.number,
        row.at,
        row.actor,
        row.officer_id,
        row.kind,
        row.change,
        row.digest,
    )
