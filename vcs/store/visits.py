"""Visits: each the sum of its changes, every one of them written together with its audit row."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final, cast

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from vcs.messages import Language
from vcs.store import audit, places, projection
from vcs.store.audit_chain import SALT_OCTETS
from vcs.store.database import Database
from vcs.store.projection import Projection
from vcs.store.records import AlreadyThere, NotThere, PlaceMove
from vcs.store.upsert import upsert
from vcs.store.visit_records import (
    AlreadyDecided,
    Conflict,
    Decision,
    Draft,
    NewVisit,
    OutboxMessage,
    Phase,
    StoredCapture,
    StoredChange,
    StoredVisit,
)
from vcs.store.visit_search import VisitSearch, search_key
from vcs.store.visit_tables import (
    CaptureRow,
    DecisionRow,
    DraftRow,
    OutboxRow,
    TicketRow,
    VisitChangeRow,
    VisitRow,
)
from vcs.visits.changes import (
    Actor,
    Answered,
    AnyChange,
    Begun,
    CaptureDerived,
    Dealt,
    Decided,
    Ended,
    Outcome,
    decode,
    encode,
)

NAME_LIMIT: Final = 200
DEALT: Final = str(Dealt.__struct_config__.tag)


class Visits(VisitSearch):
    """Who writes says how many changes there were when it read; another writer's come first."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._database = database

    # --- writing --------------------------------------------------------------------------------

    async def begin(
        self, visit: NewVisit, change: Begun, actor: Actor, officer_id: int | None, at: datetime
    ) -> None:
        """Raises `AlreadyThere` for an id that is taken or a booth whose visit has not ended."""
        start = projection.begun(change, officer_id, at)
        try:
            async with self._database.writing() as session:
                row = VisitRow(
                    id=visit.id,
                    branch_id=visit.branch_id,
                    occupant=visit.occupant,
                    ticket_id=visit.ticket_id,
                    salt=secrets.token_bytes(SALT_OCTETS),
                    changes=0,
                    audited=0,
                    headed=0,
                    **asdict(start),
                )
                session.add(row)
                await session.flush()
                await _append(session, row, (change,), actor, officer_id, at)
        except IntegrityError as error:
            if await self.load(visit.id) is not None:
                raise AlreadyThere(f"there is a visit {visit.id} already") from error
            if await self.open_at(change.booth) is not None:
                raise AlreadyThere(
                    f"booth {change.booth} has a visit that has not ended"
                ) from error
            raise

    async def record(
        self,
        visit_id: int,
        changes: Sequence[AnyChange],
        *,
        expected: int,
        actor: Actor,
        officer_id: int | None,
        at: datetime,
        outbox: Sequence[OutboxMessage] = (),
        visitor: str | None = None,
        moves: Sequence[PlaceMove] = (),
    ) -> int:
        """Write changes, their audit, what the core system is to be told, and where booths go with
        it, in one transaction.

        `expected`: how many changes the visit had when the caller decided; returns how many it has
        now. `visitor`: the name by which the visit is found from now on. Raises `NotThere`,
        `AlreadyDecided` before `Conflict`, `PlaceTaken`, and `AlreadyThere` for an id that is
        taken.
        """
        try:
            async with self._database.writing() as session:
                row = await session.scalar(
                    select(VisitRow).where(VisitRow.id == visit_id).with_for_update()
                )
                if row is None:
                    raise NotThere(f"there is no visit {visit_id}")
                await _refuse_repeated(session, visit_id, changes)
                if row.changes != expected:
                    raise Conflict(
                        f"visit {visit_id} has {row.changes} changes, not {expected} as expected"
                    )
                await _append(session, row, changes, actor, officer_id, at)
                if moves:
                    await places.move(session, moves, at, visit_id)
                if visitor is not None:
                    row.visitor = visitor[:NAME_LIMIT]
                    row.visitor_key = search_key(visitor)
                for message in outbox:
                    session.add(
                        OutboxRow(
                            id=message.id,
                            visit_id=visit_id,
                            body=message.body,
                            created_at=at,
                            attempts=0,
                            next_at=at,
                        )
                    )
                return row.changes
        except IntegrityError as error:
            raise AlreadyThere(
                f"a capture, decision or message of visit {visit_id} has an id that is taken, "
                "or its desk or officer is unknown"
            ) from error

    async def set_draft(self, visit_id: int, field: str, value: str | None, at: datetime) -> None:
        """What the visitor has typed so far; None takes it away. Raises `NotThere` when the visit
        is over."""
        async with self._database.writing() as session:
            # A share of the row's lock: the visit cannot end in between.
            phase = await session.scalar(
                select(VisitRow.phase).where(VisitRow.id == visit_id).with_for_update(read=True)
            )
            if phase is None or phase == "ended":
                raise NotThere(f"there is no visit {visit_id} going on")
            if value is None:
                await _forget_draft(session, visit_id, field)
                return
            statement = upsert(session, DraftRow).values(
                visit_id=visit_id, field=field, value=value, at=at
            )
            await session.execute(
                statement.on_conflict_do_update(
                    index_elements=[DraftRow.visit_id, DraftRow.field],
                    set_={"value": value, "at": at},
                )
            )

    # --- reading --------------------------------------------------------------------------------

    async def load(self, visit_id: int) -> StoredVisit | None:
        """The visit with all that happened to it and its drafts."""
        async with self._database.reading() as session:
            row = await session.get(VisitRow, visit_id)
            return None if row is None else await _stored(session, row)

    async def open_at(self, booth_id: int) -> StoredVisit | None:
        """The booth's visit that has not ended."""
        async with self._database.reading() as session:
            row = await session.scalar(
                # As the index says it.
                select(VisitRow).where(VisitRow.booth_id == booth_id, VisitRow.phase != "ended")
            )
            return None if row is None else await _stored(session, row)

    async def evidence_under_way(self) -> dict[int, set[str]]:
        """Of each visit that has not ended: the digests of the files that it names."""
        async with self._database.reading() as session:
            rows = await session.execute(
                select(VisitRow.id, CaptureRow.digest)
                .outerjoin(CaptureRow, CaptureRow.visit_id == VisitRow.id)
                .where(VisitRow.phase != "ended")
            )
            named: dict[int, set[str]] = {}
            for visit_id, digest in rows:
                named.setdefault(visit_id, set()).update([digest] if digest else [])
            return named

    async def booths_with_a_visit(self) -> frozenset[int]:
        """Where one has not ended."""
        async with self._database.reading() as session:
            # As the index says it.
            found = await session.scalars(
                select(VisitRow.booth_id).where(VisitRow.phase != "ended")
            )
            return frozenset(found)

    async def last_dealt(self, booth_id: int) -> list[str]:
        """The questions that were dealt last at this booth, in whichever visit; none: none were, or
        they have been taken away."""
        newest = (
            select(VisitChangeRow.body)
            .join(VisitRow, VisitRow.id == VisitChangeRow.visit_id)
            .where(VisitRow.booth_id == booth_id, VisitChangeRow.kind == DEALT)
            .order_by(VisitRow.begun_at.desc(), VisitRow.id.desc(), VisitChangeRow.number.desc())
            .limit(1)
        )
        async with self._database.reading() as session:
            body = await session.scalar(newest)
        change = None if body is None else decode(body)
        return change.questions if isinstance(change, Dealt) else []

    async def capture(self, capture_id: str) -> StoredCapture | None:
        """A picture or signature by its id."""
        async with self._database.reading() as session:
            row = await session.get(CaptureRow, capture_id)
            return None if row is None else stored_capture(row)

    async def decision(self, decision_id: str) -> Decision | None:
        """A decision by its id."""
        async with self._database.reading() as session:
            row = await session.get(DecisionRow, decision_id)
            return None if row is None else stored_decision(row)


