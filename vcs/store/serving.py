"""Which desks serve which branches: booths of several small ones may feed one desk.

A desk serves its own branch always, and every other branch that an administrator has named. A
booth stays its own branch's, wherever it is placed: its tickets, its visits, its guard.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, SQLColumnExpression, delete, exists, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from vcs.store.database import Database
from vcs.store.records import AlreadyThere, Branch, Desk, InUse, NotServed, NotThere
from vcs.store.tables import BoothBranchRow, BoothRow, BranchRow, DeskBranchRow, DeskRow


class Serving:
    """The branches of desks beside their own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, desk: Desk, branch: Branch) -> None:
        """From now on booths of this branch may be placed at the desk, and officers of the desk's
        branch see its visits. Raises `AlreadyThere`."""
        told = f"desk {desk.number} of {desk.branch!r} serves {branch.name!r} already"
        if desk.branch_id == branch.id:
            raise AlreadyThere(told)
        try:
            async with self._database.writing() as session:
                session.add(DeskBranchRow(desk_id=desk.id, branch_id=branch.id))
        except IntegrityError as error:
            raise AlreadyThere(told) from error

    async def end(self, desk: Desk, branch: Branch) -> None:
        """The desk serves that branch no more. Raises `NotThere`, and `InUse` while booths of the
        branch are placed at the desk."""
        name = f"desk {desk.number} of {desk.branch!r}"
        if desk.branch_id == branch.id:
            raise InUse(f"{name} is {branch.name!r}'s own: it serves that branch always")
        async with self._database.writing() as session:
            await _lock(session, desk.id)
            placed = await session.scalar(
                select(BoothRow.slot)
                .join(BoothBranchRow, BoothBranchRow.booth_id == BoothRow.id)
                .where(BoothRow.desk_id == desk.id, BoothBranchRow.branch_id == branch.id)
                .order_by(BoothRow.slot)
                .limit(1)
            )
            if placed is not None:
                raise InUse(
                    f"place {placed} at {name} has a booth of {branch.name!r}: "
                    "place it elsewhere first (vcs booth place)"
                )
            ended = await session.scalar(
                delete(DeskBranchRow)
                .where(DeskBranchRow.desk_id == desk.id, DeskBranchRow.branch_id == branch.id)
                .returning(DeskBranchRow.desk_id)
            )
        if ended is None:
            raise NotThere(f"{name} does not serve {branch.name!r}")

    async def branches_of(self, desk: Desk) -> list[Branch]:
        """Those that the desk serves: its own first, then by name."""
        async with self._database.reading() as session:
            rows = await session.scalars(
                select(BranchRow).where(_served(desk.id, BranchRow.id)).order_by(BranchRow.name)
            )
            found = [Branch(row.id, row.name) for row in rows]
        return sorted(found, key=lambda branch: branch.id != desk.branch_id)

    async def seen_from(self, branch_id: int) -> frozenset[int]:
        """The branches whose visits this branch's officers may look at: their own, and those that
        their desks serve."""
        async with self._database.reading() as session:
            others = await session.scalars(
                select(DeskBranchRow.branch_id)
                .join(DeskRow, DeskRow.id == DeskBranchRow.desk_id)
                .where(DeskRow.branch_id == branch_id)
            )
            return frozenset((branch_id, *others))


async def must_serve(session: AsyncSession, desk_id: int, branch_id: int) -> None:
    """Who ends it waits until this transaction is over. Raises `NotServed`, `NotThere`."""
    await _lock(session, desk_id)
    desk, branch = await session.get(DeskRow, desk_id), await session.get(BranchRow, branch_id)
    if desk is None or branch is None:
        raise NotThere(f"there is no desk {desk_id}, or no branch {branch_id}")
    if not await session.scalar(select(_served(desk_id, branch_id))):
        home = await session.get_one(BranchRow, desk.branch_id)
        raise NotServed(
            f"desk {desk.number} of {home.name!r} does not serve {branch.name!r} (vcs desk serve)"
        )


def _served(desk_id: int, branch_id: int | SQLColumnExpression[int]) -> ColumnElement[bool]:
    own = exists().where(DeskRow.id == desk_id, DeskRow.branch_id == branch_id)
    named = exists().where(DeskBranchRow.desk_id == desk_id, DeskBranchRow.branch_id == branch_id)
    return or_(own, named)


async def _lock(session: AsyncSession, desk_id: int) -> None:
    await session.scalar(select(DeskRow.id).where(DeskRow.id == desk_id).with_for_update())
