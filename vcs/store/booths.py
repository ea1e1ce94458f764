"""Booths: where they belong and where they are, and which device holds which place."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import Select, select, update
from sqlalchemy.exc import IntegrityError

from vcs.messages import Language
from vcs.store import places
from vcs.store.database import Database
from vcs.store.records import AlreadyThere, BoothPlace, InUse, NotThere, PlaceMove, PlaceTaken
from vcs.store.serving import must_serve
from vcs.store.tables import BoothBranchRow, BoothPlaceRow, BoothRow, BranchRow, DeskRow
from vcs.store.visit_tables import VisitRow
from vcs.tokens import token_hash


def _booths() -> Select[BoothRow, BoothPlaceRow, int, str]:
    return (
        select(BoothRow, BoothPlaceRow, BranchRow.id, BranchRow.name)
        .join(BoothPlaceRow, BoothPlaceRow.booth_id == BoothRow.id)
        .join(BoothBranchRow, BoothBranchRow.booth_id == BoothRow.id)
        .join(BranchRow, BranchRow.id == BoothBranchRow.branch_id)
    )


def _place(row: BoothRow, now: BoothPlaceRow, branch_id: int, branch: str) -> BoothPlace:
    return BoothPlace(
        id=row.id,
        desk_id=row.desk_id,
        slot=row.slot,
        name=row.name,
        language=cast(Language, row.language),
        in_service=row.in_service,
        enrolled=row.device_token_hash is not None,
        token_changed_at=row.token_changed_at,
        now_desk_id=now.desk_id,
        now_slot=now.slot,
        branch_id=branch_id,
        branch=branch,
    )


class Booths:
    """Tokens come in as the client has them and are kept as hashes alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self,
        desk_id: int,
        slot: int,
        name: str | None = None,
        language: Language = "id",
        branch_id: int | None = None,
    ) -> BoothPlace:
        """A place, named `Bilik N` when it gets no name, of the desk's own branch or of another one
        that the desk serves. Raises `AlreadyThere`, `NotServed`, `NotThere`, `ValueError`."""
        _check(slot)
        try:
            async with self._database.writing() as session:
                if branch_id is None:
                    branch_id = await session.scalar(
                        select(DeskRow.branch_id).where(DeskRow.id == desk_id)
                    )
                await must_serve(session, desk_id, branch_id or 0)
                row = BoothRow(
                    desk_id=desk_id,
                    slot=slot,
                    name=name or f"Bilik {slot}",
                    language=language,
                    in_service=True,
                )
                session.add(row)
                await session.flush()
                session.add(BoothPlaceRow(booth_id=row.id, desk_id=desk_id, slot=slot))
                session.add(BoothBranchRow(booth_id=row.id, branch_id=branch_id))
                await session.flush()
                found = await session.execute(_booths().where(BoothRow.id == row.id))
                return _place(*found.one())
        except IntegrityError as error:
            raise AlreadyThere(f"the desk has a booth in place {slot} already") from error

    async def place(self, booth_id: int, desk_id: int, slot: int) -> BoothPlace:
        """Another place for a booth, which stays its branch's and keeps its device.

        Raises `InUse` while a visit is under way there or the booth is away at another desk,
        `AlreadyThere` for a place that is taken, `NotServed` for a desk that does not serve the
        booth's branch, `NotThere`, `ValueError`.
        """
        _check(slot)
        try:
            async with self._database.writing() as session:
                row = await session.scalar(
                    select(BoothRow).where(BoothRow.id == booth_id).with_for_update()
                )
                now = await session.get(BoothPlaceRow, booth_id, with_for_update=True)
                if row is None or now is None:
                    raise NotThere(f"there is no booth {booth_id}")
                branch_id = await session.scalar(
                    select(BoothBranchRow.branch_id).where(BoothBranchRow.booth_id == booth_id)
                )
                await must_serve(session, desk_id, branch_id or 0)
                visit = await session.scalar(
                    select(VisitRow.id).where(
                        VisitRow.booth_id == booth_id, VisitRow.phase != "ended"
                    )
                )
                if visit is not None:
                    raise InUse(f"a visit is under way at {row.name!r}: wait until it has ended")
                if (now.desk_id, now.slot) != (row.desk_id, row.slot):
                    raise InUse(f"{row.name!r} is away at another desk: wait until it is back")
                row.desk_id = now.desk_id = desk_id
                row.slot = now.slot = slot
                await session.flush()
                found = await session.execute(_booths().where(BoothRow.id == booth_id))
                return _place(*found.one())
        except IntegrityError as error:
            raise AlreadyThere(f"the desk has a booth in place {slot} already") from error

    async def get(self, booth_id: int) -> BoothPlace | None:
        """One booth by its id."""
        return await self._one(_booths().where(BoothRow.id == booth_id))

    async def at(self, desk_id: int, slot: int) -> BoothPlace | None:
        """The booth that belongs in this place of the desk."""
        return await self._one(_booths().where(BoothRow.desk_id == desk_id, BoothRow.slot == slot))

    async def of_desk(self, desk_id: int) -> Sequence[BoothPlace]:
        """The booths that belong to the desk, by slot."""
        return await self._all(_booths().where(BoothRow.desk_id == desk_id).order_by(BoothRow.slot))

    async def of_branch(self, branch_id: int) -> Sequence[BoothPlace]:
        """The branch's booths at whichever desks, by desk and slot."""
        return await self._all(
            _booths().where(BranchRow.id == branch_id).order_by(BoothRow.desk_id, BoothRow.slot)
        )

    async def now_at(self, desk_id: int) -> Sequence[BoothPlace]:
        """The booths that are at the desk now, by the slot where they are."""
        return await self._all(
            _booths().where(BoothPlaceRow.desk_id == desk_id).order_by(BoothPlaceRow.slot)
        )

    async def by_token(self, token: str) -> BoothPlace | None:
        """The booth whose device shows this token now."""
        return (await self.by_tokens([token])).get(token)

    async def by_tokens(self, tokens: Collection[str]) -> dict[str, BoothPlace]:
        """Of each token the booth whose device shows it now; a token of none is left out. In one
        query: of no more tokens than a server has connections."""
        by_hash = {token_hash(token): token for token in tokens}
        async with self._database.reading() as session:
            found = await session.execute(
                _booths().where(BoothRow.device_token_hash.in_(list(by_hash)))
            )
            return {by_hash[one[0].device_token_hash or ""]: _place(*one) for one in found}

    async def revoke(self, booth_id: int, now: datetime) -> None:
        """No device holds this place any more. Raises `NotThere`."""
        await self._change(booth_id, device_token_hash=None, token_changed_at=now)

    async def set_in_service(self, booth_id: int, in_service: bool) -> None:
        """Switch the booth off or on again. Raises `NotThere`."""
        await self._change(booth_id, in_service=in_service)

    async def move(self, moves: Sequence[PlaceMove], now: datetime) -> None:
        """Booths that are free go to other places, all of them or none. Raises `PlaceTaken`."""
        try:
            async with self._database.writing() as session:
                await places.move(session, moves, now)
        except IntegrityError as error:  # another server's move came first
            raise PlaceTaken("another booth has this place") from error

    async def _one(self, wanted: Select[BoothRow, BoothPlaceRow, int, str]) -> BoothPlace | None:
        found = await self._all(wanted)
        return found[0] if found else None

    async def _all(self, wanted: Select[BoothRow, BoothPlaceRow, int, str]) -> list[BoothPlace]:
        async with self._database.reading() as session:
            return [_place(*found) for found in await session.execute(wanted)]

    async def _change(self, booth_id: int, **values: object) -> None:
        async with self._database.writing() as session:
            changed = await session.scalar(
                update(BoothRow)
                .where(BoothRow.id == booth_id)
                .values(**values)
                .returning(BoothRow.id)
            )
        if changed is None:
            raise NotThere(f"there is no booth {booth_id}")


def _check(slot: int) -> None:
    if not 1 <= slot <= 6:
        raise ValueError(f"a desk has places 1 to 6, not {slot}")
