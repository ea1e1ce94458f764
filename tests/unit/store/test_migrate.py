from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.schema import CreateTable

import vcs.store
from vcs.store import Store
from vcs.store.migrate import REVISIONS
from vcs.store.records import StoreUnavailable
from vcs.store.tables import Table

FIRST_TABLES = (
    "branch",
    "desk",
    "booth",
    "pairing_code",
    "officer",
    "session",
    "talk_interval",
    "heartbeat",
)


def test_the_revisions_are_those_of_the_scripts() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(vcs.store.__file__).parent / "migrations"))
    scripts = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert tuple(reversed(scripts)) == REVISIONS


async def test_migrating_an_empty_database_gives_the_tables_of_the_models(empty_url: str) -> None:
    await (await Store.open(empty_url)).close()

    def compare(connection: Connection) -> list[object]:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        return list(compare_metadata(context, Table.metadata))

    engine = create_async_engine(empty_url)
    async with engine.connect() as connection:
        assert await connection.run_sync(compare) == []
    async with engine.begin() as connection:
        await connection.execute(text("ALTER TABLE ticket ADD COLUMN extra INTEGER"))
        assert len(await connection.run_sync(compare)) == 1, "the comparison sees nothing"
    await engine.dispose()


async def test_sqlites_tables_are_those_of_the_models_to_the_letter(
    sqlite_url: str,
) -> None:
    """Alembic compares no check constraints."""
    await (await Store.open(sqlite_url)).close()

    def lines(statement: str) -> list[str]:
        return sorted(line.strip().rstrip(",") for line in statement.splitlines() if line.strip())

    engine = create_async_engine(sqlite_url)
    async with engine.connect() as connection:
        found = await connection.execute(text("SELECT name, sql FROM sqlite_master"))
        migrated = {name: sql for name, sql in found if sql is not None}
    for name, table in Table.metadata.tables.items():
        assert lines(migrated[name]) == lines(str(CreateTable(table).compile(engine.sync_engine)))
    await engine.dispose()


async def _as_before(url: str) -> None:
    """What the first program left behind: its tables, and rows in them."""
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        tables = [Table.metadata.tables[name] for name in FIRST_TABLES]
        await connection.run_sync(lambda plain: Table.metadata.create_all(plain, tables))
        await connection.execute(text("INSERT INTO branch (id, name) VALUES (7, 'Cilandak')"))
        await connection.execute(
            text("INSERT INTO desk (id, branch_id, number, name) VALUES (3, 7, 1, 'Meja 1')")
        )
    await engine.dispose()


async def test_a_database_from_before_keeps_its_rows_and_gets_the_new_tables(
    empty_url: str,
) -> None:
    await _as_before(empty_url)
    store = await Store.open(empty_url)
    assert [(branch.id, branch.name) for branch in await store.branches.all()] == [(7, "Cilandak")]
    assert [desk.id for desk in await store.branches.desks(7)] == [3]
    assert await store.visits.search(7) == []
    await store.close()
    again = await Store.open(empty_url)
    assert len(await again.branches.all()) == 1
    await again.close()


async def test_programs_that_start_at_once_migrate_once(empty_url: str) -> None:
    await _as_before(empty_url)
    stores = await asyncio.gather(*(Store.open(empty_url) for _ in range(4)))
    for store in stores:
        assert len(await store.branches.all()) == 1
        await store.close()


async def test_a_database_of_a_newer_program_is_refused_and_left_alone(empty_url: str) -> None:
    await (await Store.open(empty_url)).close()
    engine = create_async_engine(empty_url)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreUnavailable, match=r"newer program.*9999"):
        await Store.open(empty_url)
    async with engine.connect() as connection:
        found = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    assert found == "9999"
    await engine.dispose()


async def test_a_migration_that_fails_leaves_nothing_behind(empty_url: str) -> None:
    await _as_before(empty_url)
    engine = create_async_engine(empty_url)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE outbox (in_the_way INTEGER)"))
    with pytest.raises(StoreUnavailable, match="outbox"):
        await Store.open(empty_url)
    async with engine.connect() as connection:
        tables = await connection.run_sync(lambda plain: set(inspect(plain).get_table_names()))
    assert tables == {*FIRST_TABLES, "outbox"}
    await engine.dispose()