async def _refuse_repeated(
    session: AsyncSession, visit_id: int, changes: Sequence[AnyChange]
) -> None:
    for change in changes:
        if isinstance(change, Decided):
            first = await session.get(DecisionRow, change.id)
            if first is not None and first.visit_id == visit_id:
                raise AlreadyDecided(stored_decision(first))


async def _append(
    session: AsyncSession,
    row: VisitRow,
    changes: Sequence[AnyChange],
    actor: Actor,
    officer_id: int | None,
    at: datetime,
) -> None:
    now = _projection(row)
    log = []
    for change in changes:
        row.changes += 1
        log.append(
            VisitChangeRow(
                visit_id=row.id,
                number=row.changes,
                at=at,
                actor=actor,
                officer_id=officer_id,
                kind=str(change.__struct_config__.tag),
                body=encode(change),
            )
        )
        now = projection.after(now, change, at)
        await _look_up_rows(session, row.id, change, at)
    for column, value in asdict(now).items():
        setattr(row, column, value)
    session.add_all(log)
    await audit.append(session, row, log)


async def _look_up_rows(
    session: AsyncSession, visit_id: int, change: AnyChange, at: datetime
) -> None:
    match change:
        case Answered():
            await _forget_draft(session, visit_id, change.field)
        case Ended():
            await session.execute(delete(DraftRow).where(DraftRow.visit_id == visit_id))
            ticket = select(VisitRow.ticket_id).where(VisitRow.id == visit_id).scalar_subquery()
            await session.execute(
                update(TicketRow).where(TicketRow.id == ticket).values(state="done")
            )
        case _:
            pass
    decision = projection.decision(visit_id, change, at)
    if decision is not None:
        session.add(DecisionRow(**asdict(decision)))
    original: StoredCapture | None = None
    if isinstance(change, CaptureDerived):
        found = await session.get(CaptureRow, change.of)
        if found is None or found.visit_id != visit_id:
            raise NotThere(f"visit {visit_id} has no picture {change.of}")
        original = stored_capture(found)
    capture = projection.capture(visit_id, change, original)
    if capture is not None:
        session.add(CaptureRow(**asdict(capture)))
        await session.flush()


