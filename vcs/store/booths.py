"""Booths: their places at desks, and which device holds which place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from vcs.messages import Language
from vcs.store.database import Database
from vcs.store.records import AlreadyThere, BoothPlace, NotThere
from vcs.store.tables import BoothRow
from vcs.tokens import token_hash


def _place(row: BoothRow) -> BoothPlace:
    return BoothPlace(
        id=row.id,
        desk_id=row.desk_id,
        slot=row.slot,
        name=row.name,
        language=cast(Language, row.language),
        in_service=row.in_service,
        enrolled=row.device_token_hash is not None,
        token_changed_at=row.token_changed_at,
    )


class Booths:
    """Tokens come in as the client has them and are kept as hashes alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self, desk_id: int, slot: int, name: str | None = None, language: Language = "id"
    ) -> BoothPlace:
        """A place, named `Bilik N` when it gets no name. Raises `AlreadyThere`, `ValueError`."""
        if not 1 <= slot <= 6:
            raise ValueError(f"a desk has places 1 to 6, not {slot}")
        try:
            async with self._database.writing() as session:
                row = BoothRow(
                    desk_id=desk_id,
                    slot=slot,
                    name=name or f"Bilik {slot}",
                    language=language,
                    in_service=True,
                )
                session.add(row)
                await session.flush()
                return _place(row)
        except IntegrityError as error:
            raise AlreadyThere(f"the desk has a booth in place {slot} already") from error

    async def get(self, booth_id: int) -> BoothPlace | None:
        """One booth by its id."""
        async with self._database.reading() as session:
            row = await session.get(BoothRow, booth_id)
            return None if row is None else _place(row)

    async def at(self, desk_id: int, slot: int) -> BoothPlace | None:
        """The booth in this place of the desk."""
        async with self._database.reading() as session:
            row = await session.scalar(
                select(BoothRow).where(BoothRow.desk_id == desk_id, BoothRow.slot == slot)
            )
            return None if row is None else _place(row)

    async def of_desk(self, desk_id: int) -> Sequence[BoothPlace]:
        """The desk's booths, by slot."""
        async with self._database.reading() as session:
            rows = await session.scalars(
                select(BoothRow).where(BoothRow.desk_id == desk_id).order_by(BoothRow.slot)
            )
            return [_place(row) for row in rows]

    async def by_token(self, token: str) -> BoothPlace | None:
        """The booth whose device shows this token now."""
        async with self._database.reading() as session:
            row = await session.scalar(
                select(BoothRow).where(BoothRow.device_token_hash == token_hash(token))
            )
            return None if row is None else _place(row)

    async def revoke(self, booth_id: int, now: datetime) -> None:
        """No device holds this place any more. Raises `NotThere`."""
        await self._change(booth_id, device_token_hash=None, token_changed_at=now)

    async def set_in_service(self, booth_id: int, in_service: bool) -> None:
        """Switch the booth off or on again. Raises `NotThere`."""
        await self._change(booth_id, in_service=in_service)

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
