from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from vcs.store import Store
from vcs.store.records import Desk, StoreUnavailable


async def test_the_file_is_in_wal_mode_and_synced_at_each_commit(
    store: Store, desk: Desk, tmp_path: Path
) -> None:
    with sqlite3.connect(tmp_path / "vcs.db") as other:
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        tables = {row[0] for row in other.execute("SELECT name FROM sqlite_master")}
    other.close()
    assert {"branch", "desk", "booth", "pairing_code", "officer", "session"} <= tables
    async with store._database.reading() as session:
        connection = await session.connection()
        for pragma, value in (("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 5000)):
            found = await connection.exec_driver_sql(f"PRAGMA {pragma}")
            assert found.scalar() == value


async def test_what_was_written_is_there_after_opening_anew(database_url: str) -> None:
    first = await Store.open(database_url)
    await first.branches.add("Cilandak", 2)
    await first.close()
    second = await Store.open(database_url)
    assert [branch.name for branch in await second.branches.all()] == ["Cilandak"]
    await second.close()


async def test_a_second_process_is_seen_at_once(store: Store, database_url: str) -> None:
    other = await Store.open(database_url)
    branch = await other.branches.add("Salemba")
    desk = (await store.branches.desks(branch.id))[0]
    place = await other.booths.add(desk.id, 1)
    assert await store.booths.at(desk.id, 1) == place
    await other.close()


async def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "vcs.db"
    path.write_bytes(b"this is not SQLite" * 100)
    with pytest.raises(StoreUnavailable, match="not a database"):
        await Store.open(f"sqlite+aiosqlite:///{path}")
    with pytest.raises(StoreUnavailable, match="unable to open"):
        await Store.open(f"sqlite+aiosqlite:///{tmp_path}/nowhere/vcs.db")


async def test_nobody_else_on_the_machine_reads_the_files(store: Store, tmp_path: Path) -> None:
    await store.branches.add("Cilandak")
    for name in ("vcs.db", "vcs.db-wal", "vcs.db-shm"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
