from __future__ import annotations

import asyncio
import re
import sqlite3
from pathlib import Path

import pytest

from vcs.store import Store, database
from vcs.store.records import StoreUnavailable
from vcs.store.tables import BranchRow


async def test_the_file_is_in_wal_mode_and_synced_at_each_commit(
    sqlite_url: str, tmp_path: Path
) -> None:
    store = await Store.open(sqlite_url)
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
    await store.close()


async def test_postgresql_syncs_each_commit_and_readers_have_one_view(
    empty_postgresql_url: str,
) -> None:
    store = await Store.open(empty_postgresql_url)
    async with store._database.reading() as session:
        connection = await session.connection()
        for setting, value in (
            ("synchronous_commit", "on"),
            ("lock_timeout", "5s"),
            ("transaction_isolation", "repeatable read"),
        ):
            found = await connection.exec_driver_sql(f"SHOW {setting}")
            assert found.scalar() == value
    await store.close()


async def test_a_postgresql_that_cannot_be_used_is_told_without_its_password(
    empty_postgresql_url: str, tmp_path: Path
) -> None:
    nowhere = f"postgresql+asyncpg://vcs:hush@/test?host={tmp_path}"
    with pytest.raises(StoreUnavailable, match="cannot use the database") as told:
        await Store.open(nowhere)
    assert "hush" not in str(told.value)
    unknown = re.sub(r"/test\d+", "/no_such_database", empty_postgresql_url)
    with pytest.raises(StoreUnavailable, match=r"no_such_database.* does not exist"):
        await Store.open(unknown)


async def test_an_address_that_is_none_is_told() -> None:
    with pytest.raises(StoreUnavailable, match="address"):
        await Store.open("nonsense")


async def test_what_was_written_is_there_after_opening_anew(database_url: str) -> None:
    first = await Store.open(database_url)
    await first.branches.add("Cilandak", 2)
    await first.close()
    second = await Store.open(database_url)
    assert [branch.name for branch in await second.branches.all()] == ["Cilandak"]
    await second.close()


async def test_writers_of_one_server_wait_for_each_other_however_long(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that is busy makes each transaction long: nobody's change is refused for that."""
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 50)
    store = await Store.open(database_url)
    entered: list[int] = []

    async def write(number: int) -> None:
        async with store._database.writing() as session:
            entered.append(number)
            session.add(BranchRow(name=f"Cabang {number}"))
            await session.flush()
            await asyncio.sleep(0.1)

    await asyncio.gather(*(write(number) for number in range(8)))
    assert sorted(entered) == list(range(8))
    if database_url.startswith("sqlite"):
        assert entered == list(range(8)), "who came first is first"
    assert len(await store.branches.all()) == 8
    await store.close()


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


async def test_nobody_else_on_the_machine_reads_the_files(sqlite_url: str, tmp_path: Path) -> None:
    store = await Store.open(sqlite_url)
    await store.branches.add("Cilandak")
    for name in ("vcs.db", "vcs.db-wal", "vcs.db-shm"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    await store.close()
