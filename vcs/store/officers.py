"""Officers and their password hashes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from vcs.messages import Language
from vcs.store.database import Database
from vcs.store.records import AlreadyThere, NotThere, Officer, Role
from vcs.store.tables import OfficerRow, SessionRow


def officer_record(row: OfficerRow) -> Officer:
    """The row as others may see it: without the password hash."""
    return Officer(
        id=row.id,
        name=row.name,
        display_name=row.display_name,
        branch_id=row.branch_id,
        role=cast(Role, row.role),
        language=cast(Language, row.language),
        disabled=row.disabled,
    )


class Officers:
    """An officer is disabled, never deleted: talk intervals name him."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self,
        *,
        name: str,
        display_name: str,
        password_hash: str,
        branch_id: int,
        role: Role = "officer",
        language: Language = "id",
    ) -> Officer:
        """Raises `AlreadyThere`."""
        try:
            async with self._database.writing() as session:
                row = OfficerRow(
                    name=name,
                    display_name=display_name,
                    password_hash=password_hash,
                    branch_id=branch_id,
                    role=role,
                    language=language,
                    disabled=False,
                )
                session.add(row)
                await session.flush()
                return officer_record(row)
        except IntegrityError as error:
            raise AlreadyThere(f"there is a user named {name!r} already") from error

    async def all(self) -> Sequence[Officer]:
        """By name."""
        async with self._database.reading() as session:
            rows = await session.scalars(select(OfficerRow).order_by(OfficerRow.name))
            return [officer_record(row) for row in rows]

    async def with_password_hash(self, name: str) -> tuple[Officer, str] | None:
        """For sign-in."""
        async with self._database.reading() as session:
            row = await session.scalar(select(OfficerRow).where(OfficerRow.name == name))
            return None if row is None else (officer_record(row), row.password_hash)

    async def set_password_hash(
        self, name: str, password_hash: str, *, end_sessions: bool = True
    ) -> None:
        """A new password ends the officer's sessions. Raises `NotThere`."""
        await self._change(name, end_sessions, password_hash=password_hash)

    async def set_disabled(self, name: str, disabled: bool) -> None:
        """Disabling ends the officer's sessions. Raises `NotThere`."""
        await self._change(name, disabled, disabled=disabled)

    async def _change(self, name: str, end_sessions: bool, **values: object) -> None:
        async with self._database.writing() as session:
            officer_id = await session.scalar(
                update(OfficerRow)
                .where(OfficerRow.name == name)
                .values(**values)
                .returning(OfficerRow.id)
            )
            if officer_id is None:
                raise NotThere(f"there is no user named {name!r}")
            if end_sessions:
                await session.execute(delete(SessionRow).where(SessionRow.officer_id == officer_id))
