"""Tickets: a branch's queue of one day."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal, cast

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from vcs.store.database import Database
from vcs.store.records import NotThere
from vcs.store.tables import BoothRow, BranchRow
from vcs.store.visit_tables import TicketRow, VisitRow
from vcs.tokens import token_hash

Priority = Literal["elderly", "disabled", "pregnant"]
TicketState = Literal["waiting", "called", "taken", "no_show", "done", "cancelled"]
VALID_FOR: Final = timedelta(hours=24)
"""Numbers begin anew each day: an old ticket must not open somebody else's visit."""
NO_SHOW_AFTER: Final = timedelta(minutes=3)

_CODE: Final = re.compile(r"([A-Z])-?0*([1-9][0-9]{0,5})")


class Taken(ValueError):
    """The ticket has been used. The text is fit to be shown."""


class BoothAwaits(ValueError):
    """Somebody was called to that booth and has not come yet. The text is fit to be shown."""


class NotCalled(ValueError):
    """Others come before this ticket. The text is fit to be shown."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """`code`: what is printed, such as `A-042`."""

    id: int
    branch_id: int
    day: date
    number: int
    code: str
    flow: str
    name: str | None
    priority: Priority | None
    state: TicketState
    issued_at: datetime
    called_at: datetime | None = None
    called_booth_id: int | None = None
    taken_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A branch's queue of one day, each list in the order in which people are called: who waits,
    who was called and has not come yet, who did not come."""

    waiting: Sequence[Ticket]
    called: Sequence[Ticket]
    missed: Sequence[Ticket]