async def _forget_draft(session: AsyncSession, visit_id: int, field: str) -> None:
    await session.execute(
        delete(DraftRow).where(DraftRow.visit_id == visit_id, DraftRow.field == field)
    )


def _projection(row: VisitRow) -> Projection:
    return Projection(
        desk_id=row.desk_id,
        booth_id=row.booth_id,
        flow=row.flow,
        flow_version=row.flow_version,
        language=row.language,
        officer_id=row.officer_id,
        begun_at=row.begun_at,
        phase=cast(Phase, row.phase),
        outcome=cast("Outcome | None", row.outcome),
        reference=row.reference,
        ended_at=row.ended_at,
    )


async def _stored(session: AsyncSession, row: VisitRow) -> StoredVisit:
    log = await session.scalars(
        select(VisitChangeRow)
        .where(VisitChangeRow.visit_id == row.id)
        .order_by(VisitChangeRow.number)
    )
    drafts = await session.scalars(select(DraftRow).where(DraftRow.visit_id == row.id))
    return StoredVisit(
        id=row.id,
        branch_id=row.branch_id,
        desk_id=row.desk_id,
        booth_id=row.booth_id,
        occupant=row.occupant,
        ticket_id=row.ticket_id,
        flow=row.flow,
        flow_version=row.flow_version,
        language=cast(Language, row.language),
        phase=cast(Phase, row.phase),
        outcome=cast("Outcome | None", row.outcome),
        reference=row.reference,
        visitor=row.visitor,
        officer_id=row.officer_id,
        begun_at=row.begun_at,
        ended_at=row.ended_at,
        changes=row.changes,
        log=[
            StoredChange(
                entry.number,
                entry.at,
                cast(Actor, entry.actor),
                entry.officer_id,
                decode(entry.body),
            )
            for entry in log
            if entry.body is not None
        ],
        drafts={draft.field: Draft(draft.value, draft.at) for draft in drafts},
    )


def stored_capture(row: CaptureRow) -> StoredCapture:
    """The row as a record."""
    return StoredCapture(
        id=row.id,
        visit_id=row.visit_id,
        name=row.name,
        subject=row.subject,
        digest=row.digest,
        octets=row.octets,
        width=row.width,
        height=row.height,
        derived_from=row.derived_from,
    )


def stored_decision(row: DecisionRow) -> Decision:
    """The row as a record."""
    return Decision(
        id=row.id,
        visit_id=row.visit_id,
        outcome=cast(Outcome, row.outcome),
        reason=row.reason,
        at=row.at,
        corrects=row.corrects,
    )
