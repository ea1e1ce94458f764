"""From whatever tables a database has to those of this program, in one transaction."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, text

from vcs.store.records import StoreUnavailable

REVISIONS: Final = ("0001", "0002", "0003", "0004", "0005", "0006")
"""Oldest first, as `migrations/versions` has them; the last is what this program works with."""

_SCRIPTS: Final = Path(__file__).parent / "migrations"
_LOCK: Final = 0x5643_5344  # of PostgreSQL's advisory locks: one program migrates, others wait


def is_current(connection: Connection, shown: str) -> bool:
    """Whether nothing is to be done. `shown`: the database's address, fit to be shown.

    Raises `StoreUnavailable` when the database is newer than this program.
    """
    return _version(connection, shown)[0] == REVISIONS[-1]


def migrate(connection: Connection, shown: str) -> None:
    """Bring the tables up. The connection is in a transaction, which the caller commits.

    Raises `StoreUnavailable` when the database is newer than this program.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    # Asked again: another program may have migrated while this one waited for its turn.
    version, stamped = _version(connection, shown)
    if version == REVISIONS[-1]:
        return
    from alembic import command  # half as long as all other imports, and needed once
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    if version is not None and not stamped:
        command.stamp(config, version)
    command.upgrade(config, REVISIONS[-1])


def _version(connection: Connection, shown: str) -> tuple[str | None, bool]:
    """The revision of the tables, and whether they say so themselves: those of the first programs
    do not, and are 0001. None: there are no tables."""
    tables = inspect(connection)
    if tables.has_table("alembic_version"):
        found = connection.scalar(text("SELECT version_num FROM alembic_version"))
        if found is not None:
            if found not in REVISIONS:
                raise StoreUnavailable(
                    f"the database {shown} was made by a newer program (its tables are of version "
                    f"{found}, this program knows {REVISIONS[-1]}): install that program, or bring "
                    "back a copy from before"
                )
            return str(found), True
    return (REVISIONS[0] if tables.has_table("branch") else None), False