class Tickets:
    """Tokens (of the QR code) come in as they are printed and are kept as hashes alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def issue(
        self,
        branch_id: int,
        day: date,
        *,
        flow: str,
        token: str,
        at: datetime,
        name: str | None = None,
        priority: Priority | None = None,
        letter: str = "A",
    ) -> Ticket:
        """The branch's next number of this day, from 1 without gaps. Raises `NotThere`."""
        async with self._database.writing() as session:
            # Who issues at the same branch at the same time waits here.
            branch = await session.scalar(
                select(BranchRow.id).where(BranchRow.id == branch_id).with_for_update()
            )
            if branch is None:
                raise NotThere(f"there is no branch {branch_id}")
            last = await session.scalar(
                select(func.max(TicketRow.number)).where(
                    TicketRow.branch_id == branch_id, TicketRow.day == day
                )
            )
            number = (last or 0) + 1
            row = TicketRow(
                branch_id=branch_id,
                day=day,
                number=number,
                code=f"{letter}-{number:03}",
                token_hash=token_hash(token),
                flow=flow,
                name=name,
                priority=priority is not None,
                priority_kind=priority,
                state="waiting",
                issued_at=at,
            )
            session.add(row)
            await session.flush()
            return _ticket(row)

    async def get(self, ticket_id: int) -> Ticket | None:
        """One ticket by its id."""
        async with self._database.reading() as session:
            row = await session.get(TicketRow, ticket_id)
            return None if row is None else _ticket(row)

    async def standing(self, branch_id: int, day: date, at: datetime) -> Standing:
        """The whole queue. Who was called `NO_SHOW_AFTER` ago counts as not come from now on."""
        called = await self.called(branch_id, day)
        if any(
            each.called_at is not None and each.called_at <= at - NO_SHOW_AFTER for each in called
        ):
            await self.expire_calls(branch_id, day, at)
            called = await self.called(branch_id, day)
        return Standing(
            await self.waiting(branch_id, day), called, await self.missed(branch_id, day)
        )

    async def waiting(self, branch_id: int, day: date) -> Sequence[Ticket]:
        """Who waits to be called: those with priority first, then by number."""
        return await self._in_state(branch_id, day, "waiting")

    async def called(self, branch_id: int, day: date) -> Sequence[Ticket]:
        """Who was called and has not come yet, in the same order."""
        return await self._in_state(branch_id, day, "called")

    async def _in_state(self, branch_id: int, day: date, state: TicketState) -> Sequence[Ticket]:
        async with self._database.reading() as session:
            rows = await session.scalars(
                select(TicketRow)
                .where(
                    TicketRow.branch_id == branch_id,
                    TicketRow.day == day,
                    TicketRow.state == state,
                )
                .order_by(TicketRow.priority.desc(), TicketRow.number)
            )
            return [_ticket(row) for row in rows]

    async def call_next(
        self, branch_id: int, day: date, booth_id: int, at: datetime
    ) -> Ticket | None:
        """Call the first who waits to this booth; None when nobody does. Raises `BoothAwaits`."""
        async with self._database.writing() as session:
            await _claim(session, booth_id, branch_id, day)
            row = await session.scalar(
                select(TicketRow)
                .where(
                    TicketRow.branch_id == branch_id,
                    TicketRow.day == day,
                    TicketRow.state == "waiting",
                )
                .order_by(TicketRow.priority.desc(), TicketRow.number)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
            if row is None:
                return None
            row.state, row.called_at, row.called_booth_id = "called", at, booth_id
            return _ticket(row)

    async def recall(self, ticket_id: int, at: datetime, booth_id: int | None = None) -> Ticket:
        """Call again who was called and did not come; `booth_id`: to another booth than before.
        Raises `NotThere`, `Taken`, `BoothAwaits`."""
        async with self._database.writing() as session:
            ticket = await session.get(TicketRow, ticket_id)
            if booth_id is not None and ticket is not None:
                await _claim(session, booth_id, ticket.branch_id, ticket.day)
            row = await _locked(session, ticket_id)
            row.called_booth_id = booth_id or row.called_booth_id
            _refuse_used(row)
            if row.state == "waiting":
                raise NotThere(f"ticket {row.code} has not been called yet")
            row.state, row.called_at = "called", at
            return _ticket(row)

    async def no_show(self, ticket_id: int) -> Ticket:
        """Who was called has not come. Raises `NotThere`, `Taken` when he came after all."""
        async with self._database.writing() as session:
            row = await _locked(session, ticket_id)
            _refuse_used(row)
            if row.state == "waiting":
                raise NotThere(f"ticket {row.code} has not been called yet")
            row.state = "no_show"
            return _ticket(row)

    async def take(self, branch_id: int, code_or_token: str, booth_id: int, at: datetime) -> Ticket:
        """The visitor sits down with this ticket; who was called and came late may too, and who sat
        down at this booth before but has begun no visit with it.

        Raises `NotThere` for a ticket that is unknown, cancelled, of another branch or older than
        `VALID_FOR`, `Taken` for one that was used, `NotCalled` while others come first.
        """
        async with self._database.writing() as session:
            row = await _find(session, branch_id, code_or_token, at)
            if row is None:
                raise NotThere("there is no such ticket today")
            again = row.state == "taken" and row.called_booth_id == booth_id
            if not again or await _has_visit(session, row.id):
                _refuse_used(row)
            if row.state == "waiting" and await _others_first(session, row):
                raise NotCalled(f"ticket {row.code} has not been called yet")
            row.state, row.taken_at = "taken", at
            row.called_booth_id = booth_id
            return _ticket(row)

    async def give_back(self, ticket_id: int) -> None:
        """Who sat down with it did not agree to be seen: it may be used again, at any booth."""
        async with self._database.writing() as session:
            row = await _locked(session, ticket_id)
            if row.state == "taken" and not await _has_visit(session, row.id):
                row.state = "called"

    async def expire_calls(self, branch_id: int, day: date, at: datetime) -> Sequence[Ticket]:
        """Who was called `NO_SHOW_AFTER` ago and has not come: taken out of the queue, and told."""
        async with self._database.writing() as session:
            rows = await session.scalars(
                select(TicketRow)
                .where(
                    TicketRow.branch_id == branch_id,
                    TicketRow.day == day,
                    TicketRow.state == "called",
                    TicketRow.called_at <= at - NO_SHOW_AFTER,
                )
                .with_for_update()
            )
            late = list(rows)
            for row in late:
                row.state = "no_show"
            return [_ticket(row) for row in late]

    async def call_off(self, booth_ids: Collection[int]) -> Sequence[Ticket]:
        """Nobody can be seen at these booths: who was called there and has not come waits again, at
        the place in the queue that he had."""
        async with self._database.writing() as session:
            rows = await session.scalars(
                select(TicketRow)
                .where(TicketRow.called_booth_id.in_(booth_ids), TicketRow.state == "called")
                .with_for_update()
            )
            found = list(rows)
            for row in found:
                row.state, row.called_at, row.called_booth_id = "waiting", None, None
            return [_ticket(row) for row in found]

    async def missed(self, branch_id: int, day: date) -> Sequence[Ticket]:
        """Who was called and did not come, in the same order."""
        return await self._in_state(branch_id, day, "no_show")

    async def cancel(self, ticket_id: int) -> None:
        """Nobody will come with this ticket. Raises `NotThere`, `Taken`."""
        async with self._database.writing() as session:
            row = await _locked(session, ticket_id)
            _refuse_used(row)
            row.state = "cancelled"


async def _claim(session: AsyncSession, booth_id: int, branch_id: int, day: date) -> None:
    """Who calls to the same booth at the same time waits here. Raises `BoothAwaits`."""
    await session.scalar(select(BoothRow.id).where(BoothRow.id == booth_id).with_for_update())
    awaited = await session.scalar(
        select(TicketRow.code)
        .where(
            TicketRow.branch_id == branch_id,
            TicketRow.day == day,
            TicketRow.called_booth_id == booth_id,
            TicketRow.state == "called",
        )
        .limit(1)
    )
    if awaited is not None:
        raise BoothAwaits(f"ticket {awaited} was called to this booth")


async def _locked(session: AsyncSession, ticket_id: int) -> TicketRow:
    row = await session.scalar(select(TicketRow).where(TicketRow.id == ticket_id).with_for_update())
    if row is None:
        raise NotThere(f"there is no ticket {ticket_id}")
    return row


async def _find(
    session: AsyncSession, branch_id: int, code_or_token: str, at: datetime
) -> TicketRow | None:
    typed = _CODE.fullmatch(code_or_token.strip().upper())
    which = (
        TicketRow.code == f"{typed[1]}-{int(typed[2]):03}"
        if typed
        else TicketRow.token_hash == token_hash(code_or_token.strip())
    )
    found: TicketRow | None = await session.scalar(
        select(TicketRow)
        .where(TicketRow.branch_id == branch_id, which, TicketRow.issued_at > at - VALID_FOR)
        .order_by(TicketRow.day.desc())
        .limit(1)
        .with_for_update()
    )
    return found


async def _has_visit(session: AsyncSession, ticket_id: int) -> bool:
    return (
        await session.scalar(select(VisitRow.id).where(VisitRow.ticket_id == ticket_id).limit(1))
    ) is not None


async def _others_first(session: AsyncSession, row: TicketRow) -> bool:
    """Somebody waits who is called before this one."""
    first = await session.scalar(
        select(TicketRow.id)
        .where(
            TicketRow.branch_id == row.branch_id,
            TicketRow.day == row.day,
            TicketRow.state == "waiting",
        )
        .order_by(TicketRow.priority.desc(), TicketRow.number)
        .limit(1)
    )
    return first is not None and first != row.id


def _refuse_used(row: TicketRow) -> None:
    if row.state in ("taken", "done"):
        raise Taken(f"ticket {row.code} has been used already")
    if row.state == "cancelled":
        raise NotThere(f"ticket {row.code} was cancelled")


def _ticket(row: TicketRow) -> Ticket:
    return Ticket(
        id=row.id,
        branch_id=row.branch_id,
        day=row.day,
        number=row.number,
        code=row.code,
        flow=row.flow,
        name=row.name,
        priority=cast("Priority | None", row.priority_kind),
        state=cast(TicketState, row.state),
        issued_at=row.issued_at,
        called_at=row.called_at,
        called_booth_id=row.called_booth_id,
        taken_at=row.taken_at,
    )
