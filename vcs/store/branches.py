"""Branches and their desks."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError

from vcs.store.database import Database
from vcs.store.records import AlreadyThere, Branch, Desk, NotThere
from vcs.store.tables import BranchRow, DeskRow


def _desks() -> Select[DeskRow, str]:
    return select(DeskRow, BranchRow.name).join(BranchRow, BranchRow.id == DeskRow.branch_id)


def _desk(row: DeskRow, branch: str) -> Desk:
    return Desk(row.id, row.branch_id, branch, row.number, row.name)


class Branches:
    """Found and made here; nothing takes a branch away, because talk intervals name its desks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, name: str, desks: int = 1) -> Branch:
        """A branch with desks 1 to `desks`. Raises `AlreadyThere`."""
        try:
            async with self._database.writing() as session:
                row = BranchRow(name=name)
                session.add(row)
                await session.flush()
                session.add_all(
                    DeskRow(branch_id=row.id, number=number, name=f"Meja {number}")
                    for number in range(1, desks + 1)
                )
                return Branch(row.id, row.name)
        except IntegrityError as error:
            raise AlreadyThere(f"there is a branch named {name!r} already") from error

    async def all(self) -> list[Branch]:
        """By name."""
        async with self._database.reading() as session:
            rows = await session.scalars(select(BranchRow).order_by(BranchRow.name))
            return [Branch(row.id, row.name) for row in rows]

    async def name_of(self, branch_id: int) -> str:
        """Raises `NotThere`."""
        async with self._database.reading() as session:
            row = await session.get(BranchRow, branch_id)
            if row is None:
                raise NotThere(f"there is no branch {branch_id}")
            return row.name

    async def named(self, name: str) -> Branch:
        """Raises `NotThere`, naming the branches that there are."""
        branches = await self.all()
        for branch in branches:
            if branch.name == name:
                return branch
        known = ", ".join(repr(branch.name) for branch in branches) or "none yet"
        raise NotThere(f"there is no branch named {name!r} (there are: {known})")

    async def desks(self, branch_id: int) -> Sequence[Desk]:
        """The branch's desks, by number."""
        async with self._database.reading() as session:
            found = await session.execute(
                _desks().where(DeskRow.branch_id == branch_id).order_by(DeskRow.number)
            )
            return [_desk(row, branch) for row, branch in found]

    async def desk(self, desk_id: int) -> Desk | None:
        """One desk by its id."""
        async with self._database.reading() as session:
            found = (await session.execute(_desks().where(DeskRow.id == desk_id))).first()
            return None if found is None else _desk(found[0], found[1])

    async def desk_numbered(self, branch: Branch, number: int) -> Desk:
        """Raises `NotThere`."""
        for desk in await self.desks(branch.id):
            if desk.number == number:
                return desk
        raise NotThere(f"branch {branch.name!r} has no desk {number}")
