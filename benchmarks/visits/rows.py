"""A visit's story as the rows that the store would have written of it, by the store's own code for
bodies, digests, hashes and what follows from changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from benchmarks.visits import person
from benchmarks.visits.story import Story
from vcs.store import projection
from vcs.store.audit_chain import LOOKED, NOTHING, SALT_OCTETS, Link, body_digest, link_hash
from vcs.store.audit_tables import AuditRow
from vcs.store.tables import Table
from vcs.store.visit_records import Decision, StoredCapture
from vcs.store.visit_search import search_key
from vcs.store.visit_tables import (
    CaptureRow,
    DecisionRow,
    DraftRow,
    OutboxRow,
    VisitChangeRow,
    VisitRow,
)
from vcs.visits import changes as c
from vcs.visits import views

Rows = list[dict[str, Any]]


@dataclass(slots=True)
class DayRows:
    """By table, in the order in which they can be inserted. `ends`: time, visit, number and hash of
    each audit row, for the heads."""

    tables: dict[type[Table], Rows] = field(
        default_factory=lambda: {
            VisitRow: [],
            VisitChangeRow: [],
            AuditRow: [],
            CaptureRow: [],
            DecisionRow: [],
            DraftRow: [],
            OutboxRow: [],
        }
    )
    ends: list[tuple[datetime, int, int, bytes]] = field(default_factory=list)

    def add(self, story: Story, ticket_id: int, rng: Random) -> None:
        """One visit more."""
        salt = rng.randbytes(SALT_OCTETS)
        visit = story.visit
        links = self._changes(story, salt)
        for at in story.looks:
            links.append(
                Link(visit.id, len(links) + 1, at, "officer", story.place.officer_id, LOOKED)
            )
        self._chain(links)
        row = self._derived(story)
        visitor = views.visitor(visit)
        self.tables[VisitRow].append(
            {
                "id": visit.id,
                "branch_id": story.place.branch_id,
                "occupant": rng.randrange(1, 2**53),
                "ticket_id": ticket_id,
                "salt": salt,
                "visitor": visitor,
                "visitor_key": None if visitor is None else search_key(visitor),
                "changes": len(story.told),
                "audited": len(links),
                "headed": 0,
                **_columns(row),
            }
        )
        if visit.ended is None:
            self._drafts(story, rng)
        for at, message in story.messages:
            self.tables[OutboxRow].append(
                {
                    "id": message.id,
                    "visit_id": visit.id,
                    "body": message.body,
                    "created_at": at,
                    "attempts": 0,
                    "next_at": at,
                    "delivered_at": at + timedelta(seconds=1),
                    "last_error": None,
                }
            )

    def in_order_of_time(self) -> None:
        """As a server that works at many visits at once writes them: rows of one visit do not lie
        side by side."""
        for table in (VisitChangeRow, AuditRow):
            self.tables[table].sort(key=_time)
        self.ends.sort(key=lambda end: end[0])

    def _changes(self, story: Story, salt: bytes) -> list[Link]:
        links = []
        rows = self.tables[VisitChangeRow]
        for number, told in enumerate(story.told, 1):
            body, kind = c.encode(told.change), str(told.change.__struct_config__.tag)
            rows.append(
                {
                    "visit_id": story.visit.id,
                    "number": number,
                    "at": told.at,
                    "actor": told.actor,
                    "officer_id": told.officer_id,
                    "kind": kind,
                    "body": body,
                }
            )
            links.append(
                Link(
                    story.visit.id,
                    number,
                    told.at,
                    told.actor,
                    told.officer_id,
                    kind,
                    number,
                    body_digest(salt, body),
                )
            )
        return links

    def _chain(self, links: Iterable[Link]) -> None:
        previous, rows = NOTHING, self.tables[AuditRow]
        for link in links:
            end = link_hash(previous, link)
            rows.append(
                {
                    "visit_id": link.visit_id,
                    "number": link.number,
                    "at": link.at,
                    "actor": link.actor,
                    "officer_id": link.officer_id,
                    "kind": link.kind,
                    "change": link.change,
                    "digest": link.digest,
                    "previous": previous,
                    "hash": end,
                }
            )
            self.ends.append((link.at, link.visit_id, link.number, end))
            previous = end

    def _derived(self, story: Story) -> projection.Projection:
        first = story.told[0]
        assert isinstance(first.change, c.Begun)
        now = projection.begun(first.change, first.officer_id, first.at)
        captures: dict[str, StoredCapture] = {}
        for told in story.told[1:]:
            change = told.change
            now = projection.after(now, change, told.at)
            original = captures.get(change.of) if isinstance(change, c.CaptureDerived) else None
            capture = projection.capture(story.visit.id, change, original)
            if capture is not None:
                captures[capture.id] = capture
                self.tables[CaptureRow].append(_columns(capture))
            decision = projection.decision(story.visit.id, change, told.at)
            if decision is not None:
                self.tables[DecisionRow].append(_columns(decision))
        return now

    def _drafts(self, story: Story, rng: Random) -> None:
        at = story.told[-1].at
        open_fields = [f for _, f in story.visit.flow.fields() if f.name not in story.visit.answers]
        for each in open_fields[:DRAFTS]:
            typed = person.value(each, story.visit.answers, at.date(), rng)
            self.tables[DraftRow].append(
                {"visit_id": story.visit.id, "field": each.name, "value": typed[:-1], "at": at}
            )


DRAFTS: Final = 2
"""Fields of an open visit that were typed in and not submitted."""


def _time(row: dict[str, Any]) -> datetime:
    at = row["at"]
    assert isinstance(at, datetime)
    return at


def _columns(record: projection.Projection | StoredCapture | Decision) -> dict[str, Any]:
    """Its fields as they are: `asdict` copies every value."""
    return {name: getattr(record, name) for name in record.__dataclass_fields__}
