"""INSERT ... ON CONFLICT, which both databases have and SQLAlchemy keeps apart."""

from __future__ import annotations

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from vcs.store.tables import Table


def upsert(session: AsyncSession, table: type[Table]) -> sqlite.Insert | postgresql.Insert:
    """An insert of the session's database; both take `on_conflict_do_update` alike."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)
