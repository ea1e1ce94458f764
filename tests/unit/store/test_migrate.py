from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
from alembic import command
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
LATER_INDICES = ("ix_talk_interval_officer", "ix_talk_interval_booth")
"""Of the first tables, and not there at first."""


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
        for index in LATER_INDICES:
            await connection.execute(text(f"DROP INDEX {index}"))
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
    assert await store.visits.search([7]) == []
    await store.close()
    again = await Store.open(empty_url)
    assert len(await again.branches.all()) == 1
    await again.close()


async def _as_of(url: str, revision: str) -> None:
    """The tables that a program of this revision had."""

    def upgrade(connection: Connection) -> None:
        config = Config()
        scripts = Path(vcs.store.__file__).parent / "migrations"
        config.set_main_option("script_location", str(scripts))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(upgrade)
    await engine.dispose()


async def test_booths_of_before_belong_to_the_branch_of_their_desk(empty_url: str) -> None:
    await _as_of(empty_url, "0003")
    engine = create_async_engine(empty_url)
    async with engine.begin() as connection:
        for number, name in ((7, "Cilandak"), (8, "Tebet")):
            await connection.execute(
                text("INSERT INTO branch (id, name) VALUES (:number, :name)"),
                {"number": number, "name": name},
            )
            await connection.execute(
                text(
                    "INSERT INTO desk (id, branch_id, number, name) VALUES (:desk, :branch, 1, 'x')"
                ),
                {"desk": number + 10, "branch": number},
            )
            await connection.execute(
                text(
                    "INSERT INTO booth (id, desk_id, slot, name, language, in_service) "
                    "VALUES (:booth, :desk, 2, 'Bilik 2', 'id', :yes)"
                ),
                {"booth": number + 20, "desk": number + 10, "yes": True},
            )
    await engine.dispose()
    store = await Store.open(empty_url)
    for booth, branch in ((27, "Cilandak"), (28, "Tebet")):
        place = await store.booths.get(booth)
        assert place is not None
        assert (place.slot, place.branch) == (2, branch)
    assert await store.serving.seen_from(7) == {7}
    await store.close()


async def test_programs_that_start_at_once_migrate_once(empty_url: str) -> None:
    await _as_before(empty_url)
    stores = await asyncio.gather(*(Store.open(empty_url) for _ in range(4)))
    for store in stores:
        assert len(await store.branches.all()) == 1
        await store.close()


async def test_who_starts_while_another_turns_the_journal_waits(tmp_path: Path) -> None:
    """Of four that start at once on a file with the old journal SQLite refuses one in fifty."""
    file = tmp_path / "vcs.db"
    url = f"sqlite+aiosqlite:///{file}"
    await _as_before(url)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")  # as the other has it for a moment
    opening = asyncio.create_task(Store.open(url))
    await asyncio.wait([opening], timeout=0.3)
    assert not opening.done()
    other.execute("COMMIT")
    other.close()
    await (await opening).close()


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
